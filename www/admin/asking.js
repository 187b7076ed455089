// A place on the page that shows an answer: while it is asked for, when it is there, and when none came.

import { el, fill } from "../lib/dom.js";
import { Failure } from "./failure.js";

/**
 * `{ node, load }`. `ask()` is a promise of the answer, `show(answer)` makes nodes of it. Of several that are under way only
 * the last one counts, and none once `signal` is aborted. After a failure what was there before stays.
 */
export function answerPlace({ signal, ask, show }) {
  const problem = el("div", { role: "status" });
  const content = el("div", { class: "answer" }, el("p", { class: "quiet" }, "Loading…"));
  const node = el("div", { class: "answer", tabindex: "-1" }, problem, content);
  let isFirst = true;
  let latest = 0;

  /** Resolves to whether what is shown is as it is now. */
  async function load() {
    latest += 1;
    const mine = latest;
    const isStale = () => signal.aborted || mine !== latest;
    node.setAttribute("aria-busy", "true");
    try {
      const answer = await ask();
      if (isStale()) return false;
      fill(problem);
      fill(content, ...[show(answer)].flat());
      isFirst = false;
      return true;
    } catch (failure) {
      if (isStale()) return false;
      if (isFirst) fill(content);
      fill(problem, failureMessage(failure, again));
      return false;
    } finally {
      if (!isStale()) node.removeAttribute("aria-busy");
    }
  }

  async function again() {
    await load();
    // The button that was pressed is gone.
    if (!signal.aborted && document.activeElement === document.body) node.focus();
  }

  return { node, load };
}

/** What went wrong, with a button that tries again where that may help. Throws what is no failure between page and server. */
export function failureMessage(failure, again) {
  if (!(failure instanceof Failure)) throw failure;
  const button = failure.mayPass && el("button", { type: "button", class: "small", click: again }, "Try again");
  return el("div", { class: "message row apart", "data-state": "bad" }, el("span", {}, failure.message), button);
}
