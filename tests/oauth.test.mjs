// The standards' endpoints: completed by a client library that knows nothing of us, and looked at
// byte by byte.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as oauth from "oauth4webapi";
import { atOnce, BLACKLISTED, refresh, register, statuses, verify } from "./support/client.mjs";
import {
  BATCH,
  basic,
  CLIENTS,
  clientToken,
  GATE,
  inBody,
  introspect,
  newSubject,
  openSession,
  revoke,
  token,
} from "./support/clients.mjs";
import { eventually } from "./support/faults.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken, now, signToken } from "./support/token.mjs";
import { kvKeys, startWorker } from "./support/worker.mjs";

const SIGNING_KEY = "a key of the tests of the standards";
const ISSUER = "https://id.example";
const SHARED = { CLIENTS, ALGORITHM: "HS256", SIGNING_KEY, ISSUER };

let worker;
// With a shared secret tests can make the tokens that a Worker would never issue.
let shared;
let other;

before(async () => {
  [worker, shared, other] = await Promise.all([
    startWorker({ vars: { CLIENTS } }),
    startWorker({ vars: SHARED }),
    startWorker({ vars: { CLIENTS } }),
  ]);
});
after(() => Promise.all([worker, shared, other].map((one) => one?.stop())));

const insecure = { [oauth.allowInsecureRequests]: true };
const payloadOf = (text) => decodeToken(text).payload;
const credentials = { grant_type: "client_credentials" };

async function discover({ url }) {
  const issuer = new URL(url);
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  return oauth.processDiscoveryResponse(issuer, response);
}

const authentications = {
  "by the header": (client) => oauth.ClientSecretBasic(client.secret),
  "in the body": (client) => oauth.ClientSecretPost(client.secret),
};

for (const [way, authentication] of Object.entries(authentications)) {
  test(`oauth4webapi discovers the server, gets tokens, refreshes, introspects and revokes, as a client that says who it is ${way}`, async () => {
    const server = await discover(worker);
    const [client, auth] = [{ client_id: BATCH.id }, authentication(BATCH)];
    const ask = async (text) =>
      oauth.processIntrospectionResponse(server, client, await oauth.introspectionRequest(server, client, auth, text, insecure));
    const takeBack = async (text) =>
      oauth.processRevocationResponse(await oauth.revocationRequest(server, client, auth, text, insecure));

    const parameters = { scope: "reports:read" };
    const granted = await oauth.clientCredentialsGrantRequest(server, client, auth, parameters, insecure);
    const own = await oauth.processClientCredentialsResponse(server, client, granted);
    assert.equal(own.token_type, "bearer");
    assert.equal(own.scope, "reports:read");
    assert.ok(own.expires_in > 295 && own.expires_in <= 300, `${own.expires_in}`);
    const said = await ask(own.access_token);
    assert.deepEqual([said.active, said.sub, said.client_id, said.scope], [true, "client:batch.1", "batch.1", "reports:read"]);
    await takeBack(own.access_token);
    assert.deepEqual(await ask(own.access_token), { active: false });

    const session = await openSession(worker, newSubject(), { scope: "read" });
    const answered = await oauth.refreshTokenGrantRequest(server, client, auth, session.refresh, insecure);
    const next = await oauth.processRefreshTokenResponse(server, client, answered);
    assert.equal(next.scope, "read");
    assert.equal((await ask(next.refresh_token)).active, true);
    assert.deepEqual(await ask(session.refresh), { active: false });
    await takeBack(next.refresh_token);
    assert.deepEqual(await ask(next.access_token), { active: false });
    await assert.rejects(
      oauth.refreshTokenGrantRequest(server, client, auth, next.refresh_token, insecure).then((response) =>
        oauth.processRefreshTokenResponse(server, client, response),
      ),
      ({ error, status }) => error === "invalid_grant" && status === 400,
    );
  });
}

test("oauth4webapi refreshes and revokes as a public client", async () => {
  const server = await discover(worker);
  const [client, none] = [{ client_id: "a-page-in-a-browser" }, oauth.None()];
  const session = await openSession(worker, newSubject());
  const answered = await oauth.refreshTokenGrantRequest(server, client, none, session.refresh, insecure);
  const next = await oauth.processRefreshTokenResponse(server, client, answered);
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, none, next.refresh_token, insecure));
  assert.equal((await verify(worker, next.access_token)).status, 400);
});

