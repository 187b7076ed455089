// Between `jose` and us, for every algorithm there is: what jose signs the Verifier takes, and nothing of it can be changed.
//
// The other direction, what we sign, is in ../interop.test.mjs: the issuer's tokens, which are EdDSA or HS*. Nothing of ours
// signs with RSA or the NIST curves.

import assert from "node:assert/strict";
import test from "node:test";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { HallpassError, Verifier } from "../../crates/verifier/dist/index.js";

const HMAC = ["HS256", "HS384", "HS512"];
const PUBLIC = ["EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const AT_ONCE = new Set([...HMAC, "EdDSA"]);

const NOW = 1_800_000_000;
const now = () => NOW;
const CLAIMS = {
  iss: "https://issuer.example",
  aud: ["web", "api"],
  sub: "\u00fc7",
  jti: "j",
  iat: NOW - 1,
  nbf: NOW,
  exp: NOW + 60,
  "https://claims.example/n": [1.5, null, {}],
};

for (const algorithm of [...HMAC, ...PUBLIC]) {
  test(`what jose signs with ${algorithm} is verified, and called valid`, async () => {
    const { sign, source } = await party(algorithm);
    const token = await sign(CLAIMS, { typ: "JWT" });
    const verifier = new Verifier({ ...source, algorithms: [algorithm], issuer: CLAIMS.iss, audience: "api", maxAge: 60, now });
    const verified = await verifier.verify(token);
    assert.deepEqual(verified.claims, CLAIMS);
    assert.equal(verified.header.alg, algorithm);
    assert.deepEqual(await verifier.explain(token), { valid: true, ...verified, failures: [] });
    if (AT_ONCE.has(algorithm)) assert.deepEqual(verifier.verifySync(token), verified);
  });

  test(`a token that jose signed with ${algorithm} for another key is refused`, async () => {
    const [ours, theirs] = [await party(algorithm), await party(algorithm)];
    const verifier = new Verifier({ ...ours.source, algorithms: [algorithm], now });
    const token = await theirs.sign({ exp: NOW + 60 });
    await assert.rejects(verifier.verify(token), { code: HMAC.includes(algorithm) ? "bad_signature" : "unknown_key" });
  });

  test(`no bit of a token of ${algorithm} can be changed`, async () => {
    const { sign, source } = await party(algorithm);
    const verifier = new Verifier({ ...source, algorithms: [algorithm], now });
    const token = await sign({ exp: NOW + 60 });
    const verify = AT_ONCE.has(algorithm) ? async (token) => verifier.verifySync(token) : (token) => verifier.verify(token);
    assert.equal((await verify(token)).claims.exp, NOW + 60);
    for (const flipped of flips(token)) {
      const error = await verify(flipped).then(
        () => assert.fail(`taken: ${flipped}`),
        (error) => error,
      );
      assert.ok(error instanceof HallpassError, String(error));
      assert.ok(REFUSED.has(error.code), `${error.code}: ${flipped}`);
    }
  });
}

// A changed header may name another key or algorithm; all else is a matter of form or signature.
const REFUSED = new Set(["malformed", "bad_signature", "unknown_key", "algorithm_not_allowed"]);

/** Who signs with jose, and where a Verifier has the key from. */
async function party(algorithm) {
  if (HMAC.includes(algorithm)) {
    const secret = crypto.getRandomValues(new Uint8Array(64));
    return { sign: signing(secret, { alg: algorithm }), source: { secret } };
  }
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { sign: signing(privateKey, { alg: algorithm, kid }), source: { jwks: { keys: [{ ...jwk, kid, alg: algorithm }] } } };
}

const signing = (key, header) => (claims, more) => new SignJWT(claims).setProtectedHeader({ ...header, ...more }).sign(key);

/** The token with each bit of its header, its payload and its signature flipped, one at a time. */
function* flips(token) {
  const parts = token.split(".");
  for (const [at, part] of parts.entries()) {
    const bytes = Buffer.from(part, "base64url");
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      yield parts.with(at, flipped.toString("base64url")).join(".");
    }
  }
}
