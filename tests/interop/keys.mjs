// A key of each algorithm, in every form in which somebody wants it.

import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";

export const HMAC = ["HS256", "HS384", "HS512"];
export const PUBLIC = ["EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
export const ALGORITHMS = [...HMAC, ...PUBLIC];

const CURVES = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };

/** A fresh key, as {@link secretKey} or {@link pairFromJwk} have it. */
export const makeKey = (algorithm) =>
  HMAC.includes(algorithm) ? secretKey(algorithm, randomBytes(64)) : pairFromJwk(algorithm, freshJwk(algorithm));

/** A shared secret: `jwk` has it, to sign and to verify. */
export function secretKey(algorithm, bytes) {
  const secret = Buffer.from(bytes);
  const jwk = { kty: "oct", k: secret.toString("base64url"), alg: algorithm };
  return { algorithm, secret, jwk, publicJwk: jwk, signs: createSecretKey(secret) };
}

/** A pair: `publicJwk` verifies, `jwk` and `signs` sign, and the same as PEM (`pem`, `publicPem`) and DER. */
export function pairFromJwk(algorithm, jwk) {
  const signs = createPrivateKey({ key: jwk, format: "jwk" });
  const verifies = createPublicKey(signs);
  const type = jwk.kty === "RSA" ? "pkcs1" : "pkcs8";
  return {
    algorithm,
    jwk,
    publicJwk: { ...verifies.export({ format: "jwk" }), kid: jwk.kid, alg: algorithm },
    signs,
    pem: signs.export({ format: "pem", type: "pkcs8" }),
    publicPem: verifies.export({ format: "pem", type: "spki" }),
    der: signs.export({ format: "der", type }),
  };
}

function freshJwk(algorithm) {
  const { privateKey } = generated(algorithm);
  return { ...privateKey.export({ format: "jwk" }), kid: `a key of ${algorithm}`, alg: algorithm };
}

function generated(algorithm) {
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519");
  const namedCurve = CURVES[algorithm];
  return namedCurve ? generateKeyPairSync("ec", { namedCurve }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
}
