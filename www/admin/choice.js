// One of a few, all of them in sight.

import { el } from "../lib/dom.js";

/** `options` are `[value, words]`; `onChoose(value)` is called when another one is chosen. */
export function choice({ name, legend, options, chosen, onChoose }) {
  const buttons = options.map(([value, words]) => {
    const id = `${name}-${value}`;
    const change = () => onChoose(value);
    const radio = el("input", { type: "radio", class: "unseen", name, id, value, checked: value === chosen, change });
    return el("span", {}, radio, el("label", { for: id }, words));
  });
  return el("fieldset", { class: "choice" }, el("legend", { class: "unseen" }, legend), ...buttons);
}
