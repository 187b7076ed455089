// Keys rolling on a real workerd, with a clock of the test's own. What a ring does is decided and
// proved in crates/core/src/ring.rs; here is that the Worker does it.

import assert from "node:assert/strict";
import test from "node:test";
import * as client from "./support/client.mjs";
import { BLACKLISTED, info, refresh, verify } from "./support/client.mjs";
import { eventually, startFaultyWorker } from "./support/faults.mjs";
import { admin, ADMIN_KEY, until } from "./support/people.mjs";
import { askRing, byState, keySet, ringAlarm, setClock } from "./support/ring.mjs";
import { decodeToken } from "./support/token.mjs";
import { kvKeys } from "./support/worker.mjs";

const DAY = 86_400;
/** ring::PUBLISHED_AHEAD */
const AHEAD = 180;

const now = () => Math.floor(Date.now() / 1000);
const kidOf = (token) => decodeToken(token).header.kid;

/** A new user's first session: `{ access, refresh, kid }`. */
async function register(worker) {
  const session = await client.register(worker);
  assert.equal(kidOf(session.access), kidOf(session.refresh));
  return { ...session, kid: kidOf(session.access) };
}

/** The entry of a key in the blacklist. */
const blacklisted = async (worker, kid) => (await kvKeys(worker)).find(({ name }) => name === `kid:${kid}`);

async function assertStatus(status, answer, why) {
  const { status: found, text } = await answer;
  assert.equal(found, status, `${why}: ${text}`);
}

/** What administrators have seen of keys, the oldest first, once it is so much: `key_signs <kid>`. */
async function keyEvents(worker, count, within) {
  const ask = async () => (await admin(worker, "GET", "events/")).json.events.filter(({ kid }) => kid);
  const found = await until(ask, (events) => events.length >= count, within);
  return found.reverse().map(({ kind, kid, by_admin: byAdmin }) => `${kind} ${kid}${byAdmin ? " by an administrator" : ""}`);
}

async function running(test, options) {
  const worker = await startFaultyWorker({ ...options, vars: { ADMIN_KEY, ...options?.vars } });
  test.after(() => worker.stop());
  return worker;
}

