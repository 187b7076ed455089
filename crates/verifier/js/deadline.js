// Nobody waits for ever: neither for an answer nor for the rest of one.

/**
 * What `ask(signal)` comes to; rejects when that takes longer. Not left to the signal: what was handed in, or its stream, may
 * pay no heed to it.
 */
export async function inTime(seconds, ask) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([ask(controller.signal), late]);
  } finally {
    clearTimeout(timer);
    // Nothing more is read of an answer that was refused, and nobody waits for one that is late.
    controller.abort();
  }
}
