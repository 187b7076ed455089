// The ring on a line of time: a key is published, signs, and is over when its last token is.

import { el, svg } from "../lib/dom.js";
import { dateText, fromNow } from "../lib/time.js";
import { keyStateClass } from "./words.js";

const HEIGHT = 26;
/** What comes after the last date that is known. */
const AHEAD = 0.12;

const dates = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** What each piece of a line means, for the legend; the shapes differ as well as the colours. */
const PIECES = [
  ["published", "published, signs nothing yet"],
  ["signing", "signs"],
  ["retiring", "signs no more, its tokens are still good"],
  ["dead", "leaked: nothing of it is good"],
];

/** `ring` in the order in which its keys sign. */
export function keyTimeline(ring, now) {
  const scale = scaleOf(ring, now);
  const lanes = ring.map((key) => lane(key, spansOf(key, ring, scale.end), scale, now));
  return el("figure", { class: "timeline" }, el("ol", {}, ...lanes), axis(scale, now), legend(ring));
}

function scaleOf(ring, now) {
  const start = Math.min(now, ...ring.map(({ published_at: at }) => at));
  const latest = Math.max(now, ...ring.map((key) => key.over_at ?? key.signs_from));
  const end = latest + Math.max(60, latest - start) * AHEAD;
  return { start, end, at: (second) => ((Math.min(end, Math.max(start, second)) - start) / (end - start)) * 100 };
}

/** `[kind, from, to]` each; a key signs until the one that comes after it does. */
function spansOf(key, ring, end) {
  if (key.state === "dead") return [["dead", key.published_at, key.over_at ?? end]];
  const successor = ring.find(({ signs_from: from, state }) => from > key.signs_from && state !== "dead");
  const stops = successor?.signs_from ?? end;
  const spans = [
    ["published", key.published_at, key.signs_from],
    ["signing", key.signs_from, stops],
  ];
  return key.over_at === null ? spans : [...spans, ["retiring", stops, key.over_at]];
}

function lane(key, spans, scale, now) {
  const pieces = spans.filter(([, from, to]) => to > from).map(([kind, from, to]) => piece(kind, scale.at(from), scale.at(to)));
  const today = svg("line", { class: "now", x1: `${scale.at(now)}%`, x2: `${scale.at(now)}%`, y1: 0, y2: HEIGHT });
  const drawing = svg("svg", { width: "100%", height: HEIGHT, role: "img" }, svg("title", {}, sentence(key)), ...pieces, today);
  const name = el("code", { class: "short", title: key.kid }, key.kid);
  const state = el("span", { class: `badge ${keyStateClass(key.state)}` }, key.state);
  return el("li", {}, el("p", { class: "row" }, name, state, el("span", { class: "note" }, brief(key))), drawing);
}

/** Thin before it signs, thick while it does, an outline after that, a cross-out when it is dead. */
function piece(kind, from, to) {
  const thickness = { published: 4, signing: HEIGHT - 8, retiring: HEIGHT - 12, dead: HEIGHT - 12 }[kind];
  const y = (HEIGHT - thickness) / 2;
  const box = svg("rect", { class: `piece ${kind}`, x: `${from}%`, y, width: `${Math.max(0.4, to - from)}%`, height: thickness, rx: 2 });
  if (kind !== "dead") return box;
  return svg("g", {}, box, svg("line", { class: "piece crossed", x1: `${from}%`, x2: `${to}%`, y1: HEIGHT / 2, y2: HEIGHT / 2 }));
}

const brief = (key) =>
  ({
    next: `signs ${fromNow(key.signs_from)}`,
    signing: `since ${dateText(key.signs_from)}`,
    retiring: `its last token is over ${fromNow(key.over_at)}`,
    dead: `declared leaked, forgotten ${fromNow(key.over_at)}`,
  })[key.state];

function sentence(key) {
  const published = `published ${dateText(key.published_at)}, signs from ${dateText(key.signs_from)}`;
  return `${key.state}: ${published}${key.over_at === null ? "" : `, over ${dateText(key.over_at)}`}`;
}

function axis({ start, end, at }, now) {
  const share = at(now);
  // Beside the line, on the side where there is room.
  const anchor = share < 15 ? "start" : share > 85 ? "end" : "middle";
  const day = (second) => dates.format(second * 1000);
  return svg(
    "svg",
    { class: "axis", width: "100%", height: 20, "aria-hidden": "true" },
    share >= 25 && svg("text", { x: 0, y: 14 }, day(start)),
    svg("text", { class: "today", x: `${share}%`, y: 14, "text-anchor": anchor }, "now"),
    share <= 75 && svg("text", { x: "100%", y: 14, "text-anchor": "end" }, day(end)),
  );
}

function legend(ring) {
  const isDead = ring.some(({ state }) => state === "dead");
  const entries = PIECES.filter(([kind]) => kind !== "dead" || isDead).map(([kind, words]) =>
    el("li", {}, svg("svg", { width: 32, height: HEIGHT, "aria-hidden": "true" }, piece(kind, 0, 100)), words),
  );
  return el("figcaption", {}, el("ul", { class: "legend note" }, ...entries));
}
