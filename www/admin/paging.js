// A table that is asked for page by page.

import { el, fill } from "../lib/dom.js";
import { answerPlace, failureMessage } from "./asking.js";
import { dataTable } from "./table.js";

/**
 * `{ node, load }`. `ask(cursor)` is a promise of a page, `rowsOf(page)` its rows, `columns` and `caption` are the table's;
 * `empty()` makes the nodes for no row at all.
 */
export function pagedTable({ signal, ask, rowsOf, caption, columns, empty }) {
  return answerPlace({
    signal,
    ask: () => ask(undefined),
    show(page) {
      const rows = rowsOf(page);
      return rows.length === 0 && !page.cursor ? empty() : tableWithMore({ signal, ask, rowsOf, caption, columns, page, rows });
    },
  });
}

function tableWithMore({ signal, ask, rowsOf, caption, columns, page, rows }) {
  const { node, add, count } = dataTable({ caption, columns, rows, stacks: true });
  const status = el("p", { class: "note", role: "status", tabindex: "-1" });
  const problem = el("div", { role: "status" });
  const more = el("button", { type: "button", click: next }, "More");
  let { cursor } = page;
  tell();

  async function next() {
    more.disabled = true;
    try {
      const page = await ask(cursor);
      if (signal.aborted) return;
      fill(problem);
      add(rowsOf(page));
      ({ cursor } = page);
      tell();
    } catch (failure) {
      if (!signal.aborted) fill(problem, failureMessage(failure, next));
    }
    more.disabled = false;
    // A button that was disabled, or is hidden now, has lost the focus.
    if (document.activeElement === document.body) (cursor ? more : status).focus();
  }

  function tell() {
    more.hidden = !cursor;
    status.textContent = cursor ? `${count()} shown, there are more.` : `${count()} shown, that is all.`;
  }

  return [node, problem, el("div", { class: "row" }, more, status)];
}
