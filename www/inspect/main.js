// The Inspector: what was pasted is read as one types, and checked when one asks for it. It stays in this page's memory: not in the
// address, not in any storage, not in the console.

import { decode } from "/hallpass/decode.js";
import { byId, el, fill } from "../lib/dom.js";
import { nowSeconds } from "../lib/time.js";
import { verifying } from "../lib/verifying.js";
import { calledBackCard } from "./called_back.js";
import { checkForm } from "./check_form.js";
import { withoutKey } from "./checking.js";
import { exampleToken } from "./example.js";
import { cleaned } from "./input.js";
import { KeyTrouble } from "./keys.js";
import { takenApart } from "./parts.js";
import { summary } from "./summary.js";
import { tokenView } from "./token_view.js";
import { verdictCard } from "./verdict.js";

const [input, removedNote, message, empty, said, checks] = ["token", "removed", "summary", "empty", "said", "checks"].map(byId);
const view = tokenView();
const verdict = verdictCard();
const calledBack = calledBackCard();
const form = checkForm({ onChange: judgeWithoutKey, onCheck: judgeWithKey });

/** The token in question, where there is one that can be checked. */
let subject;
/** What was pasted, taken apart; why the package refuses it, if it does. */
let pasted;
/** What is asked every second, and with what: `{ check, rules, withKey }`. */
let question;

input.addEventListener("input", read);
byId("clear").addEventListener("click", clear);
byId("example").addEventListener("click", showExample);
setInterval(tick, 1000);
read();

function read() {
  const { token, removed } = cleaned(input.value);
  removedNote.textContent = removed.length > 0 ? `Taken away: ${removed.join(", ")}.` : "";
  pasted = token === "" ? undefined : { apart: takenApart(token), ...decoded(token) };
  empty.hidden = pasted !== undefined;
  view.show(pasted?.apart ?? { parts: [] });
  summarise();
  said.hidden = !pasted?.apart.header && !pasted?.apart.claims;
  subject = pasted?.claims && { token, header: pasted.header, claims: pasted.claims };
  checks.hidden = !subject;
  calledBack.show(subject?.token, subject?.claims);
  if (subject) form.prefill(subject.header, subject.claims);
  judgeWithoutKey();
}

/** `{ header, claims }` as the package reads them, which is strict, or `{ refusal }`. */
function decoded(token) {
  try {
    return decode(token);
  } catch (refusal) {
    return { refusal };
  }
}

function summarise() {
  const { state, words, more } = pasted ? summary(pasted.apart, pasted.refusal, nowSeconds()) : { state: "", words: "", more: [] };
  const text = [words, ...more].join("\n");
  // Said once, and not again every second.
  if (message.dataset.text === text) return;
  message.dataset.text = text;
  message.dataset.state = state;
  fill(message, words || undefined, more.length > 0 && el("ul", {}, ...more.map((line) => el("li", {}, line))));
}

function judgeWithoutKey() {
  form.complain("");
  return judge(withoutKey, false);
}

function judgeWithKey(prepare) {
  return judge(prepare, true);
}

/** Gets a check ready and asks it. Another token, another key or another press of the button makes it void. */
async function judge(prepare, withKey) {
  const mine = { rules: form.rules(), withKey };
  question = mine;
  busy(withKey);
  try {
    if (subject) mine.check = await prepare({ ...subject, rules: mine.rules }, await slim());
    if (mine === question) await ask();
  } catch (error) {
    if (mine === question) failed(error, withKey);
  } finally {
    if (mine === question) busy(false);
  }
}

async function ask() {
  const mine = question;
  if (!mine?.check) return;
  const outcome = await mine.check.explain();
  if (mine === question) verdict.show(outcome, { rules: mine.rules, withKey: mine.withKey, keys: mine.check.keys, now: nowSeconds() });
}

function failed(error, withKey) {
  if (!(error instanceof KeyTrouble)) return verdict.fail(error.reason ?? error.message);
  judgeWithoutKey();
  if (withKey) form.complain(error.message);
}

async function slim() {
  try {
    return await verifying();
  } catch (cause) {
    throw new Error("The part of this page that checks tokens could not be loaded. Press the button to try again.", { cause });
  }
}

function busy(is) {
  byId("check-button").textContent = is ? "Checking…" : "Check the signature";
}

function tick() {
  if (document.hidden || !pasted) return;
  view.tick();
  summarise();
  ask().catch((error) => verdict.fail(error.reason ?? error.message));
}

function clear() {
  input.value = "";
  read();
  input.focus();
}

async function showExample() {
  const { token, secret } = await exampleToken();
  input.value = token;
  form.useSecret(secret);
  read();
  input.focus();
}
