// What each operation costs, counted and not guessed. The counters are those of the build with
// injected faults; the prices are Cloudflare's.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { info, PASSWORD, refresh, register, resetAll, signIn } from "./support/client.mjs";
import { BATCH, CLIENTS, clientToken, introspect, newSubject, openSession, revoke } from "./support/clients.mjs";
import { counted, eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { SIGNING_KEY } from "./support/mint.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";

/**
 * US dollars per million on the plan Workers Paid, beyond what is included, as Cloudflare published
 * them in 2026. Not counted: CPU time ($0.02 per million ms), an
 * object's duration ($12.50 per million GB-s) and what is stored.
 */
const PRICES = {
  requests: 0.3,
  object_requests: 0.15,
  rows_written: 1,
  rows_read: 0.001,
  kv_reads: 0.5,
  kv_writes: 5,
};

// So often each operation is done; the figures are for one.
const TIMES = 10;
// The alarm looks 5 s after a decision whether the blacklist has it.
const ALARM_WITHIN = 20_000;
const NO_ALARM_FOR = 7_000;
const SETTLED_AFTER = 400;

// With a shared key: of a ring each isolate would ask its object again once a minute, in the middle of an operation or not.
const VARS = { CLIENTS, ALGORITHM: "HS256", SIGNING_KEY };

let worker;
let ringed;
let unpublished;
before(async () => {
  [worker, ringed, unpublished] = await Promise.all([
    startFaultyWorker({ vars: VARS }),
    startFaultyWorker({ vars: { CLIENTS } }),
    startFaultyWorker({ vars: { ...VARS, BLACKLIST_AFTER_ROTATION: "false" } }),
  ]);
});
after(() => Promise.all([worker, ringed, unpublished].map((one) => one?.stop())));

const logout = (worker, { access, refresh }) =>
  request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token: refresh } });
const list = (worker, access) => request(worker, "GET", "/api/sessions/", { headers: bearer(access) });
const check = (worker, access) => request(worker, "GET", "/api/check/", { headers: bearer(access) });
const sidOf = ({ access }) => decodeToken(access).payload.sid;

const times = (make) => Promise.all(Array.from({ length: TIMES }, (_, at) => make(at)));

/** People who have signed in today from where they are. */
const people = (worker, name) =>
  times(async (at) => {
    const person = await register(worker, `${name}${at}@example.com`, PASSWORD);
    await signIn(worker, person);
    return person;
  });

/** Sessions of as many subjects, each refreshed once, so that nothing is done for the first time. */
const sessions = (worker) =>
  times(async () => {
    const { refresh: first } = await openSession(worker, newSubject());
    return (await refresh(worker, first)).json;
  });

/** With a ring of keys each check asks KV for the key, too. Time stands still, so that the ring is not asked for again. */
const ON_A_RING = { on: () => ringed, faults: () => ({ clock_ms: RINGED_AT }) };
const RINGED_AT = Date.now() + 60_000;
const publicKeys = (worker) => request(worker, "GET", "/.well-known/jwks.json");

// Rows read cost so little that they are only kept from growing out of sight: an object that has slept
// looks around first.

/**
 * Every operation: what is there before, what has just been done, what is done, how many writes to KV it leads to, whether an
 * alarm looks after it, and what it may cost at most. `rows_written` counts an alarm that is set as
 * one more, as Cloudflare does, and `object_requests` one that goes off.
 */