test("the metadata names what is there, and everything in it answers", async () => {
  const { status, json, headers } = await request(worker, "GET", "/.well-known/oauth-authorization-server");
  assert.equal(status, 200);
  assert.equal(headers["access-control-allow-origin"], "*");
  const secrets = ["client_secret_basic", "client_secret_post"];
  assert.deepEqual(json, {
    issuer: worker.url,
    token_endpoint: `${worker.url}/oauth/token`,
    token_endpoint_auth_methods_supported: [...secrets, "none"],
    revocation_endpoint: `${worker.url}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: [...secrets, "none"],
    introspection_endpoint: `${worker.url}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: secrets,
    jwks_uri: `${worker.url}/.well-known/jwks.json`,
    grant_types_supported: ["refresh_token", "client_credentials"],
    response_types_supported: [],
  });
  for (const [name, url] of Object.entries(json).filter(([name]) => name.endsWith("_endpoint"))) {
    const { status, json: error } = await request(worker, "POST", new URL(url).pathname, { form: {}, headers: basic(GATE) });
    assert.deepEqual([status, error], [400, { error: "invalid_request" }], name);
    assert.equal((await request(worker, "GET", new URL(url).pathname)).status, 405, name);
  }
  const { keys } = (await request(worker, "GET", new URL(json.jwks_uri).pathname)).json;
  const { kid } = decodeToken((await openSession(worker, newSubject())).access).header;
  assert.ok(keys.some((key) => key.kid === kid));
  const named = await request(shared, "GET", "/.well-known/oauth-authorization-server");
  assert.equal(named.json.issuer, ISSUER);
});

test("a request that is refused is told so in RFC 6749's words, never to be stored", async () => {
  const session = await openSession(worker, newSubject());
  const spent = await openSession(worker, newSubject());
  await refresh(worker, spent.refresh);
  const refreshing = (refresh_token) => ({ grant_type: "refresh_token", refresh_token });
  const wrong = basic({ ...BATCH, secret: "wrong" });
  const cases = [
    ["no grant", {}, {}, 400, "invalid_request"],
    ["an empty grant", { grant_type: "" }, {}, 400, "invalid_request"],
    ["a grant there is not", { grant_type: "password", username: "a", password: "b" }, {}, 400, "unsupported_grant_type"],
    ["a grant of another case", { grant_type: "Refresh_Token" }, {}, 400, "unsupported_grant_type"],
    ["no refresh token", { grant_type: "refresh_token" }, {}, 400, "invalid_request"],
    ["garbage for one", refreshing("x.y.z"), {}, 400, "invalid_grant"],
    ["an access token for one", refreshing(session.access), {}, 400, "invalid_grant"],
    ["a spent one", refreshing(spent.refresh), {}, 400, "invalid_grant"],
    ["a client's own tokens without a client", credentials, {}, 401, "invalid_client"],
    ["the same with an id alone", { ...credentials, client_id: BATCH.id }, {}, 401, "invalid_client"],
    ["a wrong secret in the header", credentials, wrong, 401, "invalid_client"],
    ["a wrong secret in the body", { ...credentials, ...inBody({ ...BATCH, secret: "wrong" }) }, {}, 401, "invalid_client"],
    ["a wrong secret with a good refresh token", refreshing(session.refresh), wrong, 401, "invalid_client"],
    ["a wrong header beside a good body", { ...credentials, ...inBody(BATCH) }, wrong, 401, "invalid_client"],
    ["a user's token for a client", credentials, bearer(session.access), 401, "invalid_client"],
    ["a scope of another client", { ...credentials, scope: "sessions:open" }, basic(BATCH), 400, "invalid_scope"],
    ["one scope too many", { ...credentials, scope: "reports:read admin" }, basic(BATCH), 400, "invalid_scope"],
    ["half a scope", { ...credentials, scope: "reports" }, basic(BATCH), 400, "invalid_scope"],
    ["any scope for a client without one", { ...credentials, scope: "a" }, basic(GATE), 400, "invalid_scope"],
  ];
  for (const [what, form, headers, status, error] of cases) {
    const answer = await token(worker, form, headers);
    assert.deepEqual([answer.status, answer.json], [status, { error }], what);
    assert.equal(answer.headers["cache-control"], "no-store", what);
    assert.equal(answer.headers["content-type"], "application/json", what);
    assert.equal(answer.headers["www-authenticate"], status === 401 ? 'Basic realm="api"' : undefined, what);
  }
  const unread = await request(worker, "POST", "/oauth/token", { body: "{", headers: { "content-type": "application/json" } });
  assert.deepEqual([unread.status, unread.json], [400, { error: "invalid_request" }]);
  assert.equal((await refresh(worker, session.refresh)).status, 200, "no refusal has spent anything");
});

