// Nobody waits for ever: neither for an answer nor for the rest of one.

const PATIENCE_MS = 5000;

/** What `ask(signal)` resolves to. Rejects when that takes too long, also where nobody heeds the signal. */
export async function inTime(ask) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${PATIENCE_MS} ms`);
      reject(error);
      controller.abort(error);
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([ask(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
