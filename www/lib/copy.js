// A button that copies a text.

import { el } from "./dom.js";

/** `say` is told the outcome in words, for a live region. `source` is the element whose text is copied. */
export function copyButton(source, name, say = () => {}) {
  const button = el("button", { type: "button", class: "small", "aria-label": `Copy ${name}` }, "Copy");
  button.addEventListener("click", async () => {
    const outcome = (await copied(source)) ? "Copied" : "Selected";
    button.textContent = outcome;
    say(`${outcome}: ${name}`);
    setTimeout(() => (button.textContent = "Copy"), 2000);
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
