// The keys that everything is signed with. `keys.json` holds them with their private parts: those printed in RFC 7515 appendix A,
// RFC 7517 appendix A.2, RFC 7520 sections 3 and 5.4 and RFC 8037 appendix A, and a few made for these vectors: RSA keys that are
// too short or have a small exponent, and strangers whom nobody trusts. There is nothing secret among them.

import { readFileSync } from "node:fs";

export const KEYS = JSON.parse(readFileSync(new URL("keys.json", import.meta.url), "utf8"));

const PUBLIC = {
  RSA: ["kty", "n", "e"],
  EC: ["kty", "crv", "x", "y"],
  OKP: ["kty", "crv", "x"],
  oct: ["kty", "k"],
};

/** What others are told of a key, and what else its JWK is to say. */
export function publicJwk(key, members = {}) {
  const known = PUBLIC[key.kty].map((name) => [name, key[name]]);
  return { ...Object.fromEntries(known), ...members };
}
