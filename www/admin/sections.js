// The console when it is open: the sections' links, the section that is shown, and what is said about what was done.

import { el, fill } from "../lib/dom.js";
import { blacklist } from "./blacklist.js";
import { events } from "./events.js";
import { keys } from "./keys.js";
import { overview } from "./overview.js";
import { linkTo, routeOf } from "./router.js";
import { user } from "./user.js";
import { users } from "./users.js";

/**
 * Each is called with `{ api, route, signal, say, heading, kept }` and gives `{ nodes, refresh }`. Its signal is aborted when
 * one goes elsewhere; `kept` outlives that.
 */
const SECTIONS = {
  overview: { name: "Overview", view: overview },
  users: { name: "Users", view: users },
  events: { name: "Events", view: events },
  blacklist: { name: "Blacklist", view: blacklist },
  keys: { name: "Keys", view: keys },
};

// Its title does not say who: the browser's history keeps titles.
const ONE_USER = { name: "A user", view: user };

/** `{ nodes, start, say }`. Until `signal` is aborted it follows the address. */
export function openSections({ api, signal, onLock }) {
  const links = new Map(Object.entries(SECTIONS).map(([section, { name }]) => [section, el("a", { href: linkTo(section) }, name)]));
  const said = el("div", { class: "said", role: "status" });
  const heading = el("h1", { tabindex: "-1" });
  const refresh = el("button", { type: "button", class: "small" }, "Refresh");
  const refreshed = el("span", { class: "unseen", role: "status" });
  const content = el("div", { class: "section" });
  const kept = {};
  let shown;
  let leave;

  /** `again`, if given, is what “Try again” does. */
  function say(words, state, again) {
    const retry = again && el("button", { type: "button", class: "small", click: again }, "Try again");
    fill(said, words && el("div", { class: "message row apart", "data-state": state }, el("span", {}, words), retry));
  }

  function show() {
    leave?.abort();
    leave = new AbortController();
    const route = routeOf(location.hash, Object.keys(SECTIONS));
    for (const [section, link] of links) mark(link, section === route.section);
    const { name, view } = route.section === "users" && route.id !== undefined ? ONE_USER : SECTIONS[route.section];
    document.title = `${name} · Admin · Hallpass`;
    heading.textContent = name;
    say();
    const isGone = AbortSignal.any([signal, leave.signal]);
    shown = view({ api, route, signal: isGone, say, heading, kept });
    fill(content, ...shown.nodes);
    heading.focus();
  }

  async function askAgain() {
    const view = shown;
    fill(refreshed);
    const outcomes = [await view.refresh()].flat();
    if (view === shown && outcomes.every(Boolean)) fill(refreshed, "Refreshed");
  }

  refresh.addEventListener("click", askAgain);
  addEventListener("hashchange", show, { signal });
  const bar = el(
    "div",
    { class: "row apart sections" },
    el("nav", { "aria-label": "Sections" }, ...links.values()),
    el("button", { type: "button", class: "small", click: onLock }, "Lock"),
  );
  const top = el("div", { class: "row apart" }, heading, refreshed, refresh);
  return { nodes: [bar, said, top, content], start: show, say };
}

function mark(link, isCurrent) {
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}
