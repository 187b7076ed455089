// Whether an answer is like the one that a document shows. Ids, times and tokens are other ones at
// every run, so of them the form is compared; of everything else the value.

import assert from "node:assert/strict";

// `eyJ…` stands for a token.
const TOKEN = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;
const HEX_ID = /[0-9a-f]{32}/;
const EARLIEST_TIME = 1_700_000_000;

export function assertLike(actual, shown, path = "answer") {
  if (shown === null || typeof shown !== "object") return assertLeaf(actual, shown, path);
  assert.equal(Array.isArray(actual), Array.isArray(shown), path);
  assert.deepEqual(Object.keys(actual), Object.keys(shown), path);
  for (const key of Object.keys(shown)) assertLike(actual[key], shown[key], `${path}.${key}`);
}

function assertLeaf(actual, shown, path) {
  if (shown === "eyJ…") return assert.match(actual, TOKEN, path);
  if (typeof shown === "number" && shown >= EARLIEST_TIME) {
    return assert.ok(Number.isInteger(actual) && actual >= EARLIEST_TIME, `${path}: ${actual}`);
  }
  if (typeof shown === "string" && HEX_ID.test(shown)) {
    return assert.match(actual, new RegExp(`^${shown.replace(HEX_ID, HEX_ID.source)}$`), path);
  }
  assert.deepEqual(actual, shown, path);
}
