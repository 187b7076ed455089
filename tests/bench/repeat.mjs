// The loop that is timed, in Node.js and in workerd alike.

/** Runs a subject so many times, one after the other, over the tokens in turn. */
export async function repeat({ run, isAsync }, tokens, times) {
  const last = tokens.length - 1;
  if (isAsync) {
    for (let turn = 0; turn < times; turn += 1) await run(tokens[turn & last]);
  } else {
    for (let turn = 0; turn < times; turn += 1) run(tokens[turn & last]);
  }
}
