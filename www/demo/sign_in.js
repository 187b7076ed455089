// The two forms that open a session, and what the issuer has to say of what was typed in.

import { byId } from "../lib/dom.js";
import { accountsHere } from "./accounts.js";
import { showMails } from "./mails.js";
import { say, wordsOf } from "./message.js";

const OPTIONAL = ["first_name", "last_name"];

/** What goes with the code that is asked for. */
let challenge;

/** What `accountsHere` promises; asked for when the forms are first shown. */
let accounts;

export function wireForms(session) {
  onSubmit(byId("register"), (fields) => session.register(fields));
  onSubmit(byId("sign-in"), (fields) => session.signIn(fields));
  onSubmit(byId("code"), ({ code }) => session.signInWithCode({ challenge, code }));
}

/** Shows the forms, if there is any use in them. */
export async function showForms() {
  for (const form of forms()) clear(form);
  accounts ??= accountsHere();
  if (!(await accounts).kept) showNoAccounts();
}

/** Nothing that was typed in stays. */
export function emptyForms() {
  for (const form of forms()) {
    form.reset();
    clear(form);
  }
  byId("code").hidden = true;
}

const forms = () => [byId("register"), byId("sign-in"), byId("code")];

function onSubmit(form, open) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    clear(form);
    form.ariaBusy = "true";
    try {
      await open(await typedIn(form));
    } catch (error) {
      await showRefusal(form, error);
    }
    form.ariaBusy = "false";
  });
}

async function typedIn(form) {
  const { email, ...others } = Object.fromEntries(new FormData(form));
  for (const name of OPTIONAL) if (others[name] === "") delete others[name];
  return { [(await accounts).field ?? "email"]: email, ...others };
}

async function showRefusal(form, error) {
  if (error.status === 404) return showNoAccounts();
  if (error.code === "otp_required") return askForCode(error.challenge);
  const { field } = await accounts;
  const wrong = error.status === 400 ? Object.entries(Object(error.answer)) : [];
  const unplaced = wrong.filter(([name, texts]) => !showAt(form, name === field ? "email" : name, sentences(texts)));
  const told = unplaced.map(([name, texts]) => `${name}: ${sentences(texts)}`).join(" ");
  if (told || wrong.length === 0) say(messageOf(form), told || wordsOf(error), "bad");
  form.querySelector('[aria-invalid="true"]')?.focus();
}

/** Nobody need type the password again, nor see it stay. */
function askForCode(given) {
  challenge = given;
  emptyForms();
  byId("code").hidden = false;
  byId("code-code").focus();
  // Nobody waits for it: the code may come by another way.
  void showMails();
}

const sentences = (texts) => [texts].flat(2).map(String).join(" ");

/** Whether the form has such a field. */
function showAt(form, name, text) {
  const input = form.elements.namedItem(name);
  if (!(input instanceof HTMLInputElement)) return false;
  input.setAttribute("aria-invalid", "true");
  byId(`${input.id}-wrong`).textContent = text;
  return true;
}

function clear(form) {
  say(messageOf(form));
  for (const input of form.querySelectorAll("input")) {
    input.removeAttribute("aria-invalid");
    byId(`${input.id}-wrong`).textContent = "";
  }
}

const messageOf = (form) => form.querySelector(".message");

function showNoAccounts() {
  byId("forms").hidden = true;
  byId("no-accounts").hidden = false;
}
