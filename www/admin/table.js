// Tables, and texts in them that are longer than there is room for.

import { el } from "../lib/dom.js";

/** `{ node, body }`: a table that scrolls by itself when it is too wide. `rows` are `<tr>`s. */
export function dataTable({ caption, columns, rows }) {
  const body = el("tbody", {}, ...rows);
  const heads = columns.map((column) => el("th", { scope: "col" }, column === "" ? el("span", { class: "unseen" }, "Actions") : column));
  const table = el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...heads)), body);
  return { node: el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, table), body };
}

/** A row whose first cell is its header. */
export const row = (first, ...cells) => el("tr", {}, el("th", { scope: "row" }, first), ...cells.map((cell) => el("td", {}, cell)));

/** An id, of which the beginning is shown: all of it is there to be copied. */
export const shortId = (text) => el("code", { class: "short", title: text }, text);

/** Several lines in a cell. */
export const lines = (...children) => el("div", { class: "lines" }, ...children);

/** Names and what they stand for, one below the other. */
export function facts(entries) {
  const pairs = entries.filter(([, value]) => value !== undefined && value !== null);
  return el("dl", { class: "facts" }, ...pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}
