// The example Worker beside a real issuer, on workerd: what was called back there is refused here.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { atOnce, resetAll } from "../support/client.mjs";
import {
  assertGreeted, assertTurnedAway, exampleWorker, faultyKv, greet, kvReads, setKv, THROUGH_FAULTY_KV,
} from "../support/example_worker.mjs";
import { eventually } from "../support/faults.mjs";
import { ADMIN_KEY, admin, registered, signedIn } from "../support/people.mjs";
import { bearer, request } from "../support/request.mjs";
import { decodeToken } from "../support/token.mjs";
import { kvKeys, startWorker } from "../support/worker.mjs";

let worker;
before(async () => {
  const example = exampleWorker();
  worker = await startWorker({
    vars: { ADMIN_KEY },
    beside: [
      // Each with an isolate, and so a memory, of its own.
      example("hello", { vars: { CACHE_SECONDS: 0 } }),
      example("remembering", { vars: { CACHE_SECONDS: 2 }, services: { BLACKLIST: THROUGH_FAULTY_KV } }),
      example("long-remembering", { vars: { CACHE_SECONDS: 300 }, services: { BLACKLIST: THROUGH_FAULTY_KV } }),
      faultyKv,
    ],
  });
});
after(() => worker.stop());

const WAYS = ["kv", "strict"];
const hello = (way, token) => greet(worker, "hello", way, token);
const payload = (token) => decodeToken(token).payload;
const logout = ({ access, refresh }) =>
  request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token: refresh } });
const inKv = (name) => eventually(async () => (await kvKeys(worker)).some((key) => key.name === name));

test("many who come first and at the same time are all greeted", async () => {
  const { access, sub } = await registered(worker);
  for (const answer of await atOnce(20, (n) => hello(WAYS[n % 2], access))) await assertGreeted(answer, sub);
});

test("who has logged out is refused, strictly at once and by KV once that has it", async () => {
  const session = await registered(worker);
  for (const way of WAYS) await assertGreeted(hello(way, session.access), session.sub, way);
  assert.equal((await logout(session)).status, 200);
  await assertTurnedAway(hello("strict", session.access), "revoked");
  await inKv(`sid:${session.sid}`);
  await assertTurnedAway(hello("kv", session.access), "revoked");
  const again = await signedIn(worker, session);
  for (const way of WAYS) await assertGreeted(hello(way, again.access), session.sub, "a later login");
});

test("a reset of all refuses every session, and a later login is greeted, also in the same second", async () => {
  const first = await registered(worker);
  const second = await signedIn(worker, first);
  assert.equal((await resetAll(worker, first.access)).status, 205);
  for (const { access } of [first, second]) await assertTurnedAway(hello("strict", access), "revoked");
  await inKv(`sub:${first.sub}`);
  for (const { access } of [first, second]) await assertTurnedAway(hello("kv", access), "revoked");
  const later = await signedIn(worker, first);
  for (const way of WAYS) await assertGreeted(hello(way, later.access), first.sub, way);
});

test("an access token that was revoked alone is refused by its id, and its session goes on", async () => {
  const session = await registered(worker);
  const { status } = await request(worker, "POST", "/oauth/revoke", { form: { token: session.access } });
  assert.equal(status, 200);
  await assertTurnedAway(hello("strict", session.access), "revoked");
  await inKv(`jti:${payload(session.access).jti}`);
  await assertTurnedAway(hello("kv", session.access), "revoked");
  const { json } = await request(worker, "POST", "/api/token/refresh/", { json: { refresh: session.refresh } });
  for (const way of WAYS) await assertGreeted(hello(way, json.access), session.sub);
});

test("a refresh token is no bearer token, and a forged one none at all", async () => {
  const { access, refresh } = await registered(worker);
  const [header, claims, signature] = access.split(".");
  const forged = [header, claims, signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))].join(".");
  for (const way of WAYS) {
    await assertTurnedAway(hello(way, refresh), "wrong_kind");
    await assertTurnedAway(hello(way, forged), "bad_signature");
    await assertTurnedAway(hello(way, "garbage"), "malformed");
    const { status, json, headers } = await hello(way);
    assert.deepEqual([status, json], [401, { detail: "Authentication credentials were not provided." }]);
    assert.equal(headers["www-authenticate"], "Bearer");
  }
});

test("what was read a moment ago is not read again", async () => {
  const { access, sub } = await registered(worker);
  await setKv(worker, { down: false });
  for (let i = 0; i < 5; i++) await assertGreeted(greet(worker, "long-remembering", "kv", access), sub);
  assert.equal(await kvReads(worker), 1);
});

test("who was looked up before logging out is refused once that is not believed any more", async () => {
  const session = await registered(worker);
  await assertGreeted(greet(worker, "remembering", "kv", session.access), session.sub);
  await logout(session);
  await inKv(`sid:${session.sid}`);
  await eventually(async () => (await greet(worker, "remembering", "kv", session.access)).status === 401);
  await assertTurnedAway(greet(worker, "remembering", "kv", session.access), "revoked");
});

test("while KV cannot be read nobody new is let in, and strict checks go on", async () => {
  const [known, ended, unknown] = [await registered(worker), await registered(worker), await registered(worker)];
  await logout(ended);
  await inKv(`sid:${ended.sid}`);
  const ask = (way, { access }) => greet(worker, "long-remembering", way, access);
  await assertGreeted(ask("kv", known), known.sub);
  await assertTurnedAway(ask("kv", ended), "revoked");

  await setKv(worker, { down: true });
  const { status, json, headers } = await ask("kv", unknown);
  assert.deepEqual([status, json], [503, { detail: "The blacklist cannot be read.", code: "revocation_unknown" }]);
  assert.match(headers["retry-after"], /^\d+$/);
  await assertGreeted(ask("kv", known), known.sub, "all of it is remembered");
  await assertTurnedAway(ask("kv", ended), "revoked", "this too");
  await assertGreeted(ask("strict", unknown), unknown.sub);

  await setKv(worker, { down: false });
  await assertGreeted(ask("kv", unknown), unknown.sub);
});

// Last, for every token of before is dead then.
test("what a leaked key has signed is refused, and what the next one signs is not", async () => {
  const before = await registered(worker);
  const { kid } = decodeToken(before.access).header;
  for (const way of WAYS) await assertGreeted(hello(way, before.access), before.sub, way);
  const { status } = await admin(worker, "POST", "keys/roll/", { json: { leaked: kid } });
  assert.equal(status, 200);
  await assertTurnedAway(hello("strict", before.access), "revoked");
  await inKv(`kid:${kid}`);
  await assertTurnedAway(hello("kv", before.access), "revoked");
  const { access, sub } = await signedIn(worker, before);
  assert.notEqual(decodeToken(access).header.kid, kid);
  for (const way of WAYS) await assertGreeted(hello(way, access), sub, way);
});
