// One line of JSON for each security event, when the directory takes it: what it was and its id, and
// nobody's name.

import assert from "node:assert/strict";
import test from "node:test";
import { eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { admin, ADMIN_KEY, events, refresh, registered, signedIn } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";

async function running(t, vars = {}) {
  const worker = await startFaultyWorker({ vars: { ADMIN_KEY, ...vars } });
  t.after(() => worker.stop());
  return worker;
}

const lines = (worker) => {
  const all = worker.log().split("\n").filter((line) => line.startsWith('{"level"'));
  return all.map((line) => JSON.parse(line)).filter(({ event }) => event === "security");
};

/** Ann signs in, loses a race, has her token copied, ends all; what administrators see of it, the oldest first. */
async function lived(worker) {
  const ann = await registered(worker, { headers: { "user-agent": "Ann's phone" } });
  await refresh(worker, ann.refresh);
  await refresh(worker, ann.refresh);
  await plan(worker, { clock_offset_ms: 20_000 });
  await refresh(worker, ann.refresh);
  const other = await signedIn(worker, ann);
  await request(worker, "POST", "/logout_token/", { headers: bearer(other.access), json: { all: true } });
  return { ann, told: await events(worker, ann.sub, 5) };
}

test("each event has a line with its kind and its id, by which administrators find the rest", async (t) => {
  const worker = await running(t);
  const { ann, told } = await lived(worker);
  await eventually(() => lines(worker).length >= 5);
  const expected = told.map(({ kind, id, at, reuse }) => ({
    level: reuse?.kind === "stale" ? "notice" : "info",
    event: "security",
    kind,
    ...(reuse && { reuse: reuse.kind }),
    id,
    at,
  }));
  const byId = (one, other) => (one.id < other.id ? -1 : 1);
  assert.deepEqual(lines(worker).sort(byId), expected);
  assert.deepEqual(expected.map(({ kind, reuse }) => reuse ?? kind), ["login", "race", "stale", "login", "end_all"]);
  for (const theirs of [ann.sub, ann.sid, ann.email, "Ann's phone"]) {
    assert.ok(!JSON.stringify(lines(worker)).includes(theirs), theirs);
  }
});

test("an event that is delivered again and again has one line", async (t) => {
  const worker = await running(t);
  await plan(worker, { failing_statement: "DELETE FROM event" });
  const ann = await registered(worker);
  await worker.logged(/"event":"events"/);
  await plan(worker);
  await signedIn(worker, ann);
  await events(worker, ann.sub, 2);
  await eventually(() => lines(worker).length >= 2);
  assert.equal(lines(worker).length, 2);
});

test("LOG_REQUESTS=failed: only what is urgent has a line", async (t) => {
  const worker = await running(t, { LOG_REQUESTS: "failed" });
  await lived(worker);
  await admin(worker, "POST", "keys/roll/", { json: { leaked: "current" } });
  await worker.logged(/"kind":"key_leaked"/);
  assert.deepEqual(lines(worker).map(({ kind, reuse }) => reuse ?? kind), ["stale", "key_signs", "key_leaked"]);
});
