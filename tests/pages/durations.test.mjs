// Durations as the pages tell them.

import assert from "node:assert/strict";
import test from "node:test";
import { duration } from "../../www/lib/time.js";

const DAY = 86_400;

test("a second less than ten years has no twelve months beside its years", () => {
  assert.equal(duration(3650 * DAY - 1), "9 years 11 months");
  assert.equal(duration(3650 * DAY), "10 years");
  assert.equal(duration(31 * DAY), "1 month 1 day");
  assert.equal(duration(250), "4 min 10 s");
});
