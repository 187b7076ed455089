// Whether the peer does the same work as Hallpass: both are asked the same, and have to answer alike. Before anything is measured.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { basic, GATE, LOGIN } from "../../support/clients.mjs";
import { bearer, request } from "../../support/request.mjs";
import { decodeToken } from "../../support/token.mjs";
import { PASSWORD } from "./operations.mjs";

// An entry is written after the answer.
const IN_KV_WITHIN = 5000;

/** Throws where this Worker does not do what is measured. */
export async function conforms(side) {
  const ask = (method, path, about) => request(side.url, method, path, about);
  const open = async (sub, fields = {}) => {
    const { status, json, text } = await ask("POST", "/api/sessions/", { headers: basic(LOGIN), json: { sub, ...fields } });
    assert.equal(status, 201, text);
    return json;
  };
  const refresh = (token) => ask("POST", "/api/token/refresh/", { json: { refresh: token } });
  const withToken = (path, access) => ask("GET", path, { headers: bearer(access) });
  const introspect = async (token) => (await ask("POST", "/oauth/introspect", { headers: basic(GATE), form: { token } })).json;

  const stranger = await ask("POST", "/api/sessions/", { headers: basic({ ...LOGIN, secret: "another" }), json: { sub: "ann" } });
  assert.equal(stranger.status, 401, "a wrong secret opens nothing");

  const first = await open("ann");
  const second = await refresh(first.refresh);
  assert.equal(second.status, 200, second.text);
  assert.equal((await refresh(first.refresh)).status, 401, "a spent token is refused");
  const third = await refresh(second.json.refresh);
  assert.equal(third.status, 200, "who asks twice within a moment keeps the session");
  await inKv(side, `jti:${decodeToken(first.refresh).payload.jti}`);
  await raceOf(refresh, (await open("race")).refresh);

  assert.equal((await refresh(`${third.json.refresh.slice(0, -4)}AAAA`)).status, 401, "a forged token is refused");
  assert.equal((await refresh(third.json.access)).status, 401, "an access token is no refresh token");
  assert.equal((await withToken("/api/check/", third.json.refresh)).status, 401, "a refresh token is no bearer token");

  const { access, refresh: last } = await withAccount(side, ask, open);
  const info = await withToken("/api/v1/users/info/", access);
  assert.deepEqual([info.status, info.json], [200, { email: "bob@example.com", first_name: "", last_name: "" }]);
  assert.equal((await introspect(access)).active, true);
  await ask("POST", "/oauth/revoke", { form: { token: last } });
  assert.equal((await withToken("/api/v1/users/info/", access)).status, 401, "info refuses an ended session");
  assert.deepEqual(await introspect(access), { active: false });
  await inKv(side, `sid:${decodeToken(access).payload.sid}`);
  // Asked for the first time, so nothing is remembered.
  assert.equal((await withToken("/api/check/", access)).status, 401, "the check by KV refuses what stands there");
  assert.equal((await withToken("/api/check/", third.json.access)).status, 200);

  await theftOf(side, open, refresh);
}

/** Of many simultaneous refreshes of one token one succeeds. */
async function raceOf(refresh, token) {
  const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(token)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
}

/** A spent token that comes two exchanges later ends its session. */
async function theftOf(side, open, refresh) {
  const stolen = (await open("theft")).refresh;
  const next = (await refresh(stolen)).json;
  const last = (await refresh(next.refresh)).json;
  assert.equal((await refresh(stolen)).status, 401);
  assert.equal((await refresh(last.refresh)).status, 401, "the session has ended");
  await inKv(side, `sid:${decodeToken(last.access).payload.sid}`);
}

/** The pair of somebody whose e-mail is known: Hallpass registers, the peer is told it with the session. */
async function withAccount(side, ask, open) {
  const email = "bob@example.com";
  if (!side.name.startsWith("Hallpass")) return open("bob", { profile: { email } });
  const { json } = await ask("POST", "/api/v1/users/registration/", { json: { email, password: PASSWORD } });
  return { access: json.access_token, refresh: json.refresh_token };
}

async function inKv(side, key) {
  for (const patience = Date.now() + IN_KV_WITHIN; ; await sleep(20)) {
    const [entry] = await side.ask("kvKeys", { prefix: key });
    if (entry) return assert.ok(entry.expiration > Date.now() / 1000, `${key} goes in time`);
    assert.ok(Date.now() < patience, `${key} is in KV`);
  }
}
