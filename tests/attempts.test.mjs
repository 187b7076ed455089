// How often a password may be tried: by one caller, by all together, and what each hears.
//
// The rules have their tables in crates/core/src/attempts.rs; here they hold over HTTP, by the objects
// and after a crash, at a clock of the test's own.

import assert from "node:assert/strict";
import test, { after, before, beforeEach } from "node:test";
import { counted, countedOnce, plan, startFaultyWorker } from "./support/faults.mjs";
import { ADMIN_KEY, address, admin, events, registered } from "./support/people.mjs";
import { objectRows } from "./support/object_storage.mjs";
import { bearer, request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const HERE = "203.0.113.7";
const ELSEWHERE = "198.51.100.9";
const WRONG = "not the password";
const NO_ACCOUNT = { detail: "No active account found with the given credentials" };

let worker;
before(async () => {
  worker = await startFaultyWorker({ vars: { ADMIN_KEY } });
});
after(() => worker?.stop());
beforeEach(() => plan(worker));

const from = (ip) => ({ "cf-connecting-ip": ip });

/** Tries to sign in; `{ status, json, headers }`. */
const attempt = (on, person, ip = HERE, path = "/api/token/") =>
  request(on, "POST", path, { json: { email: person.email, password: person.password ?? WRONG }, headers: from(ip) });

async function guess(on, person, times, ip) {
  const statuses = [];
  for (let at = 0; at < times; at++) statuses.push((await attempt(on, { email: person.email }, ip)).status);
  return statuses;
}

const later = (seconds, more = {}) => plan(worker, { clock_offset_ms: seconds * 1000, ...more });

const newPerson = (on = worker) => registered(on, { headers: from("192.0.2.1") });

function assertThrottled({ status, json, headers }, [least, most]) {
  assert.equal(status, 429, JSON.stringify(json));
  const wait = Number(headers["retry-after"]);
  assert.ok(wait >= least && wait <= most, `${wait}`);
  assert.deepEqual(json, { detail: `Request was throttled. Expected available in ${wait} seconds.` });
}

test("after five wrong passwords even the right one waits, and is not even checked", async () => {
  const ann = await newPerson();
  assert.deepEqual(await guess(worker, ann, 5), [401, 401, 401, 401, 401]);
  await plan(worker);
  assertThrottled(await attempt(worker, ann), [28, 30]);
  const { password_hashes: hashes, rows_written: rows } = await counted(worker);
  assert.deepEqual([hashes, rows], [0, 0]);
});

test("the wait doubles with every further wrong password, and a right one after it forgets all", async () => {
  const ann = await newPerson();
  await guess(worker, ann, 5);
  await later(31);
  assert.equal((await attempt(worker, { email: ann.email })).status, 401);
  assertThrottled(await attempt(worker, ann), [58, 60]);
  await later(31 + 61);
  assert.equal((await attempt(worker, ann)).status, 200);
  assert.deepEqual(await guess(worker, ann, 4), [401, 401, 401, 401]);
  assert.equal((await attempt(worker, ann)).status, 200);
});

test("who guesses from one address keeps nobody at another one out", async () => {
  const ann = await newPerson();
  await guess(worker, ann, 5, HERE);
  assertThrottled(await attempt(worker, ann, HERE), [28, 30]);
  assert.equal((await attempt(worker, ann, ELSEWHERE)).status, 200);
});

test("a network of IPv6 is one caller, and the next one another", async () => {
  const ann = await newPerson();
  for (let at = 1; at <= 5; at++) await attempt(worker, { email: ann.email }, `2001:db8:1:2::${at}`);
  assertThrottled(await attempt(worker, ann, "2001:db8:1:2:ffff::1"), [28, 30]);
  assert.equal((await attempt(worker, ann, "2001:db8:1:3::1")).status, 200);
});

test("an address that nobody has is counted and answered like any other", async () => {
  const nobody = { email: address() };
  for (let at = 0; at < 5; at++) {
    const { status, json } = await attempt(worker, nobody);
    assert.deepEqual([status, json], [401, NO_ACCOUNT]);
  }
  assertThrottled(await attempt(worker, nobody), [28, 30]);
  assertThrottled(await attempt(worker, nobody, HERE, "/api/token/sliding/"), [28, 30]);
});

test("a hundred wrong passwords from many places keep strangers out, and not where the owner is known", async () => {
  const ann = await newPerson();
  assert.equal((await attempt(worker, ann, ELSEWHERE)).status, 200);
  const guesses = Array.from({ length: 100 }, (_, at) => attempt(worker, { email: ann.email }, `192.0.2.${at + 1}`));
  assert.ok((await Promise.all(guesses)).every(({ status }) => status === 401));
  assertThrottled(await attempt(worker, ann, "203.0.113.200"), [350, 360]);
  assert.equal((await attempt(worker, ann, ELSEWHERE)).status, 200);
});

test("what was counted is still known after a crash", async () => {
  let mine = await startFaultyWorker();
  try {
    const ann = await newPerson(mine);
    await guess(mine, ann, 5);
    await mine.kill();
    mine = await mine.restart();
    assertThrottled(await attempt(mine, ann), [20, 30]);
  } finally {
    await mine.stop();
  }
});

test("a password is not guessed by who changes it either, wherever from", async () => {
  const ann = await newPerson();
  const change = (old_password, ip) =>
    request(worker, "POST", "/api/v1/users/password/", {
      headers: { ...bearer(ann.access), ...from(ip) },
      json: { old_password, new_password: "a new one, and a long one" },
    });
  for (let at = 0; at < 5; at++) assert.equal((await change(WRONG, `192.0.2.${at + 1}`)).status, 400);
  assertThrottled(await change(ann.password, "192.0.2.77"), [28, 30]);
  assert.equal((await attempt(worker, ann)).status, 200, "a sign-in is not concerned");
});

test("a lockout is an event of its user, told once an hour and to nobody of an address that nobody has", async () => {
  const ann = await newPerson();
  await guess(worker, { email: address() }, 5);
  await guess(worker, ann, 5);
  await later(31);
  await guess(worker, ann, 1);
  const found = await events(worker, ann.sub, 2);
  assert.deepEqual(found.map(({ kind }) => kind), ["login", "lockout"]);
  const { sub, sid, client } = found[1];
  assert.deepEqual([sub, sid, client], [ann.sub, null, null]);
  const { json } = await admin(worker, "GET", "events/?kind=lockout");
  assert.ok(json.events.every((event) => event.sub !== null), "an address of nobody");
});

test("a lockout that the directory did not take is told later", async () => {
  const ann = await newPerson();
  await events(worker, ann.sub, 1);
  await plan(worker, { failing_records: 1, alarms_within_ms: 50 });
  await guess(worker, ann, 5);
  const found = await events(worker, ann.sub, 2);
  assert.equal(found[1].kind, "lockout");
});

test("an administrator lets somebody in who has to wait", async () => {
  const ann = await newPerson();
  await guess(worker, ann, 5);
  assert.equal((await admin(worker, "POST", `users/${ann.sub}/unlock/`)).status, 204);
  assert.equal((await attempt(worker, ann)).status, 200);
  assert.equal((await admin(worker, "POST", "users/nobody/unlock/")).status, 404);
  assert.equal((await admin(worker, "GET", `users/${ann.sub}/unlock/`)).status, 405);
});

test("what does not matter any more is deleted by the alarm, and so are the addresses of a deleted user", async () => {
  let mine = await startFaultyWorker({ vars: { ADMIN_KEY } });
  try {
    const kept = async () => {
      await mine.stop();
      const rows = objectRows(mine.persistTo, "AccountObject", "SELECT who, known_until > 0 AS known FROM tries ORDER BY who");
      mine = await mine.restart();
      return rows.flat().map(({ who, known }) => `${who} ${known}`);
    };
    const ann = await newPerson(mine);
    await guess(mine, ann, 5);
    await guess(mine, ann, 1, ELSEWHERE);
    assert.equal((await attempt(mine, ann, "192.0.2.8")).status, 200);
    assert.deepEqual(await kept(), ["* 0", "192.0.2.8 1", `${ELSEWHERE} 0`, `${HERE} 0`]);
    await plan(mine, { clock_offset_ms: 2 * 3_600_000, alarms_within_ms: 20 });
    await attempt(mine, { email: ann.email }, HERE);
    await countedOnce(mine, ({ alarms }) => alarms > 0);
    const left = await kept();
    assert.ok(left.includes("192.0.2.8 1") && !left.includes(`${ELSEWHERE} 0`), left.join());
    assert.equal((await admin(mine, "DELETE", `users/${ann.sub}/`)).status, 204);
    assert.deepEqual(await kept(), []);
  } finally {
    await mine.stop();
  }
});

test("an owner who signs in often from one address writes a row for it once a day", async () => {
  const ann = await newPerson();
  const written = async (seconds) => {
    await later(seconds);
    assert.equal((await attempt(worker, ann)).status, 200);
    await events(worker, ann.sub, 1);
    const { rows_written } = await countedOnce(worker, ({ records }) => records > 0);
    return rows_written;
  };
  const [first, again, nextDay] = [await written(0), await written(60), await written(86_400 + 120)];
  assert.deepEqual([first - again, nextDay - again > 0], [1, true], `${first}, ${again}, ${nextDay}`);
});

test("LOGIN_ATTEMPTS=0 limits nothing", async () => {
  const free = await startWorker({ vars: { LOGIN_ATTEMPTS: "0" }, braked: 1 });
  try {
    const ann = await newPerson(free);
    assert.ok((await guess(free, ann, 30)).every((status) => status === 401));
    assert.equal((await attempt(free, ann)).status, 200);
  } finally {
    await free.stop();
  }
});

test("the brake keeps a flood of one caller off, and lets an owner in that it is a flood against", async () => {
  const braked = await startWorker({ braked: 8 });
  try {
    const ann = await newPerson(braked);
    assert.equal((await attempt(braked, ann, ELSEWHERE)).status, 200);
    const flood = [];
    for (let at = 0; at < 10; at++) flood.push(await attempt(braked, { email: address() }, HERE));
    assert.deepEqual(flood.slice(0, 8).map(({ status }) => status), Array(8).fill(401));
    assertThrottled(flood[9], [60, 60]);
    const registration = { email: address(), password: "a password of theirs" };
    assertThrottled(
      await request(braked, "POST", "/api/v1/users/registration/", { json: registration, headers: from(HERE) }),
      [60, 60],
    );
    for (let at = 0; at < 9; at++) await attempt(braked, { email: ann.email }, `192.0.2.${at + 10}`);
    assertThrottled(await attempt(braked, ann, "192.0.2.99"), [60, 60]);
    assert.equal((await attempt(braked, ann, ELSEWHERE)).status, 200);
  } finally {
    await braked.stop();
  }
});
