// What a request costs: rows read and written, alarms, password hashes. Asserted where it is
// promised, printed for all.

import assert from "node:assert/strict";
import test, { afterEach, beforeEach } from "node:test";
import {
  atOnce,
  blacklist,
  info,
  PASSWORD,
  refresh,
  register,
  resetAll,
  signIn,
  statuses,
  trySignIn,
  verify,
} from "./support/client.mjs";
import { counted, countedOnce, eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { mint, SIGNING_KEY } from "./support/mint.mjs";
import { objectAlarms, objectRows } from "./support/object_storage.mjs";
import { request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";

// A Worker for each test, so that no alarm of another one is counted.
let worker;
beforeEach(async () => (worker = await startFaultyWorker()));
afterEach(() => worker.stop());

/** What `call` costs until KV has heard all of it, in `puts` writes. */
async function cost(t, name, call, { puts = 0, status = 200 } = {}) {
  await plan(worker);
  const answer = await call();
  assert.equal(answer.status, status, answer.text);
  const counters = await countedOnce(worker, (now) => now.puts >= puts);
  assert.equal(counters.puts, puts, "writes to KV");
  assert.equal(counters.alarms, 0, "the alarm has not gone off yet");
  print(t, name, counters);
  return { ...counters, json: answer.json };
}

function print(t, name, { rows_read, rows_written, alarms_set, puts, password_hashes }) {
  t.diagnostic(
    `${name}: rows read ${rows_read}, written ${rows_written}, alarms set ${alarms_set}, KV writes ${puts}, password hashes ${password_hashes}`,
  );
}

function assertCheap({ rows_written, alarms_set, password_hashes }) {
  assert.equal(rows_written, 1);
  assert.ok(alarms_set <= 1, `${alarms_set} alarms set`);
  assert.equal(password_hashes, 0);
}

/** The refreshes of one session, three in a row. */
async function refreshes(t, name, token) {
  const costs = [];
  for (let i = 0; i < 3; i++) {
    const spent = await cost(t, name, () => refresh(worker, token), { puts: 1 });
    assertCheap(spent);
    costs.push(spent);
    token = spent.json.refresh;
  }
  return { token, costs };
}

test("a refresh writes one row and its alarm another, and it reads as many beside a hundred sessions as alone", async (t) => {
  const user = await register(worker);
  // The first looks for the tables.
  const first = (await refresh(worker, user.refresh)).json;
  const alone = await refreshes(t, "refresh, 1 live session", first.refresh);
  await inBatches(99, () => signIn(worker, user));
  // The alarm of what came before is over.
  await alarmIsOver();
  const among = await refreshes(t, "refresh, 100 live sessions", alone.token);
  const read = ({ costs }) => costs.map(({ rows_read }) => rows_read);
  assert.deepEqual(read(among), read(alone));

  // Nothing is left to tell: the alarm writes down that KV has heard, and goes off again when the first row can go.
  await plan(worker);
  const { rows_read, rows_written, alarms_set } = await countedOnce(worker, ({ subject_alarms }) => subject_alarms >= 1);
  t.diagnostic(`alarm after a refresh, 100 live sessions: rows read ${rows_read}, written ${rows_written}, alarms set ${alarms_set}`);
  assert.equal(rows_written, 1);
  assert.equal(alarms_set, 1);

  worker = await worker.restart();
  const cold = await cost(t, "refresh, 100 live sessions, object just woken", () => refresh(worker, among.token), { puts: 1 });
  assertCheap(cold);
});

test("an alarm with nothing left to do is set again for when the first row can go", async () => {
  const { refresh: token } = await register(worker);
  assert.equal((await refresh(worker, token)).status, 200);
  await countedOnce(worker, ({ subject_alarms }) => subject_alarms >= 1);
  await worker.stop();
  const { exp } = decodeToken(token).payload;
  const [at, ...others] = objectAlarms(worker.persistTo, "SubjectObject");
  assert.deepEqual(others, []);
  // The successor expires as late or a second later.
  assert.ok(at / 1000 >= exp + 300 && at / 1000 <= exp + 302, `${at / 1000 - exp} s after the first token's exp`);
});

test("a login, a check, a logout and a logout everywhere", async (t) => {
  const user = await register(worker);
  const first = await cost(t, "first login of a day from an address", () => trySignIn(worker, user));
  // One row more, and the alarm that deletes it.
  assert.ok(first.rows_written <= 7 && first.alarms_set <= 1);
  const login = await cost(t, "login", () => trySignIn(worker, user));
  // The session; the event and its end; in the directory the event, the day's count and the user.
  assert.ok(login.rows_written <= 6);
  assert.equal(login.password_hashes, 1);
  const { access, refresh: token } = login.json;
  const check = await cost(t, "check of an access token", () => info(worker, access));
  assert.deepEqual([check.rows_written, check.alarms_set], [0, 0]);
  const logout = await cost(t, "logout", () => blacklist(worker, token), { puts: 1 });
  // The session, the record of what KV lacks, and its end; four for the event, as above.
  assert.ok(logout.rows_written <= 7);
  await inBatches(8, () => signIn(worker, user));
  const everywhere = await cost(t, "logout everywhere, 10 sessions", () => resetAll(worker, user.access), { puts: 1, status: 205 });
  // A row for each session, the subject's, the two of the record, and four for the event.
  assert.ok(everywhere.rows_written <= 17);
});

test("with BLACKLIST_AFTER_ROTATION=false a refresh writes one row and sets no alarm", async (t) => {
  worker = await worker.restart({ vars: { BLACKLIST_AFTER_ROTATION: "false" } });
  const { refresh: token } = await register(worker);
  const spent = await cost(t, "refresh, BLACKLIST_AFTER_ROTATION=false", () => refresh(worker, token));
  assert.deepEqual([spent.rows_written, spent.alarms_set], [1, 0]);
});

test("a wrong password and an unknown user cost the same work, a taken address none", async (t) => {
  const { email } = await register(worker);
  const attempts = {
    // The caller's failures, those of all strangers, and the alarm that deletes them.
    "a wrong password": [[2, 1], () => trySignIn(worker, { email, password: "not the password" })],
    "a very long password": [[2, 0], () => trySignIn(worker, { email, password: "p".repeat(50_000) })],
    // The first attempt makes the tables.
    "an unknown user": [[15, 1], () => trySignIn(worker, { email: "nobody@example.com", password: PASSWORD })],
    "an unknown user again": [[2, 0], () => trySignIn(worker, { email: "nobody@example.com", password: PASSWORD })],
  };
  for (const [name, [written, call]] of Object.entries(attempts)) {
    const spent = await cost(t, name, call, { status: 401 });
    assert.equal(spent.password_hashes, 1, name);
    assert.deepEqual([spent.rows_written, spent.alarms_set], written, name);
  }
  const registration = () =>
    request(worker, "POST", "/api/v1/users/registration/", { json: { email, password: PASSWORD } });
  const taken = await cost(t, "registration of a taken address", registration, { status: 400 });
  assert.deepEqual([taken.password_hashes, taken.rows_written], [0, 0]);
});

test("asking about what does not exist stores nothing and sets no alarm", async () => {
  worker = await worker.restart({ vars: { ALGORITHM: "HS256", SIGNING_KEY, ADOPT_FOREIGN_TOKENS: "true", LOGIN_ATTEMPTS: "0" } });
  const sid = "0".repeat(32);
  const tokens = ["access", "refresh", "sliding"].map((kind) => mint(kind, `nobody-${kind}`, { sid }));
  const answers = await Promise.all([
    trySignIn(worker, { email: "nobody@example.com", password: PASSWORD }),
    ...tokens.flatMap((token) => [verify(worker, token), refresh(worker, token), blacklist(worker, token), info(worker, token)]),
    ...["garbage", "a.b.c", `${tokens[0]}x`].map((token) => verify(worker, token)),
    // Only a look at a token that could be adopted adopts nothing.
    verify(worker, mint("refresh", "nobody-yet")),
  ]);
  assert.deepEqual(statuses(answers), { 200: 1, 401: answers.length - 1 });
  const { rows_written, alarms_set, puts } = await counted(worker);
  assert.deepEqual({ rows_written, alarms_set, puts }, { rows_written: 0, alarms_set: 0, puts: 0 });
  await worker.stop();
  for (const name of ["SubjectObject", "AccountObject"]) {
    const tables = objectRows(worker.persistTo, name, "SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'");
    assert.deepEqual(tables.flat(), [], name);
  }
});

/** Ten at a time, for each takes 19 MiB. */
async function inBatches(n, call) {
  for (let left = n; left > 0; left -= 10) await atOnce(Math.min(left, 10), call);
}

/** The alarm that every rotation sets has gone off, so that the next one sets its own. */
const alarmIsOver = () => eventually(async () => (await counted(worker)).subject_alarms >= 1);
