// Tokens put together by hand, so that any part of one can be wrong, and the same bytes at every run.

import { createHmac, createPrivateKey, sign } from "node:crypto";
import { ecdsa } from "./ecdsa.mjs";
import { pss } from "./rsa.mjs";

export const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/** A part as it stands in a token: an object as JSON, a text or bytes as they are. */
export const encoded = (part) =>
  base64url(typeof part === "string" || part instanceof Uint8Array ? part : JSON.stringify(part));

/** What a signature is over (RFC 7515 section 5.1). */
export const signingInput = (header, payload) => `${encoded(header)}.${encoded(payload)}`;

/** A token with a right signature: by `header.alg`, or by `alg` where the header lies or is no object. */
export function jws(header, payload, key, alg = header.alg ?? "HS256") {
  return signed(signingInput(header, payload), key, alg);
}

/** A signing input, however it is spelled, and the signature over it. */
export const signed = (input, key, alg) => `${input}.${base64url(signature(input, key, alg))}`;

/** The bytes of a signature (RFC 7518 section 3.1, RFC 8037 section 3.1). */
export function signature(input, key, alg) {
  const [family, hash] = [alg.slice(0, 2), `sha${alg.slice(2)}`];
  if (family === "HS") return createHmac(hash, Buffer.from(key.k, "base64url")).update(input).digest();
  if (family === "RS") return sign(hash, Buffer.from(input), privateKey(key));
  if (family === "PS") return pss(input, key, { hash });
  if (family === "ES") return ecdsa(input, key, hash);
  return sign(null, Buffer.from(input), privateKey(key));
}

/** A token whose signature is put into another's place. */
export const withSignature = (token, bytes) => `${inputOf(token)}.${base64url(bytes)}`;

export const inputOf = (token) => token.slice(0, token.lastIndexOf("."));
export const signatureOf = (token) => Buffer.from(token.slice(token.lastIndexOf(".") + 1), "base64url");

const privateKey = (key) => createPrivateKey({ key, format: "jwk" });
