// Doing something that was confirmed, and saying how it went.

import { Failure } from "./failure.js";

/**
 * Does `deed()`, says `said(answer)`, then calls `then(answer)` unless one has gone elsewhere. After a failure it says so, and
 * offers to try again.
 */
export async function act({ say, signal }, { deed, said, then = () => {} }) {
  say("Asking the server…");
  let answer;
  try {
    answer = await deed();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    const again = () => act({ say, signal }, { deed, said, then });
    if (!signal.aborted) say(failure.message, "bad", failure.mayPass && again);
    return;
  }
  if (signal.aborted) return;
  say(said(answer), "good");
  await then(answer);
}

/** The same promise, with `instead` for an answer 404. */
export function unlessMissing(promise, instead) {
  return promise.catch((failure) => {
    if (failure.status !== 404) throw failure;
    return instead;
  });
}
