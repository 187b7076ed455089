// ADOPT_FOREIGN_TOKENS: refresh tokens of the issuer that was there before, signed with the same
// shared secret. Off, they are nobody's; on, each is spent exactly once like ours.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import test, { after, before, describe } from "node:test";
import {
  assertDead,
  atOnce,
  BLACKLISTED,
  blacklist,
  refresh,
  register,
  resetAll,
  statuses,
  verify,
} from "./support/client.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken, now, signToken } from "./support/token.mjs";
import { kvKeys, startWorker } from "./support/worker.mjs";

const KEY = "the other issuer's secret, thirty-two bytes or more";
const HS256 = { ALGORITHM: "HS256", SIGNING_KEY: KEY };
const INVALID = { detail: "Token is invalid", code: "token_not_valid" };

const id = () => randomUUID().replaceAll("-", "");

/** A refresh token as Simple JWT issues it, an hour ago. */
const foreign = (claims = {}) =>
  signToken({ token_type: "refresh", exp: now() + 80_000, iat: now() - 3600, jti: id(), user_id: "42", ...claims }, KEY);

const foreignAccess = (user_id) =>
  signToken({ token_type: "access", exp: now() + 300, iat: now() - 1, jti: id(), user_id }, KEY);

const payloadOf = (token) => decodeToken(token).payload;

test("off: a correctly signed token of another issuer is refused everywhere", async (t) => {
  const worker = await startWorker({ vars: HS256 });
  t.after(() => worker.stop());
  await register(worker);
  const token = foreign();
  const sliding = foreign({ token_type: "sliding", refresh_exp: now() + 80_000 });
  assert.deepEqual([(await refresh(worker, token)).status, (await refresh(worker, token)).json], [401, INVALID]);
  assert.deepEqual((await blacklist(worker, token)).json, INVALID);
  assert.deepEqual((await verify(worker, token)).json, INVALID);
  const slid = await request(worker, "POST", "/api/token/sliding/refresh/", { json: { token: sliding } });
  assert.deepEqual([slid.status, slid.json], [401, INVALID]);
  assert.equal((await resetAll(worker, foreignAccess("42"))).status, 401);
  // Of somebody who has sessions here as well, and with a session that never was.
  assert.deepEqual((await refresh(worker, foreign({ sid: id() }))).json, INVALID);
});

