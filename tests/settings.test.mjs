// What each setting does.

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  assertDead,
  atOnce,
  BLACKLISTED,
  blacklist,
  info,
  PASSWORD,
  refresh,
  register,
  signIn,
  statuses,
  trySignIn,
  verify,
} from "./support/client.mjs";
import { request } from "./support/request.mjs";
import { decodeToken, now, signToken } from "./support/token.mjs";
import { kvKeys, startWorker } from "./support/worker.mjs";

const KEY = "a shared secret of more than thirty-two bytes";
const HS256 = { ALGORITHM: "HS256", SIGNING_KEY: KEY };

/** A test on a Worker with these settings. `t.worker` can be replaced by one that was started again. */
const settings = (name, vars, body) =>
  test(name, async (t) => {
    t.worker = await startWorker({ vars });
    t.after(() => t.worker.stop());
    await body(t.worker, t);
  });

const payloadOf = (token) => decodeToken(token).payload;
const slidingObtain = (worker, { email, password }) =>
  request(worker, "POST", "/api/token/sliding/", { json: { email, password } });
const slidingRefresh = (worker, token) =>
  request(worker, "POST", "/api/token/sliding/refresh/", { json: { token } });
const withHeader = (worker, authorization) =>
  request(worker, "GET", "/api/v1/users/info/", { headers: { authorization } });

settings("ROTATE_REFRESH_TOKENS=false: a refresh gives an access token, the refresh token stays", { ROTATE_REFRESH_TOKENS: "false" }, async (worker) => {
  const user = await register(worker);
  const answers = await atOnce(5, () => refresh(worker, user.refresh));
  assert.deepEqual(statuses(answers), { 200: 5 });
  for (const { json } of answers) assert.deepEqual(Object.keys(json), ["access"]);
  const access = [user.access, ...answers.map(({ json }) => json.access)];
  assert.equal(new Set(access.map((token) => payloadOf(token).jti)).size, 6, "each has an id of its own");
  for (const token of access) assert.equal((await info(worker, token)).status, 200);
  assert.equal((await verify(worker, user.refresh)).status, 200);

  assert.equal((await blacklist(worker, user.refresh)).status, 200);
  await assertDead(worker, { access, refresh: [user.refresh] }, "after the blacklist");
});

settings("BLACKLIST_AFTER_ROTATION=false: a refresh token is spent once all the same, and KV is not told of it", { BLACKLIST_AFTER_ROTATION: false }, async (worker) => {
  const user = await register(worker);
  const answers = await atOnce(20, () => refresh(worker, user.refresh));
  assert.deepEqual(statuses(answers), { 200: 1, 401: 19 });
  const { json } = answers.find(({ status }) => status === 200);
  assert.equal((await verify(worker, user.refresh)).status, 400);
  const next = (await refresh(worker, json.refresh)).json;

  // A logout is told, and would be told after what was spent before it.
  assert.equal((await blacklist(worker, next.refresh)).status, 200);
  const sid = `sid:${payloadOf(user.refresh).sid}`;
  const patience = Date.now() + 10_000;
  let keys = [];
  while (!keys.includes(sid) && Date.now() < patience) keys = (await kvKeys(worker)).map(({ name }) => name);
  assert.deepEqual(keys, [sid]);
});

for (const [algorithm, vars] of Object.entries({ EdDSA: {}, HS256 })) {
  settings(`REFRESH_GRACE_SECONDS, ${algorithm}: a replay is the same bytes, also after a restart`, { ...vars, REFRESH_GRACE_SECONDS: "300" }, async (worker, t) => {
    const user = await register(worker);
    const answers = await atOnce(20, () => refresh(worker, user.refresh));
    assert.deepEqual(statuses(answers), { 200: 20 });
    const [{ text, json }] = answers;
    for (const answer of answers) assert.equal(answer.text, text);

    await worker.kill();
    t.worker = await worker.restart();
    assert.equal((await refresh(t.worker, user.refresh)).text, text, "after a restart");
    // A second later the clock says something else, and the replay does not.
    await sleep(1000);
    assert.equal((await refresh(t.worker, user.refresh)).text, text, "a second later");

    const next = await refresh(t.worker, json.refresh);
    assert.equal(next.status, 200, next.text);
    assert.equal((await refresh(t.worker, json.refresh)).text, next.text);
    // Two behind is no lost answer any more.
    const reused = await refresh(t.worker, user.refresh);
    assert.deepEqual([reused.status, reused.json], [401, BLACKLISTED]);
    await assertDead(t.worker, { access: [next.json.access], refresh: [next.json.refresh] }, "after the reuse");
  });
}

