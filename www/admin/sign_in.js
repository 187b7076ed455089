// Asks for the admin key.

import { el, fill } from "../lib/dom.js";

/** `{ nodes, focus }`; `open(key)` resolves when the key is good, then `onOpen` is called. `words` say why one is asked. */
export function signInForm({ open, onOpen, words }) {
  const outcome = el("div", { role: "status" }, words && message(words));
  const field = el("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
    "aria-describedby": "key-note",
  });
  const button = el("button", { type: "submit", class: "main" }, "Sign in");

  async function submit(event) {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    fill(outcome, message("Asking the server…"));
    try {
      await open(field.value.trim());
      onOpen();
    } catch (failure) {
      fill(outcome, message(failure.message, "bad"));
      field.setAttribute("aria-invalid", failure.status === 401);
      field.select();
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  const form = el("form", { class: "card slip sign-in", submit }, outcome, fieldWith(field), el("div", { class: "row" }, button));
  return { nodes: [intro(), form], focus: () => field.focus() };
}

const message = (words, state) => el("p", { class: "message", "data-state": state }, words);

const intro = () =>
  el(
    "div",
    { class: "intro" },
    el("h1", {}, "Admin"),
    el("p", {}, "Who is signed in, what was called back, which keys sign. The console does what the admin API does, and nothing else."),
  );

const fieldWith = (field) =>
  el(
    "div",
    { class: "field" },
    el("label", { for: "key" }, "Admin key"),
    field,
    el(
      "span",
      { class: "note", id: "key-note" },
      "The secret ADMIN_KEY of this Worker. It stays in the memory of this page: a reload, leaving the page, or 15 minutes without " +
        "activity forget it.",
    ),
  );
