// Sessions in time, at a clock that the test sets: the truth table of a presented token end to end,
// thefts played out, every expiry to the second, clocks that go back, and what the alarm deletes.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import {
  assertDead,
  atOnce,
  BLACKLISTED,
  blacklist,
  info,
  refresh,
  register,
  resetAll,
  signIn,
  statuses,
  verify,
} from "./support/client.mjs";
import { counted, eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { mint, SIGNING_KEY } from "./support/mint.mjs";
import { objectRows } from "./support/object_storage.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";

const DAY = 86_400;
const HOUR = 3600;
// The clock stands here, and where a test puts it from here.
const START = Math.floor(Date.now() / 1000);

const INVALID = { detail: "Token is invalid", code: "token_not_valid" };
const EXPIRED = { detail: "Token is expired", code: "token_not_valid" };

let worker;
before(async () => (worker = await startFaultyWorker()));
after(() => worker.stop());

const claims = (token) => decodeToken(token).payload;

/** From now on it is so many seconds after the start, and time stands still. */
const clock = (seconds, of = worker) => plan(of, { clock_ms: (START + seconds) * 1000 });

async function refreshed(token, of = worker) {
  const { status, json, text } = await refresh(of, token);
  assert.equal(status, 200, text);
  return json;
}

async function assertRefused(answer, why = BLACKLISTED) {
  const { status, json } = await answer;
  assert.equal(status, 401);
  assert.deepEqual(json, why);
}

/** A session that is good: its access token, and its refresh token, which stays unspent. */
async function assertAlive({ access, refresh: token }, of = worker) {
  assert.equal((await info(of, access)).status, 200);
  assert.equal((await verify(of, access)).status, 200);
  assert.equal((await verify(of, token)).status, 200);
}

/** Nothing of a session is good, wherever it is shown. */
async function assertOver({ access, refresh: token }) {
  await assertDead(worker, { access: [access], refresh: [token] }, "the session has ended");
  for (const each of [access, token]) {
    const { status, json } = await verify(worker, each);
    assert.deepEqual([status, json], [400, { non_field_errors: [BLACKLISTED.detail] }]);
  }
}

/** A session rotated once at the start: its spent refresh token, and what followed it. */
async function rotatedOnce() {
  await clock(0);
  const { refresh: spent } = await register(worker);
  return { spent, successor: await refreshed(spent) };
}

test("a spent token presented within 10 s of its rotation is refused, and the session lives", async () => {
  const { spent, successor } = await rotatedOnce();
  for (const seconds of [0, 1, 9]) {
    await clock(seconds);
    await assertRefused(refresh(worker, spent));
    await assertAlive(successor);
  }
  await refreshed(successor.refresh);
});

test("a spent token presented 10 s after its rotation is refused, and the session has ended", async () => {
  for (const seconds of [10, 11, HOUR]) {
    const { spent, successor } = await rotatedOnce();
    await clock(seconds);
    // A check of it says no more than that it is spent.
    assert.equal((await verify(worker, spent)).status, 400);
    assert.equal((await verify(worker, successor.refresh)).status, 200);
    await assertRefused(refresh(worker, spent));
    if (seconds < 300) await assertOver(successor);
    else await assertRefused(refresh(worker, successor.refresh));
  }
  await worker.logged(/"kind":"reuse","reuse":"stale"/);
});

test("a token two rotations behind ends the session at once", async () => {
  const { spent, successor } = await rotatedOnce();
  const newest = await refreshed(successor.refresh);
  await assertRefused(refresh(worker, spent));
  await assertOver(newest);
});

test("who lost a race and presents the spent token again after 10 s ends the session", async () => {
  await clock(0);
  const { refresh: token } = await register(worker);
  const answers = await atOnce(2, () => refresh(worker, token));
  assert.deepEqual(statuses(answers), { 200: 1, 401: 1 });
  const winner = answers.find(({ status }) => status === 200).json;
  await assertAlive(winner);
  await clock(10);
  await assertRefused(refresh(worker, token));
  await assertOver(winner);
});

test("a thief who refreshes first is left with nothing when the owner comes", async () => {
  await clock(0);
  const { refresh: stolen } = await register(worker);
  await clock(100);
  let thief = await refreshed(stolen);
  await clock(200);
  thief = await refreshed(thief.refresh);
  await clock(290);
  await assertRefused(refresh(worker, stolen));
  await assertOver(thief);
});

test("a thief who comes after the owner gets nothing, and the owner has to sign in again", async () => {
  await clock(0);
  const user = await register(worker);
  await clock(100);
  const owner = await refreshed(user.refresh);
  await clock(200);
  await assertRefused(refresh(worker, user.refresh));
  await assertOver(owner);
  await assertAlive(await signIn(worker, user));
});

const GIVING_BACK = {
  "a blacklist": (token) => blacklist(worker, token),
  "a logout": (token, { access }) =>
    request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token: token } }),
};