const DATES = {
  ACCESS_TOKEN_LIFETIME: 100,
  REFRESH_TOKEN_LIFETIME: "4000",
  SLIDING_TOKEN_LIFETIME: "300",
  SLIDING_TOKEN_REFRESH_LIFETIME: "2000",
  SESSION_LIFETIME: "3000",
};
settings("the lifetimes are what tokens say, and SESSION_LIFETIME bounds them however often they rotate", DATES, async (worker, t) => {
  const life = (token, claim = "exp") => payloadOf(token)[claim] - payloadOf(token).iat;
  const user = await register(worker);
  const sliding = (await slidingObtain(worker, user)).json.token;
  assert.deepEqual([life(sliding), life(sliding, "refresh_exp")], [300, 2000]);
  const end = payloadOf(user.refresh).iat + 3000;
  let session = user;
  for (let rotation = 0; rotation < 3; rotation++) {
    assert.equal(life(session.access), 100);
    assert.equal(payloadOf(session.refresh).exp, end, `after ${rotation} rotations`);
    if (rotation === 1) await sleep(1000);
    session = (await refresh(worker, session.refresh)).json;
  }

  // A bound that is set later holds for sessions that are there already.
  t.worker = await worker.restart({ vars: { ...DATES, SESSION_LIFETIME: "1" } });
  const over = await refresh(t.worker, session.refresh);
  assert.deepEqual([over.status, over.json], [401, { detail: "Token is expired", code: "token_not_valid" }]);
  // And it is the latest `exp` of all that is issued.
  const bounded = await signIn(t.worker, user);
  assert.deepEqual([life(bounded.access), life(bounded.refresh)], [1, 1]);
});

const NAMED = {
  ...HS256,
  ISSUER: "https://issuer.example",
  AUDIENCE: "https://api.example",
  LEEWAY: "200",
  USER_ID_CLAIM: "uid",
  TOKEN_TYPE_CLAIM: "use",
};
settings("ISSUER, AUDIENCE, LEEWAY and the claims' names hold for what is written and what is read", NAMED, async (worker) => {
  const user = await register(worker);
  assert.equal(payloadOf(user.access).exp - payloadOf(user.access).iat, 300);
  assert.equal(payloadOf(user.refresh).exp - payloadOf(user.refresh).iat, 86_400);
  for (const [use, token] of [["access", user.access], ["refresh", user.refresh]]) {
    const claims = payloadOf(token);
    assert.deepEqual([claims.iss, claims.aud, claims.use], [NAMED.ISSUER, NAMED.AUDIENCE, use]);
    assert.equal(claims.uid, claims.sub);
    assert.ok(!("user_id" in claims) && !("token_type" in claims));
  }

  const access = payloadOf(user.access);
  const without = (name) => Object.fromEntries(Object.entries(access).filter(([claim]) => claim !== name));
  const asBearer = async (claims) => {
    const { status, json } = await info(worker, signToken(claims, KEY));
    return status === 200 ? "good" : json.messages?.[0].message ?? json.detail;
  };
  const cases = [
    ["good", access],
    ["good", { ...access, aud: ["https://other.example", NAMED.AUDIENCE] }],
    ["Token is invalid", without("iss")],
    ["Token is invalid", without("aud")],
    ["Token is invalid", { ...access, iss: `${NAMED.ISSUER}/` }],
    ["Token is invalid", { ...access, aud: ["https://other.example"] }],
    ["Token is invalid", { ...access, aud: [] }],
    ["good", { ...access, exp: now() - 100 }],
    ["Token is expired", { ...access, exp: now() - 201 }],
    ["good", { ...access, nbf: now() + 100 }],
    ["Token is invalid", { ...access, nbf: now() + 260 }],
    ["Token has no type", { ...without("use"), token_type: "access" }],
    ["good", { ...without("uid"), user_id: "somebody else" }],
  ];
  for (const [expected, claims] of cases) assert.equal(await asBearer(claims), expected, JSON.stringify(claims));

  const late = signToken({ ...payloadOf(user.refresh), exp: now() - 100 }, KEY);
  assert.equal((await refresh(worker, late)).status, 200, "a refresh token within the leeway");
  assert.deepEqual((await refresh(worker, late)).json, BLACKLISTED);
});

