// `GET /api/check/`: a token looked up in KV, as other Workers do it, and what is remembered of that.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { refresh, resetAll, verify } from "./support/client.mjs";
import { CLIENTS, clientToken, GATE, newSubject, openSession, revoke } from "./support/clients.mjs";
import { counted, eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken, now, signToken } from "./support/token.mjs";
import { kvDelete, kvGet, kvKeys, kvPut } from "./support/worker.mjs";

let worker;
before(async () => (worker = await startFaultyWorker({ vars: { CLIENTS, ACCESS_TOKEN_LIFETIME: "3600" } })));
after(() => worker.stop());

// The objects' clocks never go back, so nor does the clock of this file.
let offset = 0;
const later = (seconds, faults = {}) => plan(worker, { ...faults, clock_offset_ms: (offset += seconds * 1000) });

const check = (access) => request(worker, "GET", "/api/check/", { headers: bearer(access) });
const payload = (text) => decodeToken(text).payload;
const logout = ({ access, refresh }) =>
  request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token: refresh } });

const inKv = (name) => eventually(async () => (await kvKeys(worker)).find((key) => key.name === name));

async function assertGood(access, why) {
  const { status, text, headers } = await check(access);
  assert.deepEqual([status, text], [200, "{}"], why);
  assert.equal(headers["cache-control"], "no-store");
}

async function assertCalledBack(access, why) {
  const { status, json, headers } = await check(access);
  assert.equal(status, 401, why);
  assert.equal(headers["www-authenticate"], 'Bearer realm="api"');
  assert.deepEqual(json, {
    detail: "Given token not valid for any token type",
    code: "token_not_valid",
    messages: [{ token_class: "AccessToken", token_type: "access", message: "Token is blacklisted" }],
  });
}

test("a good token is good, asked of KV once and of no object", async () => {
  const session = await openSession(worker, newSubject());
  await later(0);
  await assertGood(session.access);
  const { reads, object_requests, rows_read } = await counted(worker);
  assert.deepEqual({ reads, object_requests, rows_read }, { reads: 1, object_requests: 0, rows_read: 0 });
  await assertGood(session.access);
  assert.equal((await counted(worker)).reads, 1, "what was read a moment ago is not read again");
});

test("another token of the same session is asked for only by what is new about it", async () => {
  const session = await openSession(worker, newSubject());
  const next = (await refresh(worker, session.refresh)).json;
  await later(0);
  await assertGood(session.access);
  await assertGood(next.access);
  assert.equal((await counted(worker)).reads, 2);
  await assertGood(next.access);
  await assertGood(session.access);
  assert.equal((await counted(worker)).reads, 2);
});

test("a token that is none, or none for a bearer, is refused without a look into KV", async () => {
  const session = await openSession(worker, newSubject());
  await later(0);
  for (const text of ["garbage", session.refresh, `${session.access}x`, "x".repeat(9000)]) {
    assert.equal((await check(text)).status, 401);
  }
  assert.equal((await request(worker, "GET", "/api/check/")).status, 401);
  assert.equal((await request(worker, "POST", "/api/check/", { headers: bearer(session.access) })).status, 405);
  assert.equal((await counted(worker)).reads, 0);
});

test("after a logout a token is refused once KV has its session, by who did not ask before", async () => {
  const session = await openSession(worker, newSubject());
  const { sid, exp } = payload(session.access);
  assert.equal((await logout(session)).status, 200);
  const { expiration } = await inKv(`sid:${sid}`);
  assert.equal(expiration, exp + 300);
  await assertCalledBack(session.access);
});

test("that a key is absent is believed for ten seconds and no longer", async () => {
  const session = await openSession(worker, newSubject());
  await later(0);
  await assertGood(session.access);
  assert.equal((await logout(session)).status, 200);
  await inKv(`sid:${payload(session.access).sid}`);
  assert.equal((await verify(worker, session.access)).status, 400, "the issuer's own endpoints know at once");
  await later(9);
  await assertGood(session.access, "the absence is remembered");
  await later(1);
  await assertCalledBack(session.access);
});

test("an entry is believed until it goes, whatever becomes of the key", async () => {
  const session = await openSession(worker, newSubject());
  assert.equal((await logout(session)).status, 200);
  const key = `sid:${payload(session.access).sid}`;
  await inKv(key);
  await later(0);
  await assertCalledBack(session.access);
  await kvDelete(worker, key);
  await later(600);
  await assertCalledBack(session.access);
});

test("after a reset of all, what was issued before is refused, and what a later login brings is good", async () => {
  const sub = newSubject();
  const before = [await openSession(worker, sub), await openSession(worker, sub)];
  assert.equal((await resetAll(worker, before[0].access)).status, 205);
  await inKv(`sub:${sub}`);
  for (const { access } of before) await assertCalledBack(access);
  const afterwards = await openSession(worker, sub);
  await assertGood(afterwards.access, "a login in the same second works");
});

// A subject's entry is the one that changes: the next reset writes a later cutoff over it. It was
// once believed until it went.
test("a second reset of all is seen by who remembers the first", async () => {
  const sub = newSubject();
  const first = await openSession(worker, sub);
  await resetAll(worker, first.access);
  const cutoff = async () => JSON.parse((await kvGet(worker, `sub:${sub}`)) ?? "{}").cutoff ?? 0;
  await eventually(cutoff);
  const second = await openSession(worker, sub);
  await assertGood(second.access);
  await later(5);
  const earlier = await cutoff();
  await resetAll(worker, second.access);
  await eventually(async () => (await cutoff()) > earlier);
  await later(11);
  await assertCalledBack(second.access);
  await assertCalledBack(first.access);
});

