// Another implementation, `jose`, reads our tokens and we read its.

import assert from "node:assert/strict";
import test from "node:test";
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import { info, refresh, register } from "./support/client.mjs";
import { request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker } from "./support/worker.mjs";

const NAMES = { ISSUER: "https://issuer.example", AUDIENCE: "https://api.example" };
const EXPECTED = { issuer: NAMES.ISSUER, audience: NAMES.AUDIENCE, requiredClaims: ["exp", "iat", "jti", "sub", "sid"] };
const KEY = "a shared secret of more than thirty-two bytes";
const SECRET = new TextEncoder().encode(KEY);

const started = async (t, vars) => {
  const worker = await startWorker({ vars: { ...NAMES, ...vars } });
  t.after(() => worker.stop());
  return worker;
};

test("jose verifies our EdDSA tokens with the key set, whose key ids are thumbprints", async (t) => {
  const worker = await started(t, {});
  const user = await register(worker);
  const { json: set, headers } = await request(worker, "GET", "/.well-known/jwks.json");
  assert.match(headers["cache-control"], /max-age=\d+/);
  const keys = createLocalJWKSet(set);

  for (const token of [user.access, user.refresh, ...Object.values((await refresh(worker, user.refresh)).json)]) {
    const { payload, protectedHeader, key } = await jwtVerify(token, keys, { ...EXPECTED, algorithms: ["EdDSA"] });
    assert.deepEqual(payload, decodeToken(token).payload);
    assert.equal(protectedHeader.alg, "EdDSA");
    assert.equal(protectedHeader.kid, await calculateJwkThumbprint(key));
  }
  for (const jwk of set.keys) {
    const { kty, crv, alg, use, kid, ...rest } = jwk;
    assert.deepEqual({ kty, crv, alg, use }, { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" });
    assert.deepEqual(Object.keys(rest), ["x"], "nothing else of the key is shown");
    assert.equal(kid, await calculateJwkThumbprint(jwk));
  }

  const forged = user.access.replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
  await assert.rejects(jwtVerify(forged, keys), errors.JOSEError);
  assert.equal((await info(worker, forged)).status, 401);
});

for (const algorithm of ["HS256", "HS384", "HS512"]) {
  test(`jose verifies our ${algorithm} tokens, and we take and spend once what it signs`, async (t) => {
    const worker = await started(t, { ALGORITHM: algorithm, SIGNING_KEY: KEY, ADOPT_FOREIGN_TOKENS: "true" });
    const user = await register(worker);
    for (const token of [user.access, user.refresh]) {
      const { payload } = await jwtVerify(token, SECRET, { ...EXPECTED, algorithms: [algorithm] });
      assert.deepEqual(payload, decodeToken(token).payload);
      // A shared secret has no name.
      assert.deepEqual(decodeProtectedHeader(token), { typ: "JWT", alg: algorithm });
    }
    assert.deepEqual((await request(worker, "GET", "/.well-known/jwks.json")).json, { keys: [] });

    const { payload: own } = decodeToken(user.access);
    for (const alg of ["HS256", "HS384", "HS512"]) {
      const token = await new SignJWT(own).setProtectedHeader({ alg }).sign(SECRET);
      assert.equal((await info(worker, token)).status, alg === algorithm ? 200 : 401, alg);
    }
    const stranger = await new SignJWT(own).setProtectedHeader({ alg: algorithm }).sign(Buffer.from(`${KEY}${KEY}`));
    assert.equal((await info(worker, stranger)).status, 401, "another secret");

    const signed = await new SignJWT({ token_type: "refresh", user_id: "7" })
      .setProtectedHeader({ alg: algorithm })
      .setIssuedAt()
      .setExpirationTime("1h")
      .setJti("of jose's")
      .setIssuer(NAMES.ISSUER)
      .setAudience([NAMES.AUDIENCE, "https://other.example"])
      .sign(SECRET);
    const { status, json, text } = await refresh(worker, signed);
    assert.equal(status, 200, text);
    assert.equal((await refresh(worker, signed)).status, 401);
    const { payload } = await jwtVerify(json.access, SECRET, EXPECTED);
    assert.equal(payload.sub, "7");
  });
}