const OPERATIONS = {
  "registration": {
    once: async (worker, at) => register(worker, `new${at}@example.com`),
    most: { object_requests: 3, rows_written: 34, rows_read: 60, kv_reads: 0, kv_writes: 0 },
  },
  "login with a password": {
    prepare: (worker) => people(worker, "known"),
    once: (worker, at, users) => signIn(worker, users[at]),
    most: { object_requests: 3, rows_written: 6, rows_read: 50, kv_reads: 0, kv_writes: 0 },
  },
  "login with a wrong password, by a stranger": {
    prepare: (worker) => people(worker, "guessed"),
    once: async (worker, at, users) => {
      const json = { email: users[at].email, password: "wrong" };
      const headers = { "cf-connecting-ip": "203.0.113.7" };
      assert.equal((await request(worker, "POST", "/api/token/", { json, headers })).status, 401);
    },
    most: { object_requests: 1, rows_written: 3, rows_read: 50, kv_reads: 0, kv_writes: 0 },
  },
  "session opened by a client, a new subject": {
    once: (worker) => openSession(worker, newSubject()),
    most: { object_requests: 2, rows_written: 18, rows_read: 50, kv_reads: 0, kv_writes: 0 },
  },
  "refresh": {
    prepare: sessions,
    once: (worker, at, pairs) => refresh(worker, pairs[at].refresh),
    puts: 1,
    alarm: true,
    most: { object_requests: 2, rows_written: 4, rows_read: 50, kv_reads: 0, kv_writes: 1 },
  },
  "refresh, BLACKLIST_AFTER_ROTATION=false": {
    on: () => unpublished,
    prepare: sessions,
    once: (worker, at, pairs) => refresh(worker, pairs[at].refresh),
    most: { object_requests: 1, rows_written: 1, rows_read: 50, kv_reads: 0, kv_writes: 0 },
  },
  "log-out": {
    prepare: sessions,
    once: (worker, at, pairs) => logout(worker, pairs[at]),
    puts: 1,
    alarm: true,
    most: { object_requests: 4, rows_written: 9, rows_read: 50, kv_reads: 0, kv_writes: 1 },
  },
  "end of a session from the list": {
    prepare: sessions,
    once: (worker, at, pairs) =>
      request(worker, "DELETE", `/api/sessions/${sidOf(pairs[at])}/`, { headers: bearer(pairs[at].access) }),
    puts: 1,
    alarm: true,
    most: { object_requests: 4, rows_written: 9, rows_read: 50, kv_reads: 0, kv_writes: 1 },
  },
  "reset of all, one session": {
    prepare: sessions,
    once: (worker, at, pairs) => resetAll(worker, pairs[at].access),
    puts: 1,
    alarm: true,
    most: { object_requests: 4, rows_written: 10, rows_read: 50, kv_reads: 0, kv_writes: 1 },
  },
  "revocation of an access token": {
    prepare: sessions,
    once: (worker, at, pairs) => revoke(worker, pairs[at].access),
    puts: 1,
    alarm: true,
    most: { object_requests: 4, rows_written: 9, rows_read: 50, kv_reads: 0, kv_writes: 1 },
  },
  "list of sessions": {
    prepare: sessions,
    once: (worker, at, pairs) => list(worker, pairs[at].access),
    most: { object_requests: 2, rows_written: 0, rows_read: 50, kv_reads: 0, kv_writes: 0 },
  },
  "strict check: info, verify, introspect": {
    prepare: sessions,
    once: (worker, at, pairs) => introspect(worker, pairs[at].access),
    most: { object_requests: 1, rows_written: 0, rows_read: 50, kv_reads: 0, kv_writes: 0 },
  },
  "check by KV, nothing remembered": {
    ...ON_A_RING,
    prepare: sessions,
    warm: publicKeys,
    once: (worker, at, pairs) => check(worker, pairs[at].access),
    most: { object_requests: 0, rows_written: 0, rows_read: 0, kv_reads: 4, kv_writes: 0 },
  },
  "check by KV, remembered": {
    ...ON_A_RING,
    prepare: sessions,
    warm: async (worker, pairs) => {
      await publicKeys(worker);
      await Promise.all(pairs.map(({ access }) => check(worker, access)));
    },
    once: (worker, at, pairs) => check(worker, pairs[at].access),
    most: { object_requests: 0, rows_written: 0, rows_read: 0, kv_reads: 0, kv_writes: 0 },
  },
  "token for a client": {
    prepare: (worker) => clientToken(worker),
    once: (worker) => clientToken(worker, BATCH),
    most: { object_requests: 1, rows_written: 1, rows_read: 50, kv_reads: 0, kv_writes: 0 },
  },
};

/** The cost of one, with everything that it leads to. */
async function costOf({ on = () => worker, faults = () => ({}), warm, once, puts = 0, alarm = false }, prepared) {
  const worker = on();
  await plan(worker, faults());
  await warm?.(worker, prepared);
  await plan(worker, faults());
  for (let at = 0; at < TIMES; at++) {
    const answer = await once(worker, at, prepared);
    if (answer?.status) assert.ok(answer.status < 300, answer.text);
  }
  const over = (counters) => counters.puts >= puts * TIMES && (!alarm || counters.alarms >= TIMES);
  await eventually(async () => over(await counted(worker)), ALARM_WITHIN);
  const counters = await quiet(worker, SETTLED_AFTER);
  const each = (count) => count / TIMES;
  return {
    requests: 1,
    object_requests: each(counters.object_requests + counters.alarms),
    rows_written: each(counters.rows_written + counters.alarms_set),
    rows_read: each(counters.rows_read),
    // Each key of a bulk read is billed, one that is absent too.
    kv_reads: each(counters.keys_read),
    kv_writes: each(counters.puts),
  };
}

/** The counters once nothing has moved for so long. */
async function quiet(worker, milliseconds) {
  for (let [last, since] = ["", Date.now()]; ; await sleep(50)) {
    const counters = await counted(worker);
    const text = JSON.stringify(counters);
    if (text !== last) [last, since] = [text, Date.now()];
    if (Date.now() - since > milliseconds) return counters;
  }
}

const dollars = (cost) => Object.entries(PRICES).reduce((sum, [what, price]) => sum + cost[what] * price, 0);

test("no operation costs more than it may", async () => {
  const prepared = {};
  for (const [operation, { on = () => worker, prepare = () => {} }] of Object.entries(OPERATIONS)) {
    prepared[operation] = await prepare(on());
  }
  // What the preparation led to must not count.
  await Promise.all([worker, ringed, unpublished].map((one) => quiet(one, NO_ALARM_FOR)));

  const rows = [];
  for (const [operation, details] of Object.entries(OPERATIONS)) {
    const cost = await costOf(details, prepared[operation]);
    rows.push({ operation, ...cost, "$ per million": Number(dollars(cost).toFixed(2)) });
  }
  console.table(rows);
  for (const { operation, ...cost } of rows) {
    for (const [what, most] of Object.entries(OPERATIONS[operation].most)) {
      assert.ok(cost[what] <= most, `${operation}: ${cost[what]} ${what}, at most ${most}`);
    }
  }
});

test("a strict check costs no more where there are many sessions", async () => {
  const sub = newSubject();
  const { access } = await openSession(worker, sub);
  const readFor = async () => {
    await plan(worker);
    assert.equal((await introspect(worker, access)).json.active, true);
    return (await counted(worker)).rows_read;
  };
  // The object looks for its tables once.
  await readFor();
  const alone = await readFor();
  for (let more = 0; more < 50; more++) await openSession(worker, sub);
  assert.equal(await readFor(), alone);
});

test("a refused token writes nothing", async () => {
  const user = await register(worker);
  await plan(worker);
  await info(worker, `${user.access}x`);
  await refresh(worker, user.access);
  const { rows_written, puts, alarms_set } = await counted(worker);
  assert.deepEqual({ rows_written, puts, alarms_set }, { rows_written: 0, puts: 0, alarms_set: 0 });
});