const AUTH = { AUTH_HEADER_TYPES: "JWT, Bearer", AUTH_TOKEN_CLASSES: "access,sliding", USERNAME_FIELD: "username" };
settings("AUTH_HEADER_TYPES, AUTH_TOKEN_CLASSES and USERNAME_FIELD say what is taken", AUTH, async (worker) => {
  const email = "named@example.com";
  const credentials = { username: email, password: PASSWORD };
  const path = "/api/v1/users/registration/";
  const { status, json: registered } = await request(worker, "POST", path, { json: credentials });
  assert.equal(status, 201);
  const again = await request(worker, "POST", path, { json: credentials });
  assert.deepEqual(again.json, { username: ["user with this username already exists."] });
  const unnamed = await trySignIn(worker, { email, password: PASSWORD });
  assert.deepEqual([unnamed.status, unnamed.json], [400, { username: ["This field is required."] }]);
  assert.equal((await request(worker, "POST", "/api/token/", { json: credentials })).status, 200);

  for (const scheme of ["JWT", "Bearer", "jwt"]) {
    assert.equal((await withHeader(worker, `${scheme} ${registered.access_token}`)).status, 200, scheme);
  }
  const other = await withHeader(worker, `Token ${registered.access_token}`);
  assert.deepEqual([other.status, other.headers["www-authenticate"]], [401, 'JWT realm="api"']);

  const { token } = (await request(worker, "POST", "/api/token/sliding/", { json: credentials })).json;
  assert.equal((await withHeader(worker, `JWT ${token}`)).status, 200, "a sliding token");
  const refused = await withHeader(worker, `JWT ${registered.refresh_token}`);
  assert.deepEqual(refused.json.messages, [
    { token_class: "AccessToken", token_type: "access", message: "Token has wrong type" },
    { token_class: "SlidingToken", token_type: "sliding", message: "Token has wrong type" },
  ]);
  assert.equal((await slidingRefresh(worker, token)).status, 200);
});

const BROUGHT = { ...HS256, ACCOUNTS: "false", ADOPT_FOREIGN_TOKENS: "true" };
settings("ACCOUNTS=false: registration, login and password are not there, the rest is", BROUGHT, async (worker) => {
  const gone = ["/api/token/", "/api/token/sliding/", "/api/v1/users/registration/", "/api/v1/users/registartion/"];
  for (const path of [...gone, "/api/v1/users/password/"]) {
    for (const method of ["POST", "OPTIONS", "GET"]) {
      const { status, json } = await request(worker, method, path, method === "POST" ? { json: {} } : {});
      assert.deepEqual([status, json], [404, { detail: "Not found." }], `${method} ${path}`);
    }
  }
  // Sessions can come from elsewhere.
  const claims = { token_type: "refresh", exp: now() + 300, iat: now(), jti: "of a login elsewhere", user_id: "1" };
  const pair = await refresh(worker, signToken(claims, KEY));
  assert.equal(pair.status, 200, pair.text);
  assert.equal((await verify(worker, pair.json.access)).status, 200);
  assert.deepEqual((await info(worker, pair.json.access)).json.code, "user_not_found");
  assert.equal((await blacklist(worker, pair.json.refresh)).status, 200);
  assert.equal((await verify(worker, pair.json.access)).status, 400);
});
