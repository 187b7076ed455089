// The body of an answer as text, read no further than it is worth reading.

import { explained } from "./explained.js";

/** The text of `answer`, which has to be UTF-8. When `signal` is aborted the stream is given up, whoever made it. */
export async function boundedText(answer, limit, signal) {
  const reader = answer.body?.getReader();
  if (!reader) return "";
  const giveUp = () => void reader.cancel().catch(() => {});
  // It may be late already: a `fetch` need not heed the signal.
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp);

  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (...bytes) => explained("the answer is not UTF-8", () => decoder.decode(...bytes));
  let text = "";
  for (let size = 0; ; ) {
    const { done, value } = await explained("the answer broke off", () => reader.read());
    if (done) return text + (await decoded());
    // An empty piece counts as well, or a stream of them would never end.
    if ((size += value.length || 1) > limit) throw new Error(`the answer is over ${limit / 1024} KiB`);
    text += await decoded(value, { stream: true });
  }
}
