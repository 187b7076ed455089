// That the benchmark of the issuer works: the peers do the same work, and a tiny round goes through. No time is asserted.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { conforms } from "./issuer/conformance.mjs";
import { costTable } from "./issuer/cost.mjs";
import { startGenerator } from "./issuer/generator.mjs";
import { goalsTable, measuredTable } from "./issuer/report.mjs";
import { isWorker, measureAll, settle } from "./issuer/rounds.mjs";
import { startWorker, WORKERS } from "./issuer/sides.mjs";
import { placeIn, readme } from "./issuer/write.mjs";

const TINY = { rounds: 1, loginRounds: 1, warmUp: 30, window: 50, people: 20, accounts: 4, connections: 2, settled: 100 };

const sides = [];
let generator;

before(async () => {
  for (const name of Object.keys(WORKERS)) sides.push(await startWorker(name));
  generator = startGenerator();
});
after(() => Promise.all([generator, ...sides].map((one) => one?.stop())));

for (const name of Object.keys(WORKERS).filter((name) => isWorker({ name }))) {
  test(`${name} does the work that is measured`, () => conforms(sides.find((side) => side.name === name)));
}

test("a round goes through, and its tables name everybody", async () => {
  await settle(sides, generator, TINY);
  const results = await measureAll(sides, generator, TINY, () => {});
  const [measured, goals] = [measuredTable(results), goalsTable(results)];
  for (const { name } of sides) assert.ok(measured.includes(`| ${name} |`), measured);
  assert.match(goals, /refresh: Hallpass HS256 beside Hono \+ jose HS256/);
  for (const windows of Object.values(results.refresh)) assert.ok(windows[0].requests > 0);
});

test("the cost model finds README.md's operations", () => {
  assert.match(costTable(), /^\| Refresh \| \d+\.\d\d \| 2 \| 1 \| 6\.30 \|$/m);
});

test("the README has a place for the figures", () => {
  const written = placeIn(readme(), "some figures");
  assert.ok(written.includes("\n\nsome figures\n\n"));
  assert.equal(placeIn(written, "some figures"), written);
});