test("a pair is refreshed at the standard endpoint as at the other, and spent by either", async () => {
  const session = await openSession(worker, newSubject());
  const first = await token(worker, { grant_type: "refresh_token", refresh_token: session.refresh });
  assert.equal(first.status, 200);
  assert.equal(first.headers["cache-control"], "no-store");
  const { access_token, refresh_token, expires_in, ...rest } = first.json;
  assert.deepEqual(rest, { token_type: "Bearer" });
  assert.ok(expires_in > 295 && expires_in <= 300);
  assert.equal((await verify(worker, access_token)).status, 200);
  assert.deepEqual((await refresh(worker, session.refresh)).json, BLACKLISTED);
  assert.equal((await refresh(worker, refresh_token)).status, 200);
  const late = await token(worker, { grant_type: "refresh_token", refresh_token });
  assert.deepEqual([late.status, late.json], [400, { error: "invalid_grant" }]);
});

test("of twenty simultaneous refreshes at the standard endpoint exactly one succeeds", async () => {
  const { refresh: refresh_token } = await openSession(worker, newSubject());
  const answers = await atOnce(20, () => token(worker, { grant_type: "refresh_token", refresh_token }));
  assert.deepEqual(statuses(answers), { 200: 1, 400: 19 });
});

test("a client's own token says whose it is, for whom, and what it may", async () => {
  const all = await clientToken(worker);
  assert.deepEqual(Object.keys(all), ["access_token", "token_type", "expires_in", "scope"]);
  assert.equal(all.scope, "reports:read reports:write");
  const { exp, iat, jti, sid, ...said } = payloadOf(all.access_token);
  assert.deepEqual(said, { token_type: "access", sub: "client:batch.1", aud: BATCH.audience, scope: all.scope });
  assert.equal(exp - iat, 300);
  const one = await clientToken(worker, BATCH, { scope: "reports:write" });
  assert.equal(one.scope, "reports:write");
  assert.equal(payloadOf(one.access_token).scope, "reports:write");
  assert.notEqual(payloadOf(one.access_token).jti, jti);
  const none = await clientToken(worker, GATE);
  assert.deepEqual(Object.keys(none), ["access_token", "token_type", "expires_in"]);
  const { aud, scope } = payloadOf(none.access_token);
  assert.deepEqual([aud, scope], [undefined, undefined]);
});

test("three hundred tokens of one client in a row are all good, and each can be revoked by itself", async () => {
  const tokens = [];
  await atOnce(10, async (at) => {
    for (let round = 0; round < 30; round++) {
      const scope = ["reports:read", "reports:write", "reports:write reports:read", ""][(at + round) % 4];
      tokens.push((await clientToken(worker, BATCH, { scope })).access_token);
    }
  });
  assert.equal(new Set(tokens.map((one) => payloadOf(one).jti)).size, 300);
  const active = async () => {
    const answers = await Promise.all(tokens.map((one) => introspect(worker, one)));
    return answers.filter(({ json }) => json.active).length;
  };
  assert.equal(await active(), 300);
  for (const one of [tokens[0], tokens[150], tokens[299]]) {
    assert.equal((await revoke(worker, one, basic(BATCH))).status, 200);
    assert.deepEqual((await introspect(worker, one)).json, { active: false });
  }
  assert.equal(await active(), 297);
});

