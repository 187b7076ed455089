// The same load and the same oracle, while KV, the storage or the directory fail; for a while, and then
// they recover.

import assert from "node:assert/strict";
import test from "node:test";
import { plan, startFaultyWorker } from "../support/faults.mjs";
import { admin, until } from "../support/people.mjs";
import { load } from "./load.mjs";
import { report, settleAccounts, startWorld } from "./world.mjs";

const USERS = 10;
const PHASES = 5;
const ANSWERS = 80;
// Nobody waits here for an alarm that is set seconds ahead.
const SOON = { alarms_within_ms: 100 };
// After this everything is due again that KV refused a few times, and nothing is over yet.
const LATER = { ...SOON, clock_offset_ms: 120_000 };

const faultyWorld = (t, options) => startWorld(t, { users: USERS, start: startFaultyWorker, ...options });

/** Load in phases, in each of which something else goes wrong; then nothing does any more. */
async function loadWith(world, faults) {
  let answered5xx = 0;
  for (let phase = 0; phase < PHASES; phase++) {
    await plan(world.worker, { ...SOON, ...faults(world.random) });
    await load(world, { answers: ANSWERS });
    answered5xx = world.history.figures["answered 5xx"];
  }
  world.mayFail = false;
  await plan(world.worker, LATER);
  return answered5xx;
}

test("KV that fails at random for a while has every acknowledged revocation in the end, and nobody hears of it", async (t) => {
  const world = await faultyWorld(t);
  const failed = await loadWith(world, (random) => {
    const digits = random.between(0, 255).toString(16).padStart(2, "0");
    return random.of([
      { failing_puts: random.between(20, 200) },
      { failing_puts: random.between(5, 50), put_delay_ms: random.between(1, 60) },
      { failing_key: random.of(["sid:", "sub:", "jti:"]) },
      // Some keys and not others, without any order.
      { failing_key: digits[0] + digits[1] },
    ]);
  });
  assert.equal(failed, 0);
  assert.match(world.worker.log(), /KV PUT failed: 429/);
  await settleAccounts(world);
  report(t, world);
});

// In the order in which decisions write.
const STATEMENTS = [
  "INSERT INTO session",
  "UPDATE session SET counter",
  "INSERT INTO outbox",
  "INSERT INTO subject",
  "INSERT INTO revoked",
  "INSERT INTO event (id, weight",
];

test("while storage refuses statements the answer is 5xx, and what was decided half-way has not happened", async (t) => {
  const world = await faultyWorld(t, { failedIsNothing: true, mayFail: true });
  const failed = await loadWith(world, (random) => ({ failing_statement: random.of(STATEMENTS) }));
  assert.ok(failed > 0, "no statement failed");
  await settleAccounts(world);
  report(t, world);
});

test("while Rust fails after a statement the answer is 5xx, and what was decided half-way has not happened", async (t) => {
  const world = await faultyWorld(t, { failedIsNothing: true, mayFail: true });
  const failed = await loadWith(world, (random) => ({ fault_after: random.of(STATEMENTS) }));
  assert.ok(failed > 0, "nothing failed");
  await settleAccounts(world);
  report(t, world);
});

// What the outbox writes down of its own work: at worst KV is told the same twice.
test("storage that keeps the outbox from noting what was told costs nothing but writes", async (t) => {
  const world = await faultyWorld(t);
  const statements = ["DELETE FROM outbox", "UPDATE outbox", "UPDATE session SET published"];
  const failed = await loadWith(world, (random) => ({ failing_statement: random.of(statements), failing_puts: random.between(0, 20) }));
  assert.equal(failed, 0);
  assert.match(world.worker.log(), /a statement fails, as planned/);
  await settleAccounts(world);
  report(t, world);
});

test("while the directory fails nobody notices, and it learns of everybody later", async (t) => {
  const world = await faultyWorld(t);
  const failed = await loadWith(world, () => ({ failing_records: 1e9 }));
  assert.equal(failed, 0);
  assert.match(world.worker.log(), /the directory is down/);
  await settleAccounts(world);
  report(t, world);
  const known = async () => (await admin(world.worker, "GET", "users/")).json.users;
  await until(known, (users) => users.length === USERS, 60_000);
});
