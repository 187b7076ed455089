// One request for a JWK set, bounded in time and size whatever the other side does. What goes wrong is an `Error` with words of
// ours; its `cause`, where there is one, is what somebody else threw, and may quote the URL.

import { boundedText } from "./bounded_body.js";
import { inTime } from "./deadline.js";
import { explained } from "./explained.js";

const LONGEST_ANSWER = 256 * 1024;

/** `{ text, headers }` of the answer. */
export const requestSet = (fetch, url, seconds) => inTime(seconds, (signal) => exchange(fetch, url, signal));

async function exchange(fetch, url, signal) {
  // workerd has no `redirect: "error"`.
  const init = { headers: { accept: "application/json" }, redirect: "manual", signal };
  const answer = await explained("could not be reached", () => fetch(url, init));
  if (answer.status !== 200) {
    answer.body?.cancel().catch(() => {});
    // The status of a redirect that a browser does not follow is 0.
    throw new Error(`answered ${answer.status || "with a redirect"}`);
  }
  return { text: await boundedText(answer, LONGEST_ANSWER, signal), headers: answer.headers };
}
