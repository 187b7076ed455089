// A file of JSON, one value a line (JSON Lines), read as it comes: it may be larger than the memory.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** The longest line that is looked at, in characters; at three bytes each it still fits into a request. */
const LONGEST = 16 * 1024;

/** `{ place, text, value }` for each line that is not empty, or `{ place, error }` for one that is no object of JSON. */
export async function* jsonLines(file) {
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
  let place = 0;
  for await (const line of lines) {
    place += 1;
    const text = place === 1 ? line.replace(/^\uFEFF/, "").trim() : line.trim();
    if (text !== "") yield { place, ...read(text) };
  }
}

function read(text) {
  if (text.length > LONGEST) return { error: `longer than ${LONGEST} characters` };
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: "not JSON" };
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? { text, value } : { error: "not an object of JSON" };
}
