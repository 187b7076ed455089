// Who is measured, each as its documentation says it is used where speed matters: keys imported once, verifiers made once, no
// cache of verdicts. The same for Node.js and for workerd.

import { createPublicKey, createSecretKey } from "node:crypto";
import cloudflareWorkerJwt from "@tsndr/cloudflare-worker-jwt";
import fastJwt from "fast-jwt";
import { verify as honoVerify } from "hono/jwt";
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { jwtDecode } from "jwt-decode";

/**
 * Who verifies tokens of this case: `{ name, run, claims }`. `run` takes a token and throws or rejects when it is not good,
 * `claims` gets the claims out of what `run` answers.
 */
export async function verifiers({ algorithm, jwk, pem }, { Verifier }) {
  const shared = algorithm === "HS256";
  const bytes = shared ? Buffer.from(jwk.k, "base64url") : undefined;
  const verifier = new Verifier(shared ? { secret: bytes } : { jwks: { keys: [jwk] } });
  const webCryptoKey = await (shared ? importedSecret(bytes) : importJWK(jwk, algorithm));
  const nodeKey = () => (shared ? createSecretKey(bytes) : createPublicKey(pem));
  const algorithms = [algorithm];

  const one = (name, of, make) => of.includes(algorithm) && { name, ...make() };
  return [
    one("hallpass verifySync", ["HS256", "EdDSA"], () => ({ run: (token) => verifier.verifySync(token), claims: ofClaims })),
    one("hallpass verify", algorithms, () => ({ run: (token) => verifier.verify(token), claims: ofClaims })),
    one("jose jwtVerify", algorithms, () => ({ run: (token) => jwtVerify(token, webCryptoKey, { algorithms }), claims: ofPayload })),
    one("fast-jwt", algorithms, () => ({
      run: fastJwt.createVerifier({ key: shared ? bytes : pem, algorithms, cache: false }),
      claims: asItIs,
    })),
    one("jsonwebtoken verify", ["HS256", "ES256", "RS256"], () => {
      const key = nodeKey();
      return { run: (token) => jsonwebtoken.verify(token, key, { algorithms }), claims: asItIs };
    }),
    one("hono/jwt verify", algorithms, () => ({ run: (token) => honoVerify(token, webCryptoKey, algorithm), claims: asItIs })),
    one("cloudflare-worker-jwt", ["HS256", "ES256", "RS256"], () => ({
      run: (token) => cloudflareWorkerJwt.verify(token, webCryptoKey, { algorithm, throwError: true }),
      claims: ofPayload,
    })),
  ].filter(Boolean);
}

/** Who reads tokens without verifying them, as {@link verifiers}. `decode` is of `hallpass`, `decodeOnly` of `hallpass/decode`. */
export const decoders = ({ decode, decodeOnly }) => [
  { name: "hallpass/decode", run: decodeOnly, claims: ofClaims },
  { name: "hallpass decode", run: decode, claims: ofClaims },
  { name: "jose decodeJwt", run: decodeJwt, claims: asItIs },
  { name: "jose, header too", run: (token) => ({ header: decodeProtectedHeader(token), claims: decodeJwt(token) }), claims: ofClaims },
  { name: "jwt-decode", run: (token) => jwtDecode(token), claims: asItIs },
];

const ofClaims = ({ claims }) => claims;
const ofPayload = ({ payload }) => payload;
const asItIs = (claims) => claims;

const importedSecret = (bytes) => crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);

/** Stops unless it takes every good token for what it is, and refuses the bad one. */
export async function checkSubject({ name, run, claims }, tokens, bad) {
  for (const token of tokens) {
    const { jti } = claims(await run(token));
    if (jti !== payloadOf(token).jti) throw new Error(`${name} does not know the claims of a good token`);
  }
  try {
    await run(bad);
  } catch {
    return;
  }
  throw new Error(`${name} takes a token that is not good`);
}

const payloadOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
