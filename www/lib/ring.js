// A ring that empties as a token's time runs out.

import { el, svg } from "./dom.js";
import { duration } from "./time.js";

const RADIUS = 26;
const LENGTH = 2 * Math.PI * RADIUS;

/** `{ node, show(left, total, label) }`, in seconds. The text beside it tells the same, so the drawing is hidden from readers. */
export function expiryRing() {
  const circle = (name) => svg("circle", { class: name, cx: 32, cy: 32, r: RADIUS, fill: "none", "stroke-width": 6 });
  const rest = circle("ring-rest");
  rest.setAttribute("stroke-dasharray", LENGTH);
  rest.setAttribute("transform", "rotate(-90 32 32)");
  const drawing = svg("svg", { viewBox: "0 0 64 64", width: 64, height: 64, "aria-hidden": "true" }, circle("ring-whole"), rest);
  const words = el("span", { class: "ring-words" });
  const node = el("div", { class: "ring" }, drawing, words);
  return {
    node,
    show(left, total, label = left > 0 ? `${duration(left)} left` : "expired") {
      const share = total > 0 ? Math.min(1, Math.max(0, left / total)) : 0;
      rest.setAttribute("stroke-dashoffset", LENGTH * (1 - share));
      node.dataset.state = left <= 0 ? "over" : share < 0.2 ? "short" : "good";
      words.textContent = label;
    },
  };
}