// A scope that is spelled another way must not open a session more.
test("whatever scopes it asks for, a client has one session", async () => {
  const spellings = ["reports:read", "reports:read reports:read", "reports:write reports:read", " reports:read", ""];
  const tokens = [];
  for (const scope of spellings) tokens.push(await clientToken(worker, BATCH, { scope }));
  const headers = bearer(tokens[0].access_token);
  const { status, json } = await request(worker, "GET", "/api/sessions/", { headers });
  assert.equal(status, 200);
  assert.equal(json.length, 1);
  assert.equal(new Set(tokens.map(({ access_token }) => payloadOf(access_token).sid)).size, 1);
});

test("a client's token lives as long as any, however long it has asked for tokens already", async () => {
  const brief = await startWorker({ vars: { CLIENTS, SESSION_LIFETIME: "3" } });
  try {
    await clientToken(brief);
    await sleep(2000);
    const { exp, iat } = payloadOf((await clientToken(brief)).access_token);
    assert.equal(exp - iat, 300);
  } finally {
    await brief.stop();
  }
});

test("a good token is introspected with its own claims", async () => {
  const claims = { role: "admin", active: "no", client_id: "mine", nested: { a: [1.5] } };
  const sub = newSubject();
  const session = await openSession(worker, sub, { claims, scope: "read" });
  for (const kind of ["access", "refresh"]) {
    const { status, json, headers } = await introspect(worker, session[kind]);
    assert.equal(status, 200);
    assert.equal(headers["cache-control"], "no-store");
    const { token_type, active: _, client_id: __, ...own } = payloadOf(session[kind]);
    const bearerType = kind === "access" ? { token_type: "Bearer" } : {};
    assert.deepEqual(json, { active: true, ...bearerType, ...own });
  }
  const own = (await introspect(worker, (await clientToken(worker)).access_token)).json;
  assert.deepEqual([own.active, own.client_id, own.token_type], [true, BATCH.id, "Bearer"]);
});

test("only a client may introspect, by the header or in the body", async () => {
  const { access } = await openSession(worker, newSubject());
  const form = { token: access };
  const ask = (form, headers) => request(worker, "POST", "/oauth/introspect", { form, headers });
  for (const headers of [{}, bearer(access), basic({ ...GATE, secret: "wrong" }), basic({ id: "nobody", secret: "x" })]) {
    const { status, json } = await ask(form, headers);
    assert.deepEqual([status, json], [401, { error: "invalid_client" }]);
  }
  assert.equal((await ask({ ...form, client_id: GATE.id }, {})).status, 401);
  assert.equal((await ask({ ...form, ...inBody(GATE) }, {})).json.active, true);
  assert.equal((await ask({ ...form, token_type_hint: "refresh_token" }, basic(GATE))).json.active, true);
  assert.deepEqual((await ask({}, basic(GATE))).json, { error: "invalid_request" });
});

