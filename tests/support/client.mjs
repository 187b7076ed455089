// What a client of the Worker does, one call each. The calls resolve to the answer as `request` gives
// it, unless they say otherwise.

import assert from "node:assert/strict";
import { bearer, request } from "./request.mjs";

export const PASSWORD = "a long enough password";

let registered = 0;

/** Registers an address: `{ email, password, access, refresh }`. */
export async function register(worker, email = `user${registered++}@example.com`, password = PASSWORD) {
  const { status, json, text } = await request(worker, "POST", "/api/v1/users/registration/", { json: { email, password } });
  assert.equal(status, 201, text);
  return { email, password, access: json.access_token, refresh: json.refresh_token };
}

/** Signs in and expects to succeed: `{ access, refresh }`. */
export async function signIn(worker, { email, password }) {
  const { status, json, text } = await trySignIn(worker, { email, password });
  assert.equal(status, 200, text);
  return json;
}

export const trySignIn = (worker, { email, password }) =>
  request(worker, "POST", "/api/token/", { json: { email, password } });

export const refresh = (worker, token) => request(worker, "POST", "/api/token/refresh/", { json: { refresh: token } });

export const verify = (worker, token) => request(worker, "POST", "/api/token/verify/", { json: { token } });

export const blacklist = (worker, token) =>
  request(worker, "POST", "/api/token/blacklist/", { json: { refresh: token } });

export const info = (worker, access) => request(worker, "GET", "/api/v1/users/info/", { headers: bearer(access) });

export const resetAll = (worker, access) =>
  request(worker, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(access) });

export const changePassword = (worker, access, old_password, new_password) =>
  request(worker, "POST", "/api/v1/users/password/", { headers: bearer(access), json: { old_password, new_password } });

/** The answer for a token that was called back or spent. */
export const BLACKLISTED = { detail: "Token is blacklisted", code: "token_not_valid" };

/** `n` calls at the same time, and all their answers. */
export const atOnce = (n, call) => Promise.all(Array.from({ length: n }, (_, index) => call(index)));

/** How many answers have each status: `{ 200: 1, 401: 49 }`. */
export function statuses(answers) {
  const counts = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/**
 * Asserts that nothing of a session works: none of its access tokens, none of its refresh tokens. The
 * newest are tried first, for a spent refresh token ends its session when it is presented.
 */
export async function assertDead(worker, tokens, why) {
  for (const token of tokens.access.toReversed()) {
    const { status, json, text } = await info(worker, token);
    assert.equal(status, 401, `an access token works: ${why}: ${text}`);
    assert.equal(json.messages[0].message, BLACKLISTED.detail, why);
  }
  for (const token of tokens.refresh.toReversed()) {
    const { status, json, text } = await refresh(worker, token);
    assert.equal(status, 401, `a refresh token works: ${why}: ${text}`);
    assert.deepEqual(json, BLACKLISTED, why);
  }
}
