// What a function of the WebAssembly answers: one text of JSON, a value or a refusal.

import { HallpassError } from "./errors.js";

// `code` always comes first in a refusal, and no value begins like one.
const REFUSAL = '{"code":';

/** The value; throws the refusal. */
export function read(text) {
  const answer = JSON.parse(text);
  if (text.startsWith(REFUSAL)) throw refusal(answer);
  return answer;
}

/** A refusal as an error. */
export const refusal = ({ code, reason, claim }) => new HallpassError(code, reason, { claim });