/** Tokens of every kind that is not active, and of nothing else. */
async function inactive() {
  const live = await openSession(shared, newSubject());
  const said = payloadOf(live.access);
  const signed = (claims, key = SIGNING_KEY, header) => signToken({ ...said, ...claims }, key, header);
  const spent = await openSession(shared, newSubject());
  await refresh(shared, spent.refresh);
  const ended = await openSession(shared, newSubject());
  await revoke(shared, ended.refresh);
  const revoked = await openSession(shared, newSubject());
  await revoke(shared, revoked.access);
  const brief = await openSession(shared, newSubject(), { access_token_lifetime: 1, refresh_token_lifetime: 1 });
  const reset = await openSession(shared, newSubject());
  await request(shared, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(reset.access) });
  await sleep(1100);
  assert.equal((await verify(shared, signed({}))).status, 200, "what is signed here is as good as the Worker's own");
  const { exp: _, ...everlasting } = said;
  const { jti: __, ...nameless } = said;
  const { token_type: ___, ...kindless } = said;
  return {
    "garbage": "garbage",
    "three dots": "...",
    "an expired access token": brief.access,
    "an expired refresh token": brief.refresh,
    "one that expires now": signed({ exp: now() }),
    "one of tomorrow": signed({ iat: now() + 86_400, exp: now() + 90_000 }),
    "one that is not valid yet": signed({ nbf: now() + 3600 }),
    "a revoked access token": revoked.access,
    "an access token of an ended session": ended.access,
    "a refresh token of an ended session": ended.refresh,
    "an access token from before a reset": reset.access,
    "a spent refresh token": spent.refresh,
    "a wrong signature": `${live.access.slice(0, -2)}${live.access.endsWith("AA") ? "BB" : "AA"}`,
    "another key": signed({}, "another key, as long as the right one"),
    "another algorithm": signed({}, SIGNING_KEY, { alg: "HS512" }),
    "another Worker's": (await openSession(other, newSubject())).access,
    "another issuer": signed({ iss: "https://elsewhere.example" }),
    "no issuer": signed({ iss: undefined }),
    "an unknown session": signed({ sid: "0".repeat(32) }),
    "no session": signed({ sid: undefined }),
    "a refresh token with an id that was never issued": signed({ token_type: "refresh" }),
    "no exp": signToken(everlasting, SIGNING_KEY),
    "no jti": signToken(nameless, SIGNING_KEY),
    "no kind": signToken(kindless, SIGNING_KEY),
    "a kind there is not": signed({ token_type: "id" }),
    "a subject that is a list": signed({ user_id: ["a"], sub: undefined }),
    "a claim that stands twice": twice(live.access),
    "a second spelling": `${live.access}=`,
  };
}

/** A token with a member twice, which its signature covers. */
function twice(text) {
  const [header] = text.split(".");
  const payload = JSON.stringify(payloadOf(text)).replace(/}$/, ',"role":1,"role":2}');
  const signed = `${header}.${Buffer.from(payload).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", SIGNING_KEY).update(signed).digest("base64url")}`;
}

test("of whatever is not active introspection says that and nothing else", async () => {
  for (const [what, text] of Object.entries(await inactive())) {
    const { status, text: body, headers } = await introspect(shared, text);
    assert.deepEqual([status, body], [200, '{"active":false}'], what);
    assert.equal(headers["cache-control"], "no-store", what);
  }
});

test("revoking what is not active is answered as if it had been", async () => {
  for (const [what, text] of Object.entries(await inactive())) {
    const { status, text: body, headers } = await revoke(shared, text);
    assert.deepEqual([status, body], [200, ""], what);
    assert.equal(headers["cache-control"], "no-store", what);
  }
});

test("a revoked access token is dead, and its session lives", async () => {
  const session = await openSession(worker, newSubject());
  for (let again = 0; again < 2; again++) assert.equal((await revoke(worker, session.access)).status, 200);
  assert.equal((await verify(worker, session.access)).status, 400);
  assert.equal((await request(worker, "GET", "/api/sessions/", { headers: bearer(session.access) })).status, 401);
  const next = await refresh(worker, session.refresh);
  assert.equal(next.status, 200);
  assert.equal((await verify(worker, next.json.access)).status, 200);
  const { jti, sid, sub, exp } = payloadOf(session.access);
  const key = await eventually(async () => (await kvKeys(worker)).find(({ name }) => name === `jti:${jti}`));
  assert.equal(key.expiration, exp + 300);
  assert.deepEqual([key.metadata.reason, key.metadata.kind, key.metadata.sid, key.metadata.sub], ["revoked", "access", sid, sub]);
});

test("revoking a refresh token ends its session, a spent one too", async () => {
  const [fresh, spent] = [await openSession(worker, newSubject()), await openSession(worker, newSubject())];
  const next = (await refresh(worker, spent.refresh)).json;
  for (const refresh_token of [fresh.refresh, spent.refresh]) {
    assert.equal((await revoke(worker, refresh_token)).status, 200);
  }
  for (const { access, refresh: text } of [fresh, next]) {
    assert.equal((await verify(worker, access)).status, 400);
    assert.deepEqual((await refresh(worker, text)).json, BLACKLISTED);
  }
});

test("a sliding token that is revoked ends its session", async () => {
  const { email, password } = await register(worker);
  const { json } = await request(worker, "POST", "/api/token/sliding/", { json: { email, password } });
  assert.equal((await introspect(worker, json.token)).json.active, true);
  assert.equal((await revoke(worker, json.token)).status, 200);
  assert.deepEqual((await introspect(worker, json.token)).json, { active: false });
});

