// KV that refuses writes, is slow, or comes back after a crash: the issuer decides without it, and
// tells it later.

import assert from "node:assert/strict";
import test, { after, before, beforeEach } from "node:test";
import {
  assertDead,
  atOnce,
  blacklist,
  info,
  refresh,
  register,
  resetAll,
  signIn,
  statuses,
  verify,
} from "./support/client.mjs";
import { counted, countedOnce, eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { objectRows } from "./support/object_storage.mjs";
import { decodeToken } from "./support/token.mjs";
import { kvKeys } from "./support/worker.mjs";

const ALWAYS = 1e9;
// Nobody waits here for an alarm that is set seconds ahead.
const SOON = { alarms_within_ms: 100 };
// After this everything is due again that KV refused a few times, and nothing is over yet.
const LATER = { ...SOON, clock_offset_ms: 120_000 };

let worker;
before(async () => (worker = await startFaultyWorker()));
after(() => worker.stop());
beforeEach(() => plan(worker));

const claims = (token) => decodeToken(token).payload;
const jtiKey = (token) => `jti:${claims(token).jti}`;
const sidKey = ({ access }) => `sid:${claims(access).sid}`;
const subKey = ({ access }) => `sub:${claims(access).sub}`;

async function entries() {
  return new Map((await kvKeys(worker)).map((entry) => [entry.name, entry]));
}

/** Waits until KV has all of these keys. */
const arrived = (...keys) =>
  eventually(async () => {
    const there = await entries();
    return keys.every((key) => there.has(key));
  }, 20_000);

async function assertAbsent(...keys) {
  const there = await entries();
  for (const key of keys) assert.ok(!there.has(key), key);
}

/** The next pair. */
async function refreshed(token) {
  const { status, json, text } = await refresh(worker, token);
  assert.equal(status, 200, text);
  return json;
}

/** Every put to KV fails until the next plan. */
const kvIsDown = (more = {}) => plan(worker, { ...SOON, ...more, failing_puts: ALWAYS });

test("a logout is answered and holds while KV refuses it, and is tried again until KV has it", async () => {
  const session = await register(worker);
  await plan(worker, { ...SOON, failing_puts: 2 });
  assert.equal((await blacklist(worker, session.refresh)).status, 200);
  await assertDead(worker, { access: [session.access], refresh: [session.refresh] }, "logged out");
  await assertAbsent(sidKey(session));

  await arrived(sidKey(session));
  const { put_keys } = await countedOnce(worker, ({ puts }) => puts >= 3);
  assert.deepEqual(put_keys, Array(3).fill(sidKey(session)), "twice refused, once taken, and that was it");
});

test("while KV answers 429 people sign in, refresh and log out, and all of it arrives when KV takes it", async () => {
  await kvIsDown();
  const [leaver, stayer, everywhere] = await atOnce(3, () => register(worker));
  const second = await signIn(worker, stayer);
  const spent = [stayer.refresh];
  for (let i = 0; i < 3; i++) spent.push((await refreshed(spent.at(-1))).refresh);
  const current = spent.pop();
  const abandoned = await refreshed(leaver.refresh);
  assert.equal((await blacklist(worker, abandoned.refresh)).status, 200);
  assert.equal((await resetAll(worker, everywhere.access)).status, 205);
  await assertDead(worker, { access: [leaver.access, abandoned.access], refresh: [abandoned.refresh] }, "out");
  await assertDead(worker, { access: [everywhere.access], refresh: [everywhere.refresh] }, "out everywhere");
  for (const token of spent) assert.equal((await verify(worker, token)).status, 400, "spent is spent");
  const keys = [...spent.map(jtiKey), sidKey(leaver), subKey(everywhere)];
  await countedOnce(worker, ({ puts }) => puts >= 6);
  await assertAbsent(...keys);

  await plan(worker, LATER);
  await arrived(...keys);
  // An ended session's entry says it of all its tokens, and none of this touched the others.
  await assertAbsent(jtiKey(leaver.refresh), sidKey(everywhere), sidKey(stayer), sidKey(second));
  assert.equal((await verify(worker, current)).status, 200);
});

test("what calls back more goes first, and spent ids of an ended session do not go at all", async () => {
  await kvIsDown();
  const user = await register(worker);
  const unsent = await refreshed(user.refresh);
  const gone = await signIn(worker, user);
  assert.equal((await blacklist(worker, gone.refresh)).status, 200);
  assert.equal((await resetAll(worker, unsent.access)).status, 205);
  const fresh = await signIn(worker, user);
  await refreshed(fresh.refresh);
  await countedOnce(worker, ({ puts }) => puts >= 5);

  await plan(worker, LATER);
  const keys = [subKey(user), sidKey(gone), jtiKey(fresh.refresh)];
  await arrived(...keys);
  assert.deepEqual((await counted(worker)).put_keys, keys);
});

test("a logout that comes while spent ids are told is told next", async () => {
  await kvIsDown();
  const user = await register(worker);
  const other = await signIn(worker, user);
  const spent = [user.refresh];
  for (let i = 0; i < 8; i++) spent.push((await refreshed(spent.at(-1))).refresh);
  spent.pop();
  await countedOnce(worker, ({ puts }) => puts >= 8);

  await plan(worker, { ...LATER, put_delay_ms: 150 });
  await eventually(async () => (await counted(worker)).puts >= 1);
  assert.equal((await blacklist(worker, other.refresh)).status, 200);
  await arrived(sidKey(other), ...spent.map(jtiKey));
  const { put_keys } = await counted(worker);
  assert.ok(put_keys.indexOf(sidKey(other)) < spent.length, `not after them all: ${put_keys}`);
  assert.equal(put_keys.length, spent.length + 1);
});

test("an object has one write of what ended and one of a spent id under way, however much there is to tell", async () => {
  const user = await register(worker);
  const sessions = [user, ...(await atOnce(4, () => signIn(worker, user)))];
  await plan(worker, { put_delay_ms: 100 });
  const answers = await atOnce(5, (index) => refresh(worker, sessions[index].refresh));
  assert.deepEqual(statuses(answers), { 200: 5 });
  assert.equal((await blacklist(worker, answers[0].json.refresh)).status, 200);
  await arrived(sidKey(user), ...sessions.slice(1).map((session) => jtiKey(session.refresh)));
  assert.equal((await counted(worker)).most_puts_at_once, 2);
});

test("an entry that KV refuses for ever keeps no other from arriving", async () => {
  const user = await register(worker);
  const [other, staying] = [await signIn(worker, user), await signIn(worker, user)];
  await plan(worker, { ...SOON, failing_key: sidKey(user) });
  assert.equal((await blacklist(worker, user.refresh)).status, 200);
  assert.equal((await blacklist(worker, other.refresh)).status, 200);
  await refreshed(staying.refresh);
  await arrived(sidKey(other), jtiKey(staying.refresh));
  await assertAbsent(sidKey(user));
  await plan(worker, LATER);
  await arrived(sidKey(user));
});

test("what workerd was killed before telling arrives after its restart, without a request", async () => {
  await kvIsDown({ alarms_within_ms: undefined });
  const [leaver, stayer, everywhere] = await atOnce(3, () => register(worker));
  await refreshed(stayer.refresh);
  assert.equal((await blacklist(worker, leaver.refresh)).status, 200);
  assert.equal((await resetAll(worker, everywhere.access)).status, 205);
  await worker.kill();
  worker = await worker.restart();
  await arrived(jtiKey(stayer.refresh), sidKey(leaver), subKey(everywhere));
});

/** A user who logged out at a clock that stands, while KV refused to hear of it. */
async function unheardLogout(at) {
  await kvIsDown(at(0));
  const session = await register(worker);
  assert.equal(claims(session.access).exp, claims(session.access).iat + 300);
  assert.equal((await blacklist(worker, session.refresh)).status, 200);
  await countedOnce(worker, ({ puts }) => puts >= 1);
  return session;
}

function standingClock() {
  const start = Math.floor(Date.now() / 1000);
  return { start, at: (seconds) => ({ ...SOON, clock_ms: (start + seconds) * 1000 }) };
}

test("an alarm that the runtime gave up is set again when the object is next asked", async () => {
  const session = await register(worker);
  await plan(worker, { failing_puts: ALWAYS, alarms_get_lost: true });
  assert.equal((await blacklist(worker, session.refresh)).status, 200);
  await countedOnce(worker, ({ puts }) => puts >= 1);
  // Two minutes overdue it does not go off any more. Any question will do, this one is refused.
  await plan(worker, { ...SOON, clock_offset_ms: 130_000 });
  assert.equal((await info(worker, session.access)).status, 401);
  await arrived(sidKey(session));
});

test("an entry told in its last second stays for the shortest time that KV takes", async () => {
  const { start, at } = standingClock();
  const session = await unheardLogout(at);
  // No verifier accepts a token 300 s after it expired.
  await plan(worker, at(599));
  await arrived(sidKey(session));
  assert.equal((await entries()).get(sidKey(session)).expiration, start + 599 + 90);
});

test("what is over is not told any more", async () => {
  const { at } = standingClock();
  const session = await unheardLogout(at);
  await plan(worker, at(600));
  await countedOnce(worker, ({ alarms }) => alarms >= 3);
  assert.equal((await counted(worker)).puts, 0);
  await assertAbsent(sidKey(session));
  assert.equal((await info(worker, session.access)).status, 401);
});

// Last, for it looks at what lies on disk. A cutoff that was being told when workerd was killed is told once
// more a minute later, for that write may still arrive.
test("no record of what KV lacks is left when all of it has arrived or is over", async () => {
  await worker.stop();
  const left = objectRows(worker.persistTo, "SubjectObject", "SELECT * FROM outbox WHERE unheard_until = 0");
  assert.deepEqual(left.flat(), []);
});
