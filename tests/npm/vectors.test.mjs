// The vectors of tests/vectors, read by the built package in Node.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { HallpassError, Verifier } from "../../crates/verifier/dist/index.js";
import { judge, optionsOf, seen } from "../vectors/judge.mjs";
import { CHAPTERS, vectorsOf } from "../vectors/load.mjs";

// Fewer would mean that a file is empty.
const AT_LEAST = { rfc7515: 130, rfc7517: 55, rfc7518: 180, rfc7519: 190, rfc7520: 14, rfc7797: 6, rfc8037: 40, rfc8725: 140 };

const { fetch } = globalThis;
const fetched = [];
before(() => {
  globalThis.fetch = async (url) => fetched.push(String(url));
});
after(() => {
  globalThis.fetch = fetch;
});

for (const chapter of CHAPTERS) {
  test(chapter, async (t) => {
    const vectors = vectorsOf(chapter);
    assert.ok(vectors.length >= AT_LEAST[chapter], `only ${vectors.length}`);
    for (const vector of vectors) await t.test(vector.name, () => verified(vector));
  });
}

test("no vector made anything be fetched", () => {
  assert.deepEqual(fetched, []);
});

/** `verify` says what the vector says; `verifySync` and `explain` say the same as `verify`. */
async function verified(vector) {
  const outcome = await judge(vector, { Verifier, HallpassError });
  assert.deepEqual(seen(outcome, vector), vector.expect);
  if (outcome.code === "bad_option" || outcome.code === "bad_key") return;

  const atOnce = await judge(vector, { Verifier: AtOnce, HallpassError });
  if (atOnce.code !== "needs_async") assert.deepEqual(atOnce, outcome);

  const { valid, failures, claims } = await new Verifier(optionsOf(vector)).explain(vector.token);
  assert.equal(valid, outcome.claims !== undefined);
  if (valid) assert.deepEqual(claims, outcome.claims);
  else assert.deepEqual({ code: failures[0].code, claim: failures[0].claim }, outcome);
}

class AtOnce extends Verifier {
  async verify(token) {
    return this.verifySync(token);
  }
}
