// How a vector is written down: see ../README.md for what its members mean.

import { jws } from "./jws.mjs";
import { KEYS } from "./keys.mjs";

export const NOW = 1_700_000_000;

/** Claims of a token that nothing is wrong with. */
export const CLAIMS = { sub: "u7", exp: NOW + 300 };

/** The vectors of one RFC. */
export function chapter(rfc) {
  const vectors = [];
  const add = (section, name, { token, keys = SHARED, options = {}, now = NOW, note }, expect) =>
    vectors.push({ name, rfc: `${rfc} ${section}`, ...(note && { note }), token, keys, options, now, expect });
  return {
    vectors,
    /** `claims` are some of those that the verified token is to have. */
    accepts: (section, name, { claims = { sub: CLAIMS.sub }, ...vector }) => add(section, name, vector, { claims }),
    /** `code` is a HallpassError's, `claim` the one at fault, where the code does not say which. */
    refuses: (section, name, code, { claim = AT_FAULT[code], ...vector }) =>
      add(section, name, vector, claim ? { code, claim } : { code }),
  };
}

const AT_FAULT = {
  expired: "exp",
  not_yet_valid: "nbf",
  issued_in_future: "iat",
  too_old: "iat",
  wrong_issuer: "iss",
  wrong_audience: "aud",
  wrong_kind: "token_type",
};

/** The secret that tokens are signed with where the key does not matter: that of RFC 7515 appendix A.1. */
export const SHARED = secret(KEYS.rfc7515_a1);

/** A token signed with that secret. */
export const hs256 = (payload = CLAIMS, header = { alg: "HS256" }) => jws(header, payload, KEYS.rfc7515_a1, "HS256");

export function secret(key) {
  return { secret_base64url: key.k };
}

export const jwks = (...keys) => ({ jwks: { keys } });

/**
 * A set of a key under the kid "this" and another of the same algorithm: a token that names "this" is refused with `unknown_key`
 * where the key is not used, whatever else would be said of a set without any key.
 */
export const besides = (jwk, another) => jwks({ ...jwk, kid: "this" }, { ...another, kid: "another" });
