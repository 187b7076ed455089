// What other implementations sign, the npm package's Verifier takes, and nothing of it can be changed; the same of the core in
// Rust, where it checks signatures by itself.
//
// The other direction, what we sign, is in issued.test.mjs: the issuer's tokens, which are EdDSA or HS*. Nothing of ours signs
// with RSA or the NIST curves.

import assert from "node:assert/strict";
import test, { after } from "node:test";
import { HallpassError, Verifier } from "../../crates/verifier/dist/index.js";
import { ALGORITHMS, HMAC, makeKey } from "./keys.mjs";
import { pairings, peersForTests } from "./opened.mjs";
import jose from "./peers/jose.mjs";
import { openRust } from "./peers/jsonwebtoken.mjs";

const CHECKED_HERE = [...HMAC, "EdDSA"];

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
  "https://claims.example/n": [1.5, null, {}, '\ud83d\ude00 \u2028 \\ " \u007f'],
};

const asked = peersForTests();
const rust = openRust();
after(() => rust.close());

/** Where a Verifier has the key from. */
const source = ({ secret, publicJwk }) => (secret ? { secret } : { jwks: { keys: [publicJwk] } });

const header = ({ algorithm: alg, publicJwk: { kid } }, more = {}) => ({ alg, ...(kid && { kid }), typ: "JWT", ...more });

for (const { peer, algorithm } of pairings(ALGORITHMS)) {
  test(`what ${peer.name} signs with ${algorithm} is verified, and called valid`, { skip: peer.missing }, async () => {
    const key = makeKey(algorithm);
    const token = await asked(peer).sign(key, header(key), CLAIMS);
    const options = { algorithms: [algorithm], issuer: CLAIMS.iss, audience: "api", maxAge: 60, now };
    const verifier = new Verifier({ ...source(key), ...options });
    const verified = await verifier.verify(token);
    assert.deepEqual(verified.claims, CLAIMS);
    assert.equal(verified.header.alg, algorithm);
    assert.deepEqual(await verifier.explain(token), { valid: true, ...verified, failures: [] });
    if (CHECKED_HERE.includes(algorithm)) assert.deepEqual(verifier.verifySync(token), verified);

    const stranger = new Verifier({ ...source(makeKey(algorithm)), ...options });
    await assert.rejects(stranger.verify(token), { code: "bad_signature" });
  });
}

for (const { peer, algorithm } of pairings(CHECKED_HERE)) {
  test(`what ${peer.name} signs with ${algorithm} the core in Rust takes`, { skip: peer.missing }, async () => {
    const key = makeKey(algorithm);
    const question = { do: "judge", alg: algorithm, jwk: key.publicJwk, demands: { now: NOW } };
    const good = await asked(peer).sign(key, header(key), CLAIMS);
    const late = await asked(peer).sign(key, header(key), { ...CLAIMS, exp: NOW });
    const stranger = await asked(peer).sign(makeKey(algorithm), header(key), CLAIMS);
    const verdicts = await rust.must({ ...question, tokens: [good, late, stranger] });
    assert.deepEqual(
      verdicts.map(([core]) => core),
      ["", "expired exp", "bad_signature"],
    );
  });
}

for (const algorithm of ALGORITHMS) {
  test(`no bit of a token of ${algorithm} can be changed`, async () => {
    const key = makeKey(algorithm);
    const verifier = new Verifier({ ...source(key), algorithms: [algorithm], now });
    const token = await asked(jose).sign(key, header(key), { exp: NOW + 60 });
    const verify = CHECKED_HERE.includes(algorithm)
      ? async (token) => verifier.verifySync(token)
      : (token) => verifier.verify(token);
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