for (const [name, giveBack] of Object.entries(GIVING_BACK)) {
  test(`${name} with a spent refresh token is refused and ends its session, in a moment or later`, async () => {
    for (const seconds of [0, 5, 10, 200]) {
      const { spent, successor } = await rotatedOnce();
      await clock(seconds);
      await assertRefused(giveBack(spent, successor));
      await assertOver(successor);
    }
  });
}

test("an access token is good up to the second before its exp", async () => {
  await clock(0);
  const { access } = await register(worker);
  const { exp } = claims(access);
  assert.equal(exp, START + 300);
  await clock(299);
  assert.equal((await info(worker, access)).status, 200);
  assert.equal((await verify(worker, access)).status, 200);
  await clock(300);
  await assertRefused(verify(worker, access), EXPIRED);
  const { status, json } = await info(worker, access);
  assert.deepEqual([status, json.messages[0].message], [401, "Token is expired"]);
});

test("a refresh token is good up to the second before its exp", async () => {
  await clock(0);
  const [one, two] = await atOnce(2, () => register(worker));
  assert.equal(claims(one.refresh).exp, START + DAY);
  await clock(DAY - 1);
  const next = await refreshed(one.refresh);
  assert.equal(claims(next.refresh).exp, START + DAY - 1 + DAY);
  await clock(DAY);
  await assertRefused(refresh(worker, two.refresh), EXPIRED);
  await assertRefused(verify(worker, two.refresh), EXPIRED);
  await assertRefused(blacklist(worker, two.refresh), EXPIRED);
  await refreshed(next.refresh);
});

test("a sliding token is good up to the second before its exp, and refreshed up to its refresh_exp", async (t) => {
  const vars = { AUTH_TOKEN_CLASSES: "access,sliding", SLIDING_TOKEN_REFRESH_LIFETIME: "500" };
  const sliding = await startFaultyWorker({ vars });
  t.after(() => sliding.stop());
  const refreshSliding = (token) => request(sliding, "POST", "/api/token/sliding/refresh/", { json: { token } });

  await clock(0, sliding);
  const { email, password } = await register(sliding);
  const { token: first } = (await request(sliding, "POST", "/api/token/sliding/", { json: { email, password } })).json;
  const { exp, refresh_exp, jti } = claims(first);
  assert.deepEqual([exp, refresh_exp], [START + 300, START + 500]);
  await clock(299, sliding);
  assert.equal((await info(sliding, first)).status, 200);
  const second = (await refreshSliding(first)).json.token;
  assert.deepEqual(claims(second), { ...claims(first), exp: START + 599, iat: START + 299 });
  assert.equal(claims(second).jti, jti);
  await clock(300, sliding);
  assert.equal((await info(sliding, first)).status, 401);
  await assertRefused(refreshSliding(first), EXPIRED);
  await clock(499, sliding);
  assert.equal((await refreshSliding(second)).status, 200);
  await clock(500, sliding);
  assert.equal((await info(sliding, second)).status, 200, "as a bearer it lives on");
  await assertRefused(refreshSliding(second), { ...INVALID, detail: "Token 'refresh_exp' claim has expired" });
});

test("SESSION_LIFETIME ends a session however often it rotates", async (t) => {
  const bounded = await startFaultyWorker({ vars: { SESSION_LIFETIME: "1000" } });
  t.after(() => bounded.stop());
  await clock(0, bounded);
  let session = await register(bounded);
  for (const seconds of [200, 500, 800, 999]) {
    await clock(seconds, bounded);
    session = await refreshed(session.refresh, bounded);
    assert.equal(claims(session.refresh).exp, START + 1000);
    assert.equal(claims(session.access).exp, START + Math.min(seconds + 300, 1000));
  }
  await assertAlive(session, bounded);
  await clock(1000, bounded);
  await assertRefused(refresh(bounded, session.refresh), EXPIRED);
  assert.equal((await info(bounded, session.access)).status, 401);
});

test("a token from a clock 60 s ahead is good, from one 61 s ahead it is not yet", async () => {
  await clock(0);
  const session = await register(worker);
  await clock(-60);
  await assertAlive(session);
  await clock(-61);
  await assertRefused(verify(worker, session.access), INVALID);
  await assertRefused(verify(worker, session.refresh), INVALID);
  await assertRefused(refresh(worker, session.refresh), INVALID);
  await clock(0);
  await assertAlive(session);
});

test("a session's clock does not go back with the machine's: what it issues is never older than what it spent", async () => {
  await clock(100);
  const user = await register(worker);
  // Another machine, whose clock is behind by what clocks may differ.
  await clock(70);
  const next = await refreshed(user.refresh);
  assert.equal(claims(next.refresh).iat, START + 100);
  assert.equal(claims(next.refresh).exp, START + 100 + DAY);
  await assertAlive(next);
  // No time has passed since, so a spent token is a lost race and not a theft.
  await assertRefused(refresh(worker, user.refresh));
  await assertAlive(next);
});

