// Whether somebody held a copy of a refresh token: what an administrator has to see first.

import { el } from "../lib/dom.js";
import { moment } from "../lib/time.js";
import { clientText, userLink } from "./people.js";
import { numberText } from "./periods.js";
import { linkTo } from "./router.js";
import { reuseWords } from "./words.js";

const MOST = 5;

/** `reuses` are the latest events of that kind. */
export function theftsCard(days, reuses) {
  const count = days.reduce((sum, { kinds }) => sum + (kinds["reuse:stale"] ?? 0), 0);
  const recent = reuses.filter(({ reuse }) => reuse?.kind === "stale").slice(0, MOST);
  const all = el("p", {}, el("a", { href: linkTo("events", { params: { kind: "reuse" } }) }, "All spent tokens that were presented"));
  return el("section", { class: "card" }, el("h2", {}, "Copied tokens"), headline(count, days.length), ...recent.map(theft), all);
}

function headline(count, days) {
  if (count === 0) {
    return el("p", { class: "message", "data-state": "good" }, `No sign in ${days} days that anybody held a copy of a refresh token.`);
  }
  const often = count === 1 ? "Once" : `${numberText(count)} times`;
  const ended = count === 1 ? "That session" : "Each of these sessions";
  const words = `${often} in ${days} days somebody held a copy of a refresh token. ${ended} was ended.`;
  return el("p", { class: "message", "data-state": "bad" }, words);
}

const theft = ({ at, sub, client, reuse }) =>
  el(
    "div",
    { class: "theft" },
    el("p", { class: "row apart" }, sub ? userLink(sub) : "of nobody known", moment(at)),
    el("p", {}, clientText(client)),
    el("p", { class: "note" }, reuseWords(reuse)),
  );
