// A token before it is one: members as the JSON text they will be, and at each step towards the token a place where a mutation can
// put itself. What is not spoiled on purpose is signed by the right key.

import { createHmac, sign } from "node:crypto";
import { ecdsa } from "../../vectors/making/ecdsa.mjs";
import { KEYS } from "../../vectors/making/keys.mjs";
import { pairFromJwk, secretKey } from "../keys.mjs";

/** Ahead of the real clock, which is all that jsonwebtoken has (rust/src/rival.rs). */
export const NOW = 2_500_000_000;
export const ISSUER = "https://issuer.example";
export const AUDIENCE = "https://api.example";
export const KEY_ID = "k1";

const SECRET = Buffer.from(KEYS.rfc7515_a1.k, "base64url");
const pair = (algorithm, jwk) => pairFromJwk(algorithm, { ...jwk, kid: KEY_ID });

/** A key of each family, all of them printed in RFCs. */
export const PARTIES = {
  HS256: secretKey("HS256", SECRET),
  HS384: secretKey("HS384", SECRET),
  HS512: secretKey("HS512", SECRET),
  EdDSA: pair("EdDSA", KEYS.rfc8037),
  ES256: pair("ES256", KEYS.rfc7515_a3),
  RS256: pair("RS256", KEYS.rfc7515_a2),
};

/** Shared secrets are fast, and what is not the signature is the same for all. */
const SHARES = { HS256: 60, HS384: 14, HS512: 14, EdDSA: 8, ES256: 2, RS256: 2 };
const DRAWN = Object.entries(SHARES).flatMap(([algorithm, share]) => Array(share).fill(algorithm));

const quote = JSON.stringify;
const members = (object) => Object.entries(object).map(([name, value]) => [quote(name), quote(value)]);

/** A good token in the making. */
export function newDraft(random) {
  const key = PARTIES[random.pick(DRAWN)];
  const { algorithm: alg } = key;
  return {
    key,
    header: members({ alg, ...(random.chance(70) && { typ: "JWT" }), ...(key.secret ? {} : { kid: KEY_ID }) }),
    claims: members(claims(random)),
    /** Change the JSON of a part; before it is made bytes. */
    text: { header: [], payload: [] },
    /** Change a part's bytes before they are encoded. */
    bytes: { header: [], payload: [], signature: [] },
    /** Change the base64url of a part, before it is signed. */
    spelling: { header: [], payload: [], signature: [] },
    /** What signs, other than the key. */
    signer: undefined,
    /** Change the token. */
    token: [],
  };
}

const claims = (random) => ({
  ...(random.chance(50) && { token_type: "access" }),
  exp: NOW + 300,
  iat: NOW - 10,
  nbf: NOW - 10,
  jti: "00000001858e5ea3dc5fa8dc3cc8e42a",
  user_id: "42",
  sub: "42",
  iss: ISSUER,
  aud: random.chance(50) ? AUDIENCE : [AUDIENCE, "https://other.example"],
  ...(random.chance(30) && { "https://claims.example/é": { a: [1, { b: null }], "\u2028": "\ud83d\ude00" } }),
});

/** The token that has come of it. */
export function finished(draft) {
  const [header, payload] = ["header", "payload"].map((part) => {
    const text = through(draft.text[part], object(part === "header" ? draft.header : draft.claims));
    return spelled(draft, part, Buffer.from(text));
  });
  const input = `${header}.${payload}`;
  const signature = (draft.signer ?? signed)(input, draft.key);
  return through(draft.token, `${input}.${spelled(draft, "signature", signature)}`);
}

const object = (members) => `{${members.map((member) => member.join(":")).join(",")}}`;

const spelled = (draft, part, bytes) => through(draft.spelling[part], through(draft.bytes[part], bytes).toString("base64url"));

const through = (changes, thing) => changes.reduce((changed, change) => change(changed), thing);

/** A good signature, the same at every run. */
export function signed(input, { algorithm, secret, signs, jwk }) {
  if (secret)
    return createHmac(`sha${algorithm.slice(2)}`, secret)
      .update(input)
      .digest();
  if (algorithm === "ES256") return ecdsa(Buffer.from(input), jwk, "sha256");
  return sign(algorithm === "EdDSA" ? null : "sha256", Buffer.from(input), signs);
}
