// RFC 8037: Ed25519 in JOSE, and what RFC 8032 says of its keys and signatures.

import { besides, chapter, CLAIMS, jwks } from "./chapter.mjs";
import { FORGED, isForged, SMALL_ORDER, withLargerS, withNeutralR } from "./ed25519.mjs";
import { base64url, inputOf, jws, signatureOf, signingInput, withSignature } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const { accepts, refuses, vectors } = chapter("8037");
export { vectors };

const KEY = KEYS.rfc8037;
const keys = jwks(publicJwk(KEY));
const TOKEN = jws({ alg: "EdDSA" }, CLAIMS, KEY);
const SIGNATURE = signatureOf(TOKEN);

refuses("appendix A.4", "the example is a JWS, but its payload is no JSON, so it is no token", "malformed", {
  token: [
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
  ].join(""),
  keys,
});
accepts("appendix A.4", "a token signed with the example's key holds", { token: TOKEN, keys });
accepts("appendix A.3", "a token may name the key by its thumbprint", {
  token: jws({ alg: "EdDSA", kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" }, CLAIMS, KEY),
  keys: jwks(publicJwk(KEY, { kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" })),
});
for (const alg of ["Ed25519", "eddsa", "EDDSA", "Ed448", "ES256"]) {
  refuses("section 3.1", `the alg of an Ed25519 signature is EdDSA, not ${alg}`, "algorithm_not_allowed", {
    token: jws({ alg }, CLAIMS, KEY, "EdDSA"),
    keys,
  });
}

const NAMING = jws({ alg: "EdDSA", kid: "this" }, CLAIMS, KEY);

const X = Buffer.from(KEY.x, "base64url");
for (const [name, members] of [
  ["of curve X25519", { crv: "X25519" }],
  ["of curve Ed448", { crv: "Ed448" }],
  ["of curve ed25519, in small letters,", { crv: "ed25519" }],
  ["of curve P-256", { crv: "P-256" }],
  ["without crv", { crv: undefined }],
  ["of type EC", { kty: "EC" }],
  ["without x", { x: undefined }],
  ["whose x is a byte short", { x: base64url(X.subarray(0, 31)) }],
  ["whose x has a byte too many", { x: base64url(Buffer.concat([X, Buffer.alloc(1)])) }],
  ["whose x is empty", { x: "" }],
  ["whose x is a number", { x: 7 }],
  ["whose x has padding", { x: `${KEY.x}=` }],
  ["whose x is hexadecimal", { x: X.toString("hex") }],
]) {
  refuses("section 2", `an Ed25519 key ${name} is not used`, "unknown_key", {
    token: NAMING,
    keys: besides(publicJwk(KEY, members), publicJwk(KEY)),
  });
}

for (const [name, signature] of [
  ["of 63 bytes", SIGNATURE.subarray(0, 63)],
  ["of 65 bytes", Buffer.concat([SIGNATURE, Buffer.alloc(1)])],
  ["of 32 bytes", SIGNATURE.subarray(0, 32)],
  ["of none", Buffer.alloc(0)],
  ["of zeros", Buffer.alloc(64)],
  ["with S and R in each other's place", Buffer.concat([SIGNATURE.subarray(32), SIGNATURE.subarray(0, 32)])],
  ["with the other sign of R", SIGNATURE.map((byte, index) => (index === 31 ? byte ^ 0x80 : byte))],
]) {
  refuses("section 3.1", `a signature ${name} is refused`, "bad_signature", { token: withSignature(TOKEN, signature), keys });
}
refuses("section 3.1", "a signature with the order of the group added to S is refused", "bad_signature", {
  token: withSignature(TOKEN, withLargerS(SIGNATURE)),
  keys,
});
refuses("section 3.1", "a signature with the neutral point for R is refused, though made with the key", "bad_signature", {
  token: withSignature(TOKEN, withNeutralR(Buffer.from(inputOf(TOKEN)), KEY)),
  keys,
  note: "RFC 8032 section 5.1.7 leaves it open.",
});

for (const [name, point] of SMALL_ORDER) {
  refuses("section 5", `an Ed25519 key that is ${name} is not used, for which anybody can sign`, "unknown_key", {
    token: forgedFor(point),
    keys: besides(publicJwk(KEY, { x: base64url(point) }), publicJwk(KEY)),
  });
}
refuses("section 5", "an Ed25519 key that is no point of the curve is not used", "unknown_key", {
  token: NAMING,
  // There is no x for y = 2.
  keys: besides(publicJwk(KEY, { x: base64url(Buffer.concat([Buffer.from([2]), Buffer.alloc(31)])) }), publicJwk(KEY)),
});

/** A token that the equation of Ed25519 calls signed by this key, which nobody has. */
function forgedFor(point) {
  for (let n = 0; ; n++) {
    const input = signingInput({ alg: "EdDSA", kid: "this" }, { ...CLAIMS, n });
    if (isForged(Buffer.from(input), point)) return withSignature(`${input}.`, FORGED);
  }
}
