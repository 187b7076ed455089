// A button that copies a text.

import { el } from "./dom.js";

/** `say` is told the outcome in words, for a live region. `source` is the element whose text is copied. */
export function copyButton(source, name, say = () => {}) {
  const button = el("button", { type: "button", class: "small" });
  const show = (word) => {
    button.textContent = word;
    // Who speaks to the machine says what is to be read.
    button.setAttribute("aria-label", `${word} ${name}`);
  };
  show("Copy");
  button.addEventListener("click", async () => {
    const outcome = (await copied(source)) ? "Copied" : "Selected";
    show(outcome);
    say(`${outcome}: ${name}`);
    setTimeout(() => show("Copy"), 2000);
  });
  return button;
}

/** Whether the text is on the clipboard; where there is none to write to, it is selected instead. */
async function copied(source) {
  try {
    // Absent on pages that came over plain HTTP, localhost apart.
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return false;
  }
}
