// What happened, the newest first.

import { byId, el } from "../lib/dom.js";

const KEPT = 60;

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** An entry. `asked`: "POST /api/token/", or who did it. `status`: the answer's, where there was one. `why`: a sentence. */
export function note(entry) {
  if (!entry) return;
  const list = byId("happened-list");
  list.prepend(lineOf(entry));
  while (list.children.length > KEPT) list.lastElementChild.remove();
  list.hidden = false;
  byId("happened-nothing").hidden = true;
}

function lineOf({ asked, status, why, state }) {
  const at = new Date();
  return el(
    "li",
    { "data-state": state },
    el("div", { class: "row" }, el("time", { datetime: at.toISOString() }, clock.format(at)), badge(status, state)),
    el("p", { class: "asked" }, asked),
    el("p", {}, why),
  );
}

const badge = (status, state) => status !== undefined && el("span", { class: `badge ${state}` }, status);
