// Asks before something is done that cannot be taken back.

import { el } from "../lib/dom.js";

/**
 * Resolves to whether it shall be done. `verb` is what the button says; with `typed`, a list of texts, one of them has to be
 * typed first. `signal` takes the question back. One is asked at a time: a second one is answered with no.
 */
export async function confirmed({ title, words, verb, typed, signal }) {
  if (signal.aborted || document.querySelector("dialog[open]")) return false;
  const go = el("button", { type: "submit", class: "danger", disabled: Boolean(typed) }, verb);
  const field = typed && el("input", { id: "confirm-text", type: "text", autocomplete: "off", spellcheck: "false" });
  field?.addEventListener("input", () => (go.disabled = !typed.includes(field.value.trim())));
  const cancel = el("button", { type: "button", autofocus: !typed, click: () => dialog.close() }, "Cancel");
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "confirm-title" }, title),
    ...words.map((text) => el("p", {}, text)),
    field && el("div", { class: "field" }, el("label", { for: "confirm-text" }, wanted(typed)), field),
    el("div", { class: "row" }, cancel, go),
  );
  const dialog = el("dialog", { class: "card", "aria-labelledby": "confirm-title" }, form);
  return asked(dialog, form, signal);
}

const wanted = (typed) => `To confirm, type ${typed.map((text) => `“${text}”`).join(" or ")}`;

function asked(dialog, form, signal) {
  document.body.append(dialog);
  const settled = new AbortController();
  signal.addEventListener("abort", () => dialog.close(), { signal: settled.signal });
  dialog.showModal();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close("done");
    });
    dialog.addEventListener("close", () => {
      settled.abort();
      dialog.remove();
      resolve(dialog.returnValue === "done" && !signal.aborted);
    });
  });
}
