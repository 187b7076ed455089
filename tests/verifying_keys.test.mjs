// VERIFYING_KEYS: tokens of keys that do not sign here, while an application moves over.

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import test from "node:test";
import { info, refresh, register, verify } from "./support/client.mjs";
import { request } from "./support/request.mjs";
import { keySet } from "./support/ring.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker } from "./support/worker.mjs";

const SIGNING_KEY = "the key that Hallpass signs with, 32+";
const OLD_SECRET = "the key the other issuer signed with";
const OLD = { kty: "oct", alg: "HS256", kid: "old", k: Buffer.from(OLD_SECRET).toString("base64url") };

const edwards = generateKeyPairSync("ed25519");
const EDWARDS = { ...edwards.publicKey.export({ format: "jwk" }), kid: "ed" };

const now = () => Math.floor(Date.now() / 1000);

const SIGN = {
  HS256: (input) => createHmac("sha256", OLD_SECRET).update(input).digest("base64url"),
  EdDSA: (input) => sign(null, input, edwards.privateKey).toString("base64url"),
};

/** A token as Simple JWT makes it: no `sid`. */
function foreign(header, claims = {}) {
  const payload = { token_type: "refresh", exp: now() + 3600, iat: now(), jti: randomBytes(16).toString("hex"), user_id: "7", ...claims };
  const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const input = `${part({ typ: "JWT", ...header })}.${part(payload)}`;
  return `${input}.${SIGN[header.alg](Buffer.from(input))}`;
}

test("another issuer's tokens are taken and exchanged for ours", async (t) => {
  const worker = await startWorker({
    vars: {
      ALGORITHM: "HS512",
      SIGNING_KEY,
      ADOPT_FOREIGN_TOKENS: "true",
      VERIFYING_KEYS: JSON.stringify([OLD, EDWARDS]),
    },
  });
  t.after(() => worker.stop());
  assert.deepEqual((await keySet(worker)).keys, [], "they are not published");
  for (const header of [{ alg: "HS256", kid: "old" }, { alg: "HS256" }, { alg: "EdDSA", kid: "ed" }]) {
    const token = foreign(header);
    const why = JSON.stringify(header);
    assert.equal((await verify(worker, token)).status, 200, why);
    const { status, json, text } = await refresh(worker, token);
    assert.equal(status, 200, `${why}: ${text}`);
    assert.equal(decodeToken(json.refresh).header.alg, "HS512");
    assert.equal((await refresh(worker, token)).status, 401, `${why}: spent exactly once`);
  }
  const unknown = foreign({ alg: "HS256", kid: "older" });
  assert.equal((await verify(worker, unknown)).status, 401, "another kid");
  const tampered = foreign({ alg: "EdDSA", kid: "ed" }).replace(/.$/, (c) => (c === "A" ? "Q" : "A"));
  assert.equal((await verify(worker, tampered)).status, 401, "another signature");
});

test("from a shared secret to a ring and back, nobody is signed out", async (t) => {
  const shared = { ALGORITHM: "HS256", SIGNING_KEY: OLD_SECRET, REFRESH_GRACE_SECONDS: "60" };
  const first = await startWorker({ vars: shared });
  const session = await register(first);
  const other = await register(first);
  const pair = await refresh(first, other.refresh);

  const moved = await first.restart({ vars: { VERIFYING_KEYS: JSON.stringify([OLD]), REFRESH_GRACE_SECONDS: "60" } });
  assert.equal((await info(moved, session.access)).status, 200);
  const { status, json, text } = await refresh(moved, session.refresh);
  assert.equal(status, 200, text);
  assert.equal(decodeToken(json.access).header.alg, "EdDSA");
  // What the secret signed cannot be signed again byte for byte; that is no fault of ours.
  const replay = await refresh(moved, other.refresh);
  assert.equal(replay.status, 401, replay.text);
  assert.equal((await refresh(moved, pair.json.refresh)).status, 200);
  const { keys } = await keySet(moved);
  assert.equal(keys.length, 2);

  const back = await moved.restart({ vars: { ...shared, VERIFYING_KEYS: JSON.stringify(keys) } });
  t.after(() => back.stop());
  assert.equal((await info(back, json.access)).status, 200);
  assert.equal((await refresh(back, json.refresh)).status, 200);
});

test("keys that are none are refused by the setting's name and not printed", async () => {
  const { d } = edwards.privateKey.export({ format: "jwk" });
  const bad = [
    ["{}", /VERIFYING_KEYS: is a JSON array/],
    [JSON.stringify([{ ...EDWARDS, d }]), /VERIFYING_KEYS: key 1: is a private key/],
    [JSON.stringify([EDWARDS, { ...OLD, k: "c2hvcnQ" }]), /VERIFYING_KEYS: key 2: a shared secret needs at least 32 bytes/],
    [[{ kty: "RSA" }], /VERIFYING_KEYS: key 1: is for none of the accepted algorithms/],
  ];
  for (const [value, told] of bad) {
    const worker = await startWorker({ vars: { VERIFYING_KEYS: value } });
    assert.equal((await request(worker, "GET", "/healthz")).status, 503, String(value));
    await worker.logged(told);
    assert.ok(!worker.log().includes(d) && !worker.log().includes("c2hvcnQ"));
    await worker.stop();
  }
});
