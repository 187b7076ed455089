// What stands around a guard under test: a verifier that takes what it is told to, and a KV namespace of plain JavaScript.

import assert from "node:assert/strict";
import { HallpassError } from "../../crates/verifier/js/errors.js";
import { createGuard } from "../../crates/verifier/js/guard.js";
import { CALLS_BACK, LEEWAY, VERIFY_BEARER } from "../../crates/verifier/js/internal.js";

export const ISSUED_AT = 1_700_000_000;
export const CLAIMS = { sub: "u7", sid: "5e55", jti: "00a1", iat: ISSUED_AT, token_type: "access" };
export const HEADER = { alg: "EdDSA", kid: "k1" };
export const KEYS = ["sub:u7", "kid:k1", "sid:5e55", "jti:00a1"];

/**
 * Takes every token, with the claims of `tokens[token]` over those above; `fault` is what it throws instead. It knows of an entry
 * what the real one does: a subject's calls back from its cutoff on, any other always.
 */
export function fakeVerifier({ tokens = {}, fault, leeway = 0 } = {}) {
  const claimsOf = (token) => ({ ...CLAIMS, ...tokens[token] });
  return {
    asked: [],
    [LEEWAY]: leeway,
    async [VERIFY_BEARER](token) {
      this.asked.push(token);
      if (fault) throw fault;
      const claims = claimsOf(token);
      const targets = [`sub:${claims.sub}`, `kid:${HEADER.kid}`, `sid:${claims.sid}`, `jti:${claims.jti}`];
      return { claims, header: HEADER, targets, issuedAt: claims.iat };
    },
    [CALLS_BACK]: (issuedAt, key, entry) => !key.startsWith("sub:") || issuedAt < JSON.parse(entry).cutoff,
  };
}

/** A namespace that notes every `get`, and fails while `down`. */
export class FakeKv {
  entries = new Map();
  reads = [];
  down = false;

  put(key, facts) {
    this.entries.set(key, typeof facts === "string" ? facts : JSON.stringify(facts));
  }

  async get(keys) {
    this.reads.push(keys);
    if (this.down) throw new Error("KV GET failed: 503 Service Unavailable");
    const of = (key) => this.entries.get(key) ?? null;
    return Array.isArray(keys) ? new Map(keys.map((key) => [key, of(key)])) : of(keys);
  }
}

/** A guard of a verifier that takes everything, unless `options` say otherwise. */
export const guarding = (options) => createGuard({ verifier: fakeVerifier(), ...options });

/** A request with this token. */
export const asking = (token = "a-token", init = {}) =>
  new Request("https://api.example/things", { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });

/** A request with this `Authorization`, or without any. */
export const sending = (authorization) =>
  new Request("https://api.example/things", authorization === undefined ? {} : { headers: { authorization } });

/** Asserts that somebody was let in; the pass. */
export async function assertPass(answer, why) {
  const found = await answer;
  if (found instanceof Response) assert.fail(`${why ?? "refused"}: ${found.status} ${await found.text()}`);
  return found;
}

/** Asserts a refusal: its status, and its reason (401) or code (503). The response, whose body is read. */
export async function assertRefused(answer, status, reason, why) {
  const response = await answer;
  assert.ok(response instanceof Response, why ?? "let in");
  const body = await response.json();
  assert.deepEqual([response.status, status === 503 ? body.code : body.reason], [status, reason], why);
  return { headers: response.headers, body };
}

/** Asserts that making a guard fails, and that the reason names what is wrong. */
export function assertBadOption(make, pattern) {
  assert.throws(make, (error) => {
    assert.ok(error instanceof HallpassError, String(error));
    assert.equal(error.code, "bad_option");
    assert.match(error.reason, pattern);
    return true;
  });
}
