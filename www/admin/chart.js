// A chart of bars, one for each day. A finger, a mouse or the arrow keys choose a day, whose count is then told in words.

import { el, svg } from "../lib/dom.js";
import { counted, dayText, numberText, shortDayText } from "./periods.js";

const HEIGHT = 96;
const LEAST = 2;

/** `{ node, choose(index) }`. `onChoose(index)` is called when a day was chosen here. */
export function dayChart({ measure, days, onChoose }) {
  const counts = days.map((day) => day[measure.name]);
  const most = Math.max(...counts);
  const bars = counts.map((count, index) => bar(count / (most || 1), index, days.length));
  const plot = el("div", sliderOf(measure, days), svg("svg", { width: "100%", height: HEIGHT, "aria-hidden": "true" }, ...bars, base()));
  const told = el("p", { class: "chosen-day", "aria-hidden": "true" });
  let chosen = days.length - 1;

  function choose(index) {
    bars[chosen].classList.remove("chosen");
    chosen = Math.min(days.length - 1, Math.max(0, index));
    bars[chosen].classList.add("chosen");
    const words = `${dayText(days[chosen].day)}: ${counted(counts[chosen], measure)}`;
    plot.setAttribute("aria-valuenow", chosen + 1);
    plot.setAttribute("aria-valuetext", words);
    told.textContent = words;
  }

  plot.addEventListener("keydown", (event) => {
    const index = movedTo(event.key, chosen, days.length);
    if (index === undefined) return;
    event.preventDefault();
    onChoose(index);
  });
  for (const kind of ["pointermove", "pointerdown"]) {
    plot.addEventListener(kind, (event) => onChoose(dayAt(plot, event.clientX, days.length)));
  }
  choose(chosen);
  return { node: el("div", { class: "chart" }, ceiling(most), plot, ends(days), told), choose };
}

// Told by aria-valuetext, which is read out whenever it changes.
const sliderOf = (measure, days) => ({
  class: "plot",
  role: "slider",
  tabindex: "0",
  "aria-label": `${measure.title} by day`,
  "aria-valuemin": 1,
  "aria-valuemax": days.length,
});

function bar(share, index, count) {
  const height = share > 0 ? Math.max(LEAST, share * (HEIGHT - 1)) : 0;
  const width = 100 / count;
  const shape = svg("rect", {
    class: "bar",
    x: `${(index + 0.1) * width}%`,
    y: HEIGHT - 1 - height,
    width: `${width * 0.8}%`,
    height,
  });
  const column = svg("rect", { class: "column", x: `${index * width}%`, y: 0, width: `${width}%`, height: HEIGHT });
  return svg("g", {}, column, shape);
}

const base = () => svg("line", { class: "base", x1: 0, x2: "100%", y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 });

const ceiling = (most) => el("p", { class: "note ceiling", "aria-hidden": "true" }, most > 0 ? numberText(most) : "–");

const ends = (days) =>
  el("p", { class: "note row apart", "aria-hidden": "true" }, el("span", {}, shortDayText(days[0].day)), el("span", {}, "today"));

function movedTo(key, index, count) {
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7, Home: -count, End: count };
  return key in steps ? Math.min(count - 1, Math.max(0, index + steps[key])) : undefined;
}

function dayAt(plot, x, count) {
  const { left, width } = plot.getBoundingClientRect();
  return Math.min(count - 1, Math.max(0, Math.floor(((x - left) / width) * count)));
}
