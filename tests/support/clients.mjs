// Programs with a secret (the setting CLIENTS), and what they do, one call each.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request } from "./request.mjs";

/** Keeps a login of its own and opens sessions for whoever it has signed in. */
export const LOGIN = { id: "login", secret: "kN3v+7/Zq=&%the login's", scopes: ["sessions:open"] };

/** Asks for tokens of its own, for another audience than people's. */
export const BATCH = {
  id: "batch.1",
  secret: "0f8e1c22d7a94b6f8a51e3c09d7b6a55",
  scopes: ["reports:read", "reports:write"],
  audience: "https://reports.example",
};

/** May do nothing but ask about tokens. */
export const GATE = { id: "gate", secret: "a-secret-of-the-gate-0123456789", scopes: [] };

const setting = ({ id, secret, scopes, audience }) => ({
  id,
  secret_sha256: createHash("sha256").update(secret).digest("base64url"),
  scopes,
  audience,
});

/** The setting that has all of them. */
export const CLIENTS = JSON.stringify([LOGIN, BATCH, GATE].map(setting));

/** The header by which a client says who it is (RFC 6749 section 2.3.1). */
export function basic({ id, secret }) {
  const encoded = [id, secret].map((part) => new URLSearchParams({ part }).toString().slice("part=".length));
  return { authorization: `Basic ${btoa(encoded.join(":"))}` };
}

/** The same in the body. */
export const inBody = ({ id, secret }) => ({ client_id: id, client_secret: secret });

/** Asks for a session for `sub`, as the answer comes. */
export const tryOpenSession = (worker, fields, client = LOGIN) =>
  request(worker, "POST", "/api/sessions/", { headers: basic(client), json: fields });

/** Opens a session and expects to succeed: `{ access, refresh }`. */
export async function openSession(worker, sub, fields = {}) {
  const { status, json, text } = await tryOpenSession(worker, { sub, ...fields });
  assert.equal(status, 201, text);
  return json;
}

let subjects = 0;

/** A subject that nobody else has. */
export const newSubject = () => `someone-${subjects++}`;

export const token = (worker, form, headers = {}) => request(worker, "POST", "/oauth/token", { form, headers });

export const introspect = (worker, token, client = GATE) =>
  request(worker, "POST", "/oauth/introspect", { form: { token }, headers: basic(client) });

export const revoke = (worker, token, headers = {}) =>
  request(worker, "POST", "/oauth/revoke", { form: { token }, headers });

/** An access token for the client itself. */
export async function clientToken(worker, client = BATCH, fields = {}) {
  const { status, json, text } = await token(worker, { grant_type: "client_credentials", ...fields }, basic(client));
  assert.equal(status, 200, text);
  return json;
}