test("a client that says what is not true revokes nothing", async () => {
  const session = await openSession(worker, newSubject());
  const wrong = [[{}, basic({ ...GATE, secret: "wrong" })], [inBody({ ...GATE, secret: "wrong" }), {}], [{}, bearer(session.access)]];
  for (const [form, headers] of wrong) {
    const answer = await request(worker, "POST", "/oauth/revoke", { form: { token: session.refresh, ...form }, headers });
    assert.deepEqual([answer.status, answer.json], [401, { error: "invalid_client" }]);
  }
  assert.deepEqual((await revoke(worker, "")).json, { error: "invalid_request" });
  assert.equal((await refresh(worker, session.refresh)).status, 200);
});

test("a client takes all of its own tokens back at once, and goes on", async () => {
  const { access_token } = await clientToken(other);
  assert.equal((await request(other, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(access_token) })).status, 205);
  assert.deepEqual((await introspect(other, access_token)).json, { active: false });
  const next = await clientToken(other);
  assert.equal((await introspect(other, next.access_token)).json.active, true);
});

test("access tokens are of the type that ACCESS_TOKEN_TYP says, and no other token is", async () => {
  const typed = await startWorker({
    vars: { CLIENTS, ACCESS_TOKEN_TYP: "at+jwt", AUTH_TOKEN_CLASSES: "access,sliding", REFRESH_GRACE_SECONDS: "60" },
  });
  try {
    const typOf = (text) => decodeToken(text).header.typ;
    const typesOf = ({ access, refresh }) => [typOf(access), typOf(refresh)];
    const session = await openSession(typed, newSubject());
    assert.deepEqual(typesOf(session), ["at+jwt", "JWT"]);
    assert.equal((await verify(typed, session.access)).status, 200);
    assert.equal((await request(typed, "GET", "/api/sessions/", { headers: bearer(session.access) })).status, 200);
    assert.equal((await introspect(typed, session.access)).json.active, true);

    const rotated = (await refresh(typed, session.refresh)).json;
    assert.deepEqual(typesOf(rotated), ["at+jwt", "JWT"]);
    assert.deepEqual((await refresh(typed, session.refresh)).json, rotated, "a replay is the same, byte for byte");
    const standard = await token(typed, { grant_type: "refresh_token", refresh_token: session.refresh });
    assert.deepEqual([standard.json.access_token, standard.json.refresh_token], [rotated.access, rotated.refresh]);
    await sleep(2000);
    const later = await token(typed, { grant_type: "refresh_token", refresh_token: session.refresh });
    assert.equal(later.json.access_token, rotated.access);
    assert.ok(later.json.expires_in <= 298, "what is left of it, not what it once had");

    assert.equal(typOf((await clientToken(typed)).access_token), "at+jwt");
    const { email, password, access } = await register(typed);
    assert.equal(typOf(access), "at+jwt");
    const sliding = (await request(typed, "POST", "/api/token/sliding/", { json: { email, password } })).json.token;
    assert.equal(typOf(sliding), "JWT");
    const extended = (await request(typed, "POST", "/api/token/sliding/refresh/", { json: { token: sliding } })).json.token;
    assert.equal(typOf(extended), "JWT");
  } finally {
    await typed.stop();
  }
  assert.equal(decodeToken((await openSession(worker, newSubject())).access).header.typ, "JWT", "the default");
});

test("without rotation, too, a renewed access token is of its type", async () => {
  const typed = await startWorker({ vars: { CLIENTS, ACCESS_TOKEN_TYP: "at+jwt", ROTATE_REFRESH_TOKENS: "false" } });
  try {
    const { refresh: text } = await openSession(typed, newSubject());
    assert.equal(decodeToken((await refresh(typed, text)).json.access).header.typ, "at+jwt");
    const standard = await token(typed, { grant_type: "refresh_token", refresh_token: text });
    assert.deepEqual(Object.keys(standard.json), ["access_token", "token_type", "expires_in"]);
  } finally {
    await typed.stop();
  }
});
