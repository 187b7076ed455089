// People for a test: they register, sign in and refresh; and whoever has the admin key.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { bearer, request } from "./request.mjs";
import { decodeToken } from "./token.mjs";

export const ADMIN_KEY = "an-admin-key-of-at-least-32-characters";

const PASSWORD = "a password of theirs";

/** Registers an address; `{ email, password, sub, sid, access, refresh }`. */
export async function registered(worker, { email = address(), password = PASSWORD, headers } = {}) {
  const json = { email, password, first_name: "Ann", last_name: "Lee" };
  const { status, json: body, text } = await request(worker, "POST", "/api/v1/users/registration/", { json, headers });
  assert.equal(status, 201, text);
  return { email, password, ...described({ access: body.access_token, refresh: body.refresh_token }) };
}

/** Opens a further session of a person. */
export async function signedIn(worker, { email, password = PASSWORD }, headers) {
  const { status, json, text } = await request(worker, "POST", "/api/token/", { json: { email, password }, headers });
  assert.equal(status, 200, text);
  return { email, password, ...described(json) };
}

export const login = (worker, { email, password }) =>
  request(worker, "POST", "/api/token/", { json: { email, password } });

export const refresh = (worker, token) => request(worker, "POST", "/api/token/refresh/", { json: { refresh: token } });

export const verify = (worker, token) => request(worker, "POST", "/api/token/verify/", { json: { token } });

export const info = (worker, access) => request(worker, "GET", "/api/v1/users/info/", { headers: bearer(access) });

/** Asks the admin API. */
export const admin = (worker, method, path, options = {}) =>
  request(worker, method, `/admin/api/${path}`, { ...options, headers: bearer(ADMIN_KEY) });

/** Asks until the answer is as wanted: what is delivered in the background takes a moment. */
export async function until(ask, wanted, within = 10_000) {
  const patience = Date.now() + within;
  for (;;) {
    const found = await ask();
    if (wanted(found)) return found;
    if (Date.now() > patience) throw new Error(`not within ${within} ms: ${JSON.stringify(found, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The events of a subject, the oldest first, once there are so many. */
export async function events(worker, sub, count, within) {
  const ask = async () => (await admin(worker, "GET", `events/?sub=${encodeURIComponent(sub)}`)).json.events;
  return (await until(ask, (found) => found.length >= count, within)).reverse();
}

export const address = () => `u${randomUUID()}@example.com`;

function described({ access, refresh: token }) {
  const { sub, sid } = decodeToken(access).payload;
  return { sub, sid, access, refresh: token };
}