test("the next key is published from the start, signs from its second on, and the old one leaves with its last token", async (t) => {
  const worker = await running(t);
  const first = await register(worker);
  const states = byState((await askRing(worker, "Look")).keys);
  const [signing, next] = [states.signing[0], states.next[0]];
  assert.equal(first.kid, signing.kid);
  assert.equal(next.signs_from, signing.signs_from + 30 * DAY);
  const published = await keySet(worker);
  assert.deepEqual(published.kids.toSorted(), [signing.kid, next.kid].toSorted());
  assert.equal(published.maxAge, 60);

  await setClock(worker, next.signs_from - 30);
  const before = await register(worker);
  assert.equal(before.kid, signing.kid);
  const { maxAge } = await keySet(worker);
  assert.ok(maxAge > 0 && maxAge <= 30, `max-age=${maxAge} and the keys change in 30 s`);

  // The ring in the isolate's memory is half a minute old, and its keeper has not been asked.
  await setClock(worker, next.signs_from + 2);
  const after = await register(worker);
  assert.equal(after.kid, next.kid);
  assert.equal((await keySet(worker)).maxAge, 0);
  assert.doesNotMatch(worker.log(), /key_signs/);

  await ringAlarm(worker);
  await worker.logged(/{"level":"notice","event":"security","kind":"key_signs","id":"[0-9a-f]{32}","at":\d+}/);
  assert.deepEqual(await keyEvents(worker, 1), [`key_signs ${next.kid}`]);
  const turned = byState((await askRing(worker, "Look")).keys);
  assert.deepEqual(turned.signing.map(({ kid }) => kid), [next.kid]);
  assert.deepEqual(turned.retiring.map(({ kid }) => kid), [signing.kid]);
  assert.equal((await keySet(worker)).kids.length, 3);
  await assertStatus(200, info(worker, before.access), "signed before the turn");
  await assertStatus(200, info(worker, after.access), "signed after the turn");

  // The refresh token from before the turn, in its last minute.
  const { exp } = decodeToken(before.refresh).payload;
  await setClock(worker, exp - 30);
  const refreshed = await refresh(worker, before.refresh);
  assert.equal(refreshed.status, 200, refreshed.text);
  assert.equal(kidOf(refreshed.json.access), next.kid);

  const { over_at } = turned.retiring[0];
  assert.ok(over_at >= exp + 300, "not before any verifier has to refuse its last token");
  await setClock(worker, over_at - 30);
  assert.ok((await keySet(worker)).kids.includes(signing.kid));
  await setClock(worker, over_at + 61);
  await ringAlarm(worker);
  assert.ok(!(await keySet(worker)).kids.includes(signing.kid));
  await worker.logged(/{"level":"info","event":"security","kind":"key_left",/);
  assert.deepEqual((await keyEvents(worker, 2)).at(-1), `key_left ${signing.kid}`);
});

test("a roll on demand waits until the next key has been published for long enough", async (t) => {
  const worker = await running(t);
  const { kid } = await register(worker);
  const asked = byState((await askRing(worker, "Roll")).keys);
  assert.equal(asked.signing[0].kid, kid);
  const [next] = asked.next;
  assert.equal(next.signs_from, next.published_at + AHEAD);
  assert.equal((await register(worker)).kid, kid);

  await setClock(worker, next.signs_from);
  assert.equal((await register(worker)).kid, next.kid);

  const ready = byState((await askRing(worker, "Look")).keys).next[0];
  await setClock(worker, ready.published_at + AHEAD + 1);
  const rolled = byState((await askRing(worker, "Roll")).keys);
  assert.equal(rolled.signing[0].kid, ready.kid);
  assert.equal((await register(worker)).kid, ready.kid);
  assert.equal(rolled.retiring.length, 2);
  assert.deepEqual(await keyEvents(worker, 3), [
    `key_signs_earlier ${next.kid} by an administrator`,
    `key_signs ${next.kid}`,
    `key_signs ${ready.kid} by an administrator`,
  ]);
});

test("KEY_ROTATION_DAYS decides how long a key signs", async (t) => {
  const worker = await running(t, { vars: { KEY_ROTATION_DAYS: "7" } });
  const { signing, next } = byState((await askRing(worker, "Look")).keys);
  assert.equal(next[0].signs_from - signing[0].signs_from, 7 * DAY);
});

test("a leaked key's tokens are dead here at once, and the blacklist has it until the last one is over", async (t) => {
  const worker = await running(t);
  await register(worker);
  await setClock(worker, now() + AHEAD + 5);
  const session = await register(worker);
  const leaked = session.kid;
  await assertStatus(200, info(worker, session.access), "before");

  const states = byState((await askRing(worker, { Leaked: null })).keys);
  assert.deepEqual(states.dead.map(({ kid }) => kid), [leaked]);
  await assertStatus(401, info(worker, session.access), "a bearer");
  await assertStatus(401, verify(worker, session.access), "verify");
  await assertStatus(401, refresh(worker, session.refresh), "refresh");
  assert.ok(!(await keySet(worker)).kids.includes(leaked));
  const fresh = await register(worker);
  assert.equal(fresh.kid, states.signing[0].kid);
  await assertStatus(200, info(worker, fresh.access), "by the next key");

  const entry = await eventually(() => blacklisted(worker, leaked));
  const { exp } = decodeToken(session.refresh).payload;
  assert.ok(entry.expiration >= exp + 300, `${entry.expiration} for ${exp}`);
  assert.equal(entry.metadata.reason, "key_leaked");

  // Whoever names the key can ask again.
  const again = byState((await askRing(worker, { Leaked: leaked })).keys);
  assert.deepEqual(again, states);
  await assertStatus(200, info(worker, fresh.access), "after a second declaration");
  assert.deepEqual(await askRing(worker, { Leaked: "nobody's" }), { no_such_key: true });

  const told = await keyEvents(worker, 2);
  assert.deepEqual(told, [`key_signs ${fresh.kid} by an administrator`, `key_leaked ${leaked} by an administrator`]);
  const { days } = (await admin(worker, "GET", "stats/?days=1")).json;
  assert.deepEqual([days[0].kinds.key_signs, days[0].kinds.key_leaked, days[0].revocations], [1, 1, 1]);
});

test("a key that leaks while its successor is not ready is dead all the same", async (t) => {
  const worker = await running(t);
  const session = await register(worker);
  const { signing, next } = byState((await askRing(worker, { Leaked: session.kid })).keys);
  assert.equal(next.length, 1);
  await assertStatus(401, info(worker, session.access), "the leaked key's");
  const fresh = await register(worker);
  assert.equal(fresh.kid, signing[0].kid);
  await assertStatus(200, info(worker, fresh.access), "its successor's");
});

test("a replay is the same bytes though the key has rolled, and is refused once its key has leaked", async (t) => {
  const worker = await running(t, { vars: { REFRESH_GRACE_SECONDS: "60" } });
  await register(worker);
  await setClock(worker, now() + AHEAD + 5);
  const spent = await register(worker);
  const pair = await refresh(worker, spent.refresh);
  const { signing } = byState((await askRing(worker, "Roll")).keys);
  assert.notEqual(signing[0].kid, spent.kid);
  const replay = await refresh(worker, spent.refresh);
  assert.equal(replay.status, 200, replay.text);
  assert.equal(replay.text, pair.text);

  const next = await refresh(worker, pair.json.refresh);
  assert.equal(kidOf(next.json.refresh), signing[0].kid);
  await askRing(worker, { Leaked: signing[0].kid });
  const refused = await refresh(worker, pair.json.refresh);
  assert.equal(refused.status, 401, refused.text);
  assert.deepEqual(refused.json, BLACKLISTED);
});

test("a leaked key reaches a blacklist that fails at first, by the alarm", async (t) => {
  const worker = await running(t);
  const { kid } = await register(worker);
  await setClock(worker, now(), { failing_puts: 2 });
  await askRing(worker, { Leaked: kid });
  await worker.logged(/as planned/);
  assert.deepEqual(await kvKeys(worker), []);
  await eventually(() => blacklisted(worker, kid), 30_000);
});

test("a leaked key reaches the blacklist though workerd is killed before it could be told", async (t) => {
  const worker = await startFaultyWorker();
  const { kid } = await register(worker);
  await setClock(worker, now(), { failing_puts: 1000 });
  await askRing(worker, { Leaked: kid });
  await worker.kill();
  const next = await running(t, { persistTo: worker.persistTo });
  await eventually(() => blacklisted(next, kid), 30_000);
});

test("what the directory has not heard of keys it hears later, by the alarm, and once", async (t) => {
  const worker = await running(t);
  const { kid } = await register(worker);
  await setClock(worker, now() + 5, { failing_records: 2 });
  const { signing } = byState((await askRing(worker, { Leaked: kid })).keys);
  const told = [`key_signs ${signing[0].kid} by an administrator`, `key_leaked ${kid} by an administrator`];
  assert.deepEqual(await keyEvents(worker, 2, 40_000), told);
  assert.equal(worker.log().match(/"kind":"key_leaked"/g).length, 1);
});

test("the directory hears of a leaked key though workerd is killed before it could be told", async (t) => {
  const worker = await startFaultyWorker({ vars: { ADMIN_KEY } });
  const { kid } = await register(worker);
  await setClock(worker, now() + 5, { failing_records: 1000 });
  await askRing(worker, { Leaked: kid });
  await worker.kill();
  const next = await running(t, { persistTo: worker.persistTo });
  assert.match((await keyEvents(next, 2, 30_000)).at(-1), new RegExp(`^key_leaked ${kid} `));
});

test("fifty first requests at once make one ring, which is there after a restart", async (t) => {
  const worker = await startFaultyWorker();
  const calls = Array.from({ length: 50 }, (_, index) =>
    index % 2 === 0 ? keySet(worker).then(({ keys }) => keys) : register(worker).then(() => undefined),
  );
  const sets = (await Promise.all(calls)).filter(Boolean);
  for (const keys of sets) assert.deepEqual(keys, sets[0]);
  assert.equal(sets[0].length, 2);
  const next = await worker.restart();
  t.after(() => next.stop());
  assert.deepEqual((await keySet(next)).keys, sets[0]);
});

test("what the ring has written down holds though the clock goes back", async (t) => {
  const worker = await running(t);
  await register(worker);
  await setClock(worker, now() + 31 * DAY);
  const { kid } = await register(worker);
  await setClock(worker, now());
  assert.equal((await register(worker)).kid, kid);
});

