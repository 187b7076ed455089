// What is deployed stays small: a Worker is compiled wherever it is asked for the first time.

import assert from "node:assert/strict";
import test from "node:test";
import { wasmSizes } from "../tools/build.mjs";
import { inProject } from "../tools/project.mjs";

const BUDGET = 450 * 1024;

test("the issuer's WebAssembly stays within 450 KB, gzipped", () => {
  const { gzip } = wasmSizes(inProject("crates", "issuer", "build"));
  assert.ok(gzip <= BUDGET, `${gzip} bytes are over the budget of ${BUDGET}`);
  // A build that has lost its contents would fit as well.
  assert.ok(gzip > BUDGET / 10, `${gzip} bytes cannot be all of it`);
});
