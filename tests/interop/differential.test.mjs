// A hundred thousand tokens, most of them spoiled, before all judges: the npm package's Verifier, the core in Rust, jose and
// jsonwebtoken. HALLPASS_SEED and HALLPASS_TOKENS ask for others.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { before } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { runDifferential } from "./differential/run.mjs";
import { README, REPORT, settings } from "./differential/settings.mjs";
import { Differences } from "./differential/tally.mjs";

const { seed, count, usual } = settings();
const differences = new Differences();
const asCoreSaysIt = (said) => said.replace(/^malformed: .*/, "malformed");

const within = [];
const readOtherwise = [];
before(async () => {
  console.log(`seed ${seed}, ${count} tokens`);
  // A trace of where a refusal was thrown costs more than the refusal.
  Error.stackTraceLimit = 0;
  await runDifferential(seed, count, (verdicts) => {
    const { nth, token, ours, core, jose } = verdicts;
    differences.note(verdicts);
    if (core && core.said !== asCoreSaysIt(ours.said)) within.push({ nth, token, core: core.said, ours: ours.said });
    if (ours.claims && jose.claims && !isDeepStrictEqual(ours.claims, jose.claims)) readOtherwise.push({ nth, token });
  });
});

/** A few are enough to see what is wrong. */
const some = (list) => list.slice(0, 5).map((one) => ({ ...one, token: one.token.slice(0, 2000) }));

test("every difference between us and the others has an explanation that holds of the token", () => {
  assert.deepEqual(some(differences.unexplained), []);
});

test("the package in WebAssembly and the core in Rust say the same of every token", () => {
  assert.deepEqual(some(within), []);
});

test("of what we and jose take we read the same claims", () => {
  assert.deepEqual(some(readOtherwise), []);
});

test("the tokens are neither too tame nor too wild", () => {
  const { ours, jose } = differences.taken;
  assert.ok(ours > count / 10 && ours < jose && jose < count / 2, differences.summary());
});

test("the README tells the differences as they are", { skip: usual ? false : "it tells of another seed" }, () => {
  const told = REPORT.exec(readFileSync(README, "utf8"))?.[0];
  assert.equal(told, differences.report(), "write_report.mjs writes what has changed");
});