test("nor does it after a restart, when only what was written down is known", async () => {
  await clock(100);
  const user = await register(worker);
  worker = await worker.restart();
  await clock(70);
  const next = await refreshed(user.refresh);
  assert.equal(claims(next.refresh).iat, START + 100);
  await assertAlive(next);
});

test("nor when the first look at what was written down failed", async () => {
  await clock(100);
  const user = await register(worker);
  worker = await worker.restart();
  await plan(worker, { clock_ms: (START + 70) * 1000, failing_statement: "SELECT max(ifnull" });
  assert.equal((await refresh(worker, user.refresh)).status, 500);
  await clock(70);
  assert.equal(claims((await refreshed(user.refresh)).refresh).iat, START + 100);
});

test("a clock an hour behind refuses what it takes to be from the future, and loses nothing by it", async () => {
  await clock(0);
  const user = await register(worker);
  await clock(-HOUR);
  await assertRefused(refresh(worker, user.refresh), INVALID);
  await clock(0);
  const next = await refreshed(user.refresh);
  await assertAlive(next);
});

test("the end of all sessions stays the end of them under a clock that goes back", async () => {
  await clock(100);
  const user = await register(worker);
  assert.equal((await resetAll(worker, user.access)).status, 205);
  await clock(45);
  await assertOver(user);
  // Nothing can be issued before the cutoff, whatever the machine's clock says.
  await clock(101);
  const next = await signIn(worker, user);
  assert.ok(claims(next.access).iat > claims(user.access).iat);
  await assertAlive(next);
});

test("the hundred-and-first session ends the least recently refreshed one", async () => {
  await clock(0);
  const first = await register(worker);
  await clock(1);
  const second = await signIn(worker, first);
  await clock(2);
  const others = await atOnce(98, () => signIn(worker, first));
  await clock(3);
  const refreshedFirst = await refreshed(first.refresh);
  for (const session of [refreshedFirst, second, others[0], others[97]]) await assertAlive(session);
  await clock(4);
  const hundredAndFirst = await signIn(worker, first);
  await assertOver(second);
  for (const session of [refreshedFirst, hundredAndFirst, ...others]) {
    assert.equal((await verify(worker, session.refresh)).status, 200);
  }
});

test("an adopted session ends the least recently refreshed one as well", async (t) => {
  const adopting = await startFaultyWorker({
    vars: { ALGORITHM: "HS256", SIGNING_KEY, ADOPT_FOREIGN_TOKENS: "true" },
  });
  t.after(() => adopting.stop());
  await clock(10, adopting);
  const sessions = [];
  for (let i = 0; i < 101; i++) {
    if (i < 3) await clock(10 + i, adopting);
    sessions.push(await refreshed(mint("refresh", "carol", { iat: START, exp: START + HOUR }), adopting));
  }
  assert.equal((await verify(adopting, sessions[0].refresh)).status, 400);
  for (const session of sessions.slice(1)) assert.equal((await verify(adopting, session.refresh)).status, 200);
});

/** The sessions on disk that the alarm has left at that second, of three of one user. */
async function keptByAlarm(t, seconds) {
  const sweeping = await startFaultyWorker({ vars: { ALGORITHM: "HS256", SIGNING_KEY } });
  t.after(() => sweeping.stop());
  const at = (second) => plan(sweeping, { clock_ms: (START + second) * 1000, alarms_within_ms: 50 });
  await at(0);
  const left = await register(sweeping);
  const refreshedLater = await signIn(sweeping, left);
  const ended = await signIn(sweeping, left);
  assert.equal((await blacklist(sweeping, ended.refresh)).status, 200);
  await at(HOUR);
  await refreshed(refreshedLater.refresh, sweeping);
  const names = new Map(Object.entries({ left, refreshedLater, ended }).map(([name, { access }]) => [claims(access).sid, name]));
  const kept = () =>
    objectRows(sweeping.persistTo, "SubjectObject", "SELECT sid FROM session")
      .flat()
      .map(({ sid }) => names.get(sid))
      .sort();
  await at(seconds);
  // While a session is left the alarm comes again, and when it does what the first one did is done.
  await eventually(async () => (await counted(sweeping)).subject_alarms >= 2 || kept().length === 0);
  await sweeping.stop();
  return kept();
}

test("the alarm deletes a session's row when no verifier could accept a token of it, and not before", async (t) => {
  // All expire after a day, or an hour later for the one refreshed; then comes the leeway.
  assert.deepEqual(await keptByAlarm(t, DAY + 299), ["ended", "left", "refreshedLater"]);
  assert.deepEqual(await keptByAlarm(t, DAY + 300), ["refreshedLater"]);
  assert.deepEqual(await keptByAlarm(t, HOUR + DAY + 300), []);
});
