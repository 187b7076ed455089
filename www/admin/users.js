// The users: found by the beginning of their e-mail or id.

import { el } from "../lib/dom.js";
import { moment } from "../lib/time.js";
import { pagedTable } from "./paging.js";
import { fullName, standingBadge, userLink } from "./people.js";
import { linkTo } from "./router.js";
import { row } from "./table.js";

const COLUMNS = ["User", "Name", "Standing", "Created", "Last login", "Id"];
const TYPING_PAUSE = 300;

/** The search is kept in memory, not in the address: addresses stay in the browser's history. */
export function users({ api, signal, kept }) {
  const field = el("input", { id: "query", type: "search", autocomplete: "off", spellcheck: "false", "aria-describedby": "query-note" });
  field.value = kept.query ?? "";
  let query;
  const list = pagedTable({
    signal,
    ask: (cursor) => api.users({ query, cursor }, signal),
    rowsOf: (page) => page.users.map(userRow),
    caption: "Users, by id",
    columns: COLUMNS,
    empty: () => nobody(query),
  });
  // What is in the field may be ahead of what the list shows, and its next page belongs to the list.
  const search = () => {
    kept.query = field.value;
    query = field.value.trim();
    return list.load();
  };
  onTyping(field, signal, search);
  search();
  return { nodes: [el("div", { class: "card" }, searchForm(field, search), list.node)], refresh: search };
}

function onTyping(field, signal, then) {
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(then, TYPING_PAUSE);
  });
  signal.addEventListener("abort", () => clearTimeout(timer));
}

function searchForm(field, search) {
  const submit = (event) => {
    event.preventDefault();
    search();
  };
  const note = "The beginning of an e-mail address, in any case, or of an id. It searches as you type, when you pause.";
  const label = el("label", { for: "query" }, "Search");
  const told = el("span", { class: "note", id: "query-note" }, note);
  return el("form", { class: "search", role: "search", submit }, el("div", { class: "field" }, label, field, told));
}

function userRow(user) {
  const name = fullName(user);
  return row(
    user.email ? userLink(user.sub, user.email) : userLink(user.sub),
    name === "" ? el("span", { class: "quiet" }, "–") : el("span", { class: "client" }, name),
    standingBadge(user.standing),
    moment(user.created_at),
    user.last_login_at ? moment(user.last_login_at) : el("span", { class: "quiet" }, "never"),
    el("code", { class: "short", title: user.sub }, user.sub),
  );
}

function nobody(query) {
  if (query === "") return el("p", { class: "empty" }, "Nobody has signed in yet. Users appear here a moment after their first session.");
  const lookedAt = el("a", { href: linkTo("users", { id: query }) }, "look at its page");
  return el(
    "div",
    { class: "empty" },
    el("p", {}, `Nobody’s e-mail or id begins with “${query}”. What stands in the middle of one is not looked for.`),
    el("p", {}, "If it is a whole id, ", lookedAt, " all the same: the list is a moment late."),
  );
}
