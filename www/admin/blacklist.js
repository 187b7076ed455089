// What was called back, as Workers KV knows it, and calling back.

import { el } from "../lib/dom.js";
import { dateText, duration, moment, nowSeconds } from "../lib/time.js";
import { callBackCards } from "./call_back.js";
import { choice } from "./choice.js";
import { pagedTable } from "./paging.js";
import { userLink } from "./people.js";
import { lines, row, when } from "./table.js";
import { reasonWords } from "./words.js";

const COLUMNS = ["Key", "What is refused", "Why", "Called back", "Time left"];

const PREFIXES = [
  ["", "All"],
  ["sid:", "Sessions"],
  ["jti:", "Single tokens"],
  ["sub:", "Users"],
  ["kid:", "Signing keys"],
];

export function blacklist(context) {
  const { api, signal, kept } = context;
  kept.prefix ??= "";
  const list = pagedTable({
    signal,
    ask: (cursor) => api.blacklist({ prefix: kept.prefix, cursor }, signal),
    rowsOf: ({ entries }) => entries.map(entryRow),
    caption: "Entries, by key",
    columns: COLUMNS,
    empty: () => el("p", { class: "empty" }, kept.prefix === "" ? "Nothing is called back." : `No key begins with “${kept.prefix}”.`),
  });
  keepTime(list.node, signal);
  list.load();
  const note =
    "Entries come from Workers KV: what was called back a moment ago can take a minute to appear, though Hallpass itself refuses it at " +
    "once. An entry goes by itself when no token is left that it could concern.";
  const filter = filterForm(kept, list.load);
  const entries = el("section", { class: "card" }, el("h2", {}, "Entries"), el("p", { class: "quiet" }, note), filter, list.node);
  return { nodes: [el("div", { class: "grid" }, ...callBackCards(context, list.load)), entries], refresh: list.load };
}

function filterForm(kept, load) {
  const field = el("input", { id: "prefix", type: "search", autocomplete: "off", spellcheck: "false" });
  field.value = kept.prefix;
  const show = (prefix) => {
    kept.prefix = field.value = prefix;
    load();
  };
  const submit = (event) => {
    event.preventDefault();
    for (const radio of event.target.elements.which) radio.checked = radio.value === field.value.trim();
    show(field.value.trim());
  };
  return el(
    "form",
    { class: "filter", submit },
    choice({ name: "which", legend: "Which entries", options: PREFIXES, chosen: kept.prefix, onChoose: show }),
    el("div", { class: "field" }, el("label", { for: "prefix" }, "Key begins with"), field),
    el("button", { type: "submit" }, "Show"),
  );
}

function entryRow(entry) {
  const at = entry.at === undefined ? el("span", { class: "quiet" }, "–") : when(entry.at);
  const why = entry.reason === undefined ? el("span", { class: "quiet" }, "Written by another hand") : reasonWords(entry.reason);
  return row(el("code", { class: "whole" }, entry.key), refused(entry), why, at, timeLeft(entry.expires_at));
}

const PARTS = {
  sid: () => "Every token of one session",
  jti: ({ kind }) => (kind ? `One token, of kind ${kind}` : "One token"),
  sub: ({ cutoff }) => (cutoff === undefined ? "A user’s tokens" : `A user’s tokens from before ${dateText(cutoff)}`),
  kid: () => "Everything that one key signed",
};

function refused(entry) {
  const [kind] = entry.key.split(":");
  const words = Object.hasOwn(PARTS, kind) ? PARTS[kind](entry) : "Not an entry of Hallpass";
  return lines(el("span", {}, words), whose(entry));
}

// A long or unusual subject stands here as its SHA-256, and that is the address of nobody.
const whose = ({ sub }) => sub && !/^[0-9a-f]{64}$/.test(sub) && el("span", { class: "note" }, "of ", userLink(sub));

function timeLeft(expiresAt) {
  if (!expiresAt) return el("span", { class: "quiet" }, "stays");
  const node = moment(expiresAt);
  // What no calendar has is no time that could run out.
  if (node.localName !== "time") return node;
  node.classList.add("left");
  showTimeLeft(node);
  return node;
}

function showTimeLeft(node) {
  const left = Date.parse(node.dateTime) / 1000 - nowSeconds();
  node.textContent = left > 0 ? duration(left) : "gone";
}

function keepTime(node, signal) {
  const timer = setInterval(() => node.querySelectorAll("time.left").forEach(showTimeLeft), 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
}
