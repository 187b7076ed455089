// Tables, and texts in them that are longer than there is room for.

import { el } from "../lib/dom.js";
import { dateText, moment } from "../lib/time.js";

/**
 * `{ node, add, count }`: a table that scrolls by itself when it is too wide, and on a small screen shows each row as a block
 * if it `stacks`. `rows` are `<tr>`s; `add(rows)` puts more below.
 */
export function dataTable({ caption, columns, rows, stacks = false }) {
  const body = el("tbody");
  const add = (more) => body.append(...more.map((one) => labelled(one, columns)));
  add(rows);
  const heads = columns.map((column) => el("th", { scope: "col" }, column === "" ? el("span", { class: "unseen" }, "Actions") : column));
  const table = el("table", { class: stacks && "stacks" }, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...heads)), body);
  const node = el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, table);
  return { node, add, count: () => body.rows.length };
}

// What stands before a value where there is no row of headers.
function labelled(row, columns) {
  columns.forEach((column, index) => column !== "" && row.cells[index].setAttribute("data-label", column));
  return row;
}

/** A row whose first cell is its header. */
export const row = (first, ...cells) => el("tr", {}, el("th", { scope: "row" }, first), ...cells.map((cell) => el("td", {}, cell)));

/** An id, of which the beginning is shown: all of it is there to be copied. */
export const shortId = (text) => el("code", { class: "short", title: text }, text);

/** Several lines in a cell. */
export const lines = (...children) => el("div", { class: "lines" }, ...children);

/** A moment in words, and its date below for whoever has to compare. */
export const when = (seconds) => lines(moment(seconds), el("span", { class: "note date" }, dateText(seconds)));

/** Names and what they stand for, one below the other. */
export function facts(entries) {
  const pairs = entries.filter(([, value]) => value !== undefined && value !== null);
  return el("dl", { class: "facts" }, ...pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}
