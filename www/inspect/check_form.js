// The form that says with which key to check, and what else to ask of the token.

import { byId } from "../lib/dom.js";
import { addressTrouble, keysAt, pastedKeys, usualAddress } from "./keys.js";
import { withKeys, withSecret } from "./checking.js";

const SOURCES = ["address", "pasted", "secret"];

/** `{ rules, prefill, useSecret, complain }`. `onChange()`: something in it is another now; `onCheck(prepare)`: it was sent. */
export function checkForm({ onChange, onCheck }) {
  const [form, address, pasted, secret, note, trouble] = ["check", "address", "pasted", "secret", "address-note", "key-trouble"].map(byId);
  const choices = new Map(SOURCES.map((name) => [name, byId(`by-${name}`)]));
  // What somebody chose or typed is theirs: another token does not change it.
  let isChosen = false;
  let isTyped = false;

  const chosen = () => SOURCES.find((name) => choices.get(name).checked);
  const choose = (name) => {
    choices.get(name).checked = true;
    showFields();
  };
  const showFields = () => {
    for (const name of SOURCES) byId(`${name}-fields`).hidden = name !== chosen();
    note.textContent = addressNote(address.value.trim());
  };

  form.addEventListener("input", ({ target }) => {
    if (target === address) isTyped = true;
    if (target.name === "source") isChosen = true;
    showFields();
    complain("");
    onChange();
  });
  // The browser shows the field that it does not accept, so it has to be there to be seen.
  form.addEventListener("invalid", () => (byId("rules").open = true), true);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    complain("");
    onCheck(PREPARE[chosen()](form));
  });

  function complain(words) {
    trouble.textContent = words;
    for (const field of [address, pasted, secret]) field.removeAttribute("aria-invalid");
    if (words !== "") byId(chosen()).setAttribute("aria-invalid", "true");
  }

  return {
    rules: () => rulesOf(form),
    complain,
    prefill(header, claims) {
      if (!isTyped) address.value = usualAddress(claims.iss, location.origin);
      if (!isChosen) choices.get(/^HS/u.test(header.alg) ? "secret" : "address").checked = true;
      showFields();
    },
    useSecret(text) {
      secret.value = text;
      byId("as-text").checked = true;
      choose("secret");
    },
  };
}

/** For each source what gets a check ready: `(subject, slim) => check`, from the form as it was when it was sent. */
const PREPARE = {
  address: ({ elements: { address } }) => {
    const url = address.value.trim();
    return async (subject, slim) => withKeys(subject, await keysAt(url, slim), slim);
  },
  pasted: ({ elements: { pasted } }) => {
    const text = pasted.value;
    return async (subject, slim) => withKeys(subject, pastedKeys(text), slim);
  },
  secret: ({ elements: { secret, spelling } }) => {
    const given = { text: secret.value, isBase64url: spelling.value === "base64url" };
    return (subject, slim) => withSecret(subject, given, slim);
  },
};

function addressNote(address) {
  const trouble = addressTrouble(address, location.origin);
  if (trouble) return trouble;
  const { host, pathname } = new URL(address);
  return `When you press the button, this page asks ${host} for ${pathname} and for nothing else. The token is not sent.`;
}

/** The rules in the form; those that are left empty are not there, and a leeway that is none is left to the form to refuse. */
function rulesOf({ elements: { issuer, audience, leeway, kind } }) {
  return {
    ...(issuer.value.trim() && { issuer: issuer.value.trim() }),
    ...(audience.value.trim() && { audience: audience.value.trim() }),
    ...(leeway.value && leeway.validity.valid && { leeway: leeway.valueAsNumber }),
    ...(kind.value && { tokenType: kind.value }),
  };
}
