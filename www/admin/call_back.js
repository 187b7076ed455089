// Calling a token back that somebody has in hand, or whose id is known.

import { el, fill } from "../lib/dom.js";
import { dateText } from "../lib/time.js";
import { confirmed } from "./confirm.js";
import { failureMessage } from "./asking.js";
import { calledBackWords } from "./words.js";

/** Two forms; `then()` is called when something was called back. */
export function callBackCards(context, then) {
  return [tokenForm(context, then), idForm(context, then)];
}

function tokenForm(context, then) {
  const attributes = { required: true, spellcheck: "false", autocomplete: "off", "aria-describedby": "token-note" };
  const token = el("textarea", { id: "token", name: "token", ...attributes });
  const note = "An access token is called back by itself; of a refresh or sliding token the whole session ends.";
  return card(context, {
    title: "Call a token back",
    fields: [field("token", "Token", token, note)],
    body: () => ({ token: token.value.trim().replace(/^Bearer\s+/i, "") }),
    question: ({ token }) => wordsAbout(token),
    then,
  });
}

function idForm(context, then) {
  const text = (id, attributes) => el("input", { id, type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
  const jti = text("jti", { name: "jti", required: true });
  const sub = text("of-sub", { name: "sub", required: true });
  const exp = text("exp", { name: "exp", inputmode: "numeric", pattern: "\\s*[0-9]*\\s*", "aria-describedby": "exp-note" });
  return card(context, {
    title: "Call back by id",
    fields: [
      field("jti", "Id of the token (jti)", jti),
      field("of-sub", "User (sub)", sub),
      field("exp", "Expiry (exp), if known", exp, "In seconds since the epoch; without it the entry stays as long as any token could."),
    ],
    body: () => ({ jti: jti.value.trim(), sub: sub.value.trim(), exp: exp.value.trim() === "" ? undefined : Number(exp.value) }),
    question: ({ jti, sub }) => [
      `The token ${jti} of ${sub} is called back. If it is a refresh or sliding token from here, its session ends.`,
    ],
    then,
  });
}

const field = (id, label, control, note) =>
  el("div", { class: "field" }, el("label", { for: id }, label), control, note && el("span", { class: "note", id: `${id}-note` }, note));

function card(context, { title, fields, body, question, then }) {
  const outcome = el("div", { role: "status" });
  const button = el("button", { type: "submit", class: "danger" }, "Call back");
  const form = el("form", { class: "card" }, el("h2", {}, title), ...fields, el("div", { class: "row" }, button), outcome);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const what = body();
    const words = await question(what);
    if (!(await confirmed({ title: "Call this token back?", words, verb: "Call back", signal: context.signal }))) return;
    // Somebody may have gone on typing by the time of the answer.
    const clear = () => JSON.stringify(body()) === JSON.stringify(what) && form.reset();
    await callBack(context, { what, form, outcome, clear, then });
  });
  return form;
}

/** What was typed stays until it is done. How it went is told where one is by then. */
async function callBack(context, { what, form, outcome, clear, then }) {
  const { api, say, signal } = context;
  fill(outcome, el("p", { class: "message" }, "Asking the server…"));
  for (const control of form.elements) control.removeAttribute("aria-invalid");
  try {
    const { key } = await api.callBack(what);
    if (signal.aborted) return say(calledBackWords(key), "good");
    clear();
    fill(outcome, el("p", { class: "message", "data-state": "good" }, calledBackWords(key)));
    then();
  } catch (failure) {
    if (signal.aborted) return say(`Calling a token back: ${failure.message}`, "bad");
    for (const name of Object.keys(failure.fields ?? {})) form.elements[name]?.setAttribute("aria-invalid", "true");
    fill(outcome, failureMessage(failure, () => callBack(context, { what, form, outcome, clear, then })));
  }
}

/** What a token says of itself, before anybody has checked it. */
async function wordsAbout(token) {
  const sure = "This cannot be undone.";
  try {
    const { decode } = await import("/hallpass/decode.js");
    const { claims } = decode(token);
    const expiry = typeof claims.exp === "number" ? ` It expires: ${dateText(claims.exp)}.` : "";
    return [`By its own words: a token of kind ${claims.token_type ?? "unknown"}, of ${claims.sub ?? "nobody named"}.${expiry}`, sure];
  } catch {
    return ["What was pasted does not read as a token; the server will say what is wrong with it.", sure];
  }
}
