// Doing something that was confirmed, and saying how it went.

import { Failure } from "./failure.js";

/**
 * Does `deed()`, says `said(answer)`, then calls `then(answer)` unless one has gone elsewhere. After a failure it says so, and
 * offers to try again. How it went is told wherever one is by then; elsewhere it is told with `what` it was.
 */
export async function act({ say, signal }, { what, deed, said, then = () => {} }) {
  const told = (words) => (signal.aborted ? `${what}: ${words}` : words);
  say("Asking the server…");
  let answer;
  try {
    answer = await deed();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    const again = () => act({ say, signal }, { what, deed, said, then });
    say(told(failure.message), "bad", failure.mayPass && again);
    return;
  }
  say(told(said(answer)), "good");
  if (!signal.aborted) await then(answer);
}

/** The same promise, with `instead` for an answer 404. */
export function unlessMissing(promise, instead) {
  return promise.catch((failure) => {
    if (failure.status !== 404) throw failure;
    return instead;
  });
}