test("a token that was revoked by itself is refused by its id, and its session goes on", async () => {
  const session = await openSession(worker, newSubject());
  assert.equal((await revoke(worker, session.access)).status, 200);
  await inKv(`jti:${payload(session.access).jti}`);
  await assertCalledBack(session.access);
  await assertGood((await refresh(worker, session.refresh)).json.access);
});

test("a token whose key was declared leaked is refused, whoever's it is", async () => {
  const session = await openSession(worker, newSubject());
  const key = `kid:${decodeToken(session.access).header.kid}`;
  await kvPut(worker, key, JSON.stringify({ reason: "key_leaked", at: 1, until: 1 }));
  await later(11);
  await assertCalledBack(session.access);
  await kvDelete(worker, key);
  await assertGood(session.access, "an entry that is over is not remembered");
});

test("a subject's entry that cannot be read calls back everything", async () => {
  const sub = newSubject();
  const session = await openSession(worker, sub);
  for (const value of ["", "garbage", "{}", '{"cutoff":"soon"}']) {
    await kvPut(worker, `sub:${sub}`, value);
    await later(11);
    await assertCalledBack(session.access, JSON.stringify(value));
  }
  await kvDelete(worker, `sub:${sub}`);
  await later(11);
  await assertGood(session.access);
});

test("a long or odd subject is found under the key that its object writes", async () => {
  for (const sub of ["ü".repeat(100), "x".repeat(200), "a b", "f".repeat(64)]) {
    const session = await openSession(worker, sub);
    await resetAll(worker, session.access);
    await eventually(async () => (await check(session.access)).status === 401 || (await later(11)));
    await assertCalledBack(session.access, sub);
  }
});

test("where KV cannot be read a token is refused, unless all there is to know is remembered", async () => {
  const [known, ended, unknown] = [await openSession(worker, newSubject()), await openSession(worker, newSubject()), await openSession(worker, newSubject())];
  await logout(ended);
  await inKv(`sid:${payload(ended.access).sid}`);
  await later(0);
  await assertGood(known.access);
  await assertCalledBack(ended.access);

  await later(0, { failing_reads: true });
  const { status, json } = await check(unknown.access);
  assert.deepEqual([status, json], [503, { detail: "The blacklist cannot be read." }]);
  await assertGood(known.access);
  await later(11, { failing_reads: true });
  for (const { access } of [known, unknown, ended]) assert.equal((await check(access)).status, 503);
  assert.equal((await verify(worker, known.access)).status, 200, "the issuer's own endpoints do not ask KV");
  await worker.logged(/"route":"\/api\/check\/","status":503.*"error":"KV GET failed/);
  await later(0);
  await assertGood(unknown.access);
  await assertCalledBack(ended.access);
});

test("a client's own token is looked up like any other", async () => {
  const { access_token } = await clientToken(worker, GATE);
  await assertGood(access_token);
  assert.equal((await revoke(worker, access_token)).status, 200);
  await inKv(`jti:${payload(access_token).jti}`);
  await later(11);
  await assertCalledBack(access_token);
});

// As many keys as crates/issuer/src/adapters/blacklist_memory.rs remembers. It was once cleared between
// the look into it and the answer from it, and an entry it had held then counted as absent.
test("a memory that is full forgets nothing that is being asked for", async () => {
  const REMEMBERED = 4096;
  const SIGNING_KEY = "a key with which a test makes many tokens";
  const full = await startFaultyWorker({ vars: { CLIENTS, ALGORITHM: "HS256", SIGNING_KEY } });
  try {
    let ids = 0;
    const id = () => (ids++).toString(16).padStart(32, "0");
    const minted = (claims) => signToken({ token_type: "access", iat: now(), exp: now() + 60, jti: id(), ...claims }, SIGNING_KEY);
    const check = (access) => request(full, "GET", "/api/check/", { headers: bearer(access) });
    const session = await openSession(full, newSubject());
    const { sub, sid } = payload(session.access);
    await revoke(full, session.refresh);
    await eventually(async () => (await kvKeys(full)).some(({ name }) => name === `sid:${sid}`));
    // However long all this takes, the Worker's clock hardly moves.
    const began = Date.now();
    const holdClock = () => plan(full, { clock_offset_ms: began - Date.now() });

    // Three keys each: of the subject, the session, the token.
    await holdClock();
    assert.equal((await check(session.access)).status, 401);
    const tokens = Array.from({ length: (REMEMBERED - 4) / 3 }, () => minted({ sub: id(), sid: id() }));
    while (tokens.length > 0) {
      await holdClock();
      const answers = await Promise.all(tokens.splice(0, 62).map(check));
      for (const { status, text } of answers) assert.equal(status, 200, text);
    }
    assert.equal((await check(minted({ sub, sid }))).status, 401, "the last key that there is room for");
    await holdClock();
    assert.equal((await check(minted({ sub, sid }))).status, 401, "one too many");
  } finally {
    await full.stop();
  }
});
