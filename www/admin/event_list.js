// Events as a table, the newest first.

import { el } from "../lib/dom.js";
import { pagedTable } from "./paging.js";
import { clientText, userLink } from "./people.js";
import { lines, row, shortId, when } from "./table.js";
import { kindWords, reuseName, reuseWords } from "./words.js";

/** `{ node, load }`; `filter()` is `{ kind, sub }`. */
export function eventList({ api, signal, filter, caption }) {
  const isOfOne = Boolean(filter().sub);
  const columns = ["When", "What", !isOfOne && "User", "Client", "Session"].filter(Boolean);
  return pagedTable({
    signal,
    ask: (cursor) => api.events({ ...filter(), cursor }, signal),
    rowsOf: ({ events }) => events.map((event) => eventRow(event, isOfOne)),
    caption,
    columns,
    empty: () => el("p", { class: "empty" }, "No such event. They are kept for 90 days, and appear a moment after they happen."),
  });
}

function eventRow(event, isOfOne) {
  const none = () => el("span", { class: "quiet" }, "–");
  const cells = [
    happened(event),
    !isOfOne && (event.sub ? userLink(event.sub) : none()),
    event.sid ? clientText(event.client) : none(),
    event.sid ? shortId(event.sid) : none(),
  ];
  return row(when(event.at), ...cells.filter(Boolean));
}

/** What happened, by whom, and what it means where that does not go without saying. */
function happened({ kind, by_admin: byAdmin, reuse, kid }) {
  const name = reuse ? `${kindWords(kind)}: ${reuseName(reuse)}` : kindWords(kind);
  const isTheft = reuse?.kind === "stale" || kind === "key_leaked";
  return lines(
    el("span", { class: isTheft ? "bad strong" : undefined }, name),
    kid && shortId(kid),
    byAdmin && el("span", { class: "note" }, "by an administrator"),
    reuse && el("span", { class: "note" }, reuseWords(reuse)),
  );
}