describe("on", () => {
  let worker;
  before(async () => (worker = await startWorker({ vars: { ...HS256, ADOPT_FOREIGN_TOKENS: "true" } })));
  after(() => worker.stop());

  test("a token is exchanged for a pair of ours that carries its claims", async () => {
    const token = foreign({ roles: ["a", "b"], "naïve": { x: 1 } });
    assert.equal((await verify(worker, token)).status, 200);
    const { status, json, text } = await refresh(worker, token);
    assert.equal(status, 200, text);
    for (const [kind, issued] of [["access", json.access], ["refresh", json.refresh]]) {
      const claims = payloadOf(issued);
      assert.deepEqual(
        [claims.token_type, claims.user_id, claims.sub, claims.roles, claims["naïve"]],
        [kind, "42", "42", ["a", "b"], { x: 1 }],
      );
      assert.match(claims.sid, /^[0-9a-f]{32}$/);
      assert.notEqual(claims.jti, payloadOf(token).jti);
    }
    assert.equal((await verify(worker, token)).status, 400);
    assert.deepEqual([(await refresh(worker, token)).status, (await refresh(worker, token)).json], [401, BLACKLISTED]);
    // Within ten seconds that is a lost race: the session lives.
    assert.equal((await refresh(worker, json.refresh)).status, 200);
  });

  const OWNERS = { "a user": { user_id: "77" }, "a user with a number": { user_id: 78 }, "nobody": { user_id: undefined } };
  for (const [owner, claims] of Object.entries(OWNERS)) {
    test(`of twenty simultaneous refreshes of a token of ${owner} exactly one succeeds`, async () => {
      for (let round = 0; round < 5; round++) {
        const token = foreign(claims);
        const answers = await atOnce(20, () => refresh(worker, token));
        assert.deepEqual(statuses(answers), { 200: 1, 401: 19 }, `round ${round}`);
        for (const { json } of answers.filter(({ status }) => status === 401)) assert.deepEqual(json, BLACKLISTED);
        const { json } = answers.find(({ status }) => status === 200);
        assert.equal((await refresh(worker, json.refresh)).status, 200, "the successor");
      }
    });
  }

  test("of simultaneous refreshes and blacklists of a token the blacklist has the last word", async () => {
    for (let round = 0; round < 10; round++) {
      const token = foreign({ user_id: "race" });
      const answers = await atOnce(6, (nth) => (nth === round % 6 ? blacklist : refresh)(worker, token));
      const given = answers.filter(({ status, json }) => status === 200 && json.refresh);
      assert.ok(given.length <= 1, `round ${round}`);
      await assertDead(worker, { access: [], refresh: [token, ...given.map(({ json }) => json.refresh)] }, `round ${round}`);
    }
  });

  test("a blacklisted token was never exchanged and never will be, and KV is told its id", async () => {
    const token = foreign();
    assert.equal((await blacklist(worker, token)).status, 200);
    assert.deepEqual((await blacklist(worker, token)).json, BLACKLISTED);
    assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED);
    const patience = Date.now() + 10_000;
    const key = `jti:${payloadOf(token).jti}`;
    let told;
    while (!told && Date.now() < patience) told = (await kvKeys(worker)).find(({ name }) => name === key);
    assert.equal(told.metadata.reason, "logout");
    assert.ok(told.expiration >= payloadOf(token).exp + 300);
  });

  test("reset-all ends the tokens of before that nobody has seen here, and not those of after", async () => {
    const user_id = "reset";
    const [seen, unseen, ended] = [foreign({ user_id }), foreign({ user_id }), foreign({ user_id })];
    const pair = (await refresh(worker, seen)).json;
    const answer = await request(worker, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(pair.access) });
    assert.equal(answer.status, 205, answer.text);

    for (const token of [unseen, pair.refresh, seen]) assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED);
    assert.deepEqual((await blacklist(worker, ended)).json, BLACKLISTED);
    assert.deepEqual((await refresh(worker, foreign({ user_id, iat: undefined }))).json, BLACKLISTED, "of any age");
    assert.equal((await resetAll(worker, foreignAccess(user_id))).status, 401);
    // The other issuer goes on signing people in. Its clock may be a little ahead.
    assert.equal((await refresh(worker, foreign({ user_id, iat: now() + 5 }))).status, 200);
  });

  test("a sliding token goes on as a session of ours, until all are ended", async () => {
    const slide = (token) => request(worker, "POST", "/api/token/sliding/refresh/", { json: { token } });
    const user_id = "slides";
    const token = foreign({ token_type: "sliding", exp: now() + 200, refresh_exp: now() + 80_000, user_id });
    const first = await slide(token);
    assert.equal(first.status, 200, first.text);
    const { jti, refresh_exp, sub } = payloadOf(first.json.token);
    assert.deepEqual([jti, refresh_exp, sub], [payloadOf(token).jti, payloadOf(token).refresh_exp, user_id]);
    const second = await slide(first.json.token);
    assert.equal(second.status, 200, second.text);

    assert.equal((await resetAll(worker, foreignAccess(user_id))).status, 205);
    for (const one of [token, first.json.token, second.json.token]) assert.deepEqual((await slide(one)).json, BLACKLISTED);
  });

  test("what was spent stays spent after a crash, and after adoption is turned off", async () => {
    const [token, fresh] = [foreign({ user_id: "crash" }), foreign({ user_id: "crash" })];
    let pair = (await refresh(worker, token)).json;
    await worker.kill();
    worker = await worker.restart();
    assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED);
    pair = (await refresh(worker, pair.refresh)).json;

    worker = await worker.restart({ vars: HS256 });
    pair = (await refresh(worker, pair.refresh)).json;
    assert.deepEqual((await verify(worker, token)).json, { non_field_errors: ["Token is blacklisted"] });
    assert.deepEqual((await refresh(worker, fresh)).json, INVALID);
    assert.equal((await verify(worker, pair.refresh)).status, 200);
  });
});
