// RFC 7517: JSON Web Keys and sets of them. What a key says of itself is heeded; one that cannot be used takes no other with it.

import { besides, chapter, CLAIMS, jwks } from "./chapter.mjs";
import { jws } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const { accepts, refuses, vectors } = chapter("7517");
export { vectors };

const [ED25519, EC, RSA, MAC] = [KEYS.rfc8037, KEYS.rfc7515_a3, KEYS.rfc7515_a2, KEYS.rfc7515_a1];
const STRANGER = KEYS.ed25519_stranger;
const EDDSA = jws({ alg: "EdDSA", kid: "this" }, CLAIMS, ED25519);
const said = (members) => ({ token: EDDSA, keys: besides(publicJwk(ED25519, members), publicJwk(ED25519)) });

accepts("section 4.2", "a key with use sig is used", said({ use: "sig" }));
for (const use of ["enc", "SIG", "sig ", "tls", ""]) {
  refuses("section 4.2", `a key with use ${JSON.stringify(use)} is not used`, "unknown_key", said({ use }));
}
refuses("section 4.2", "a key whose use is no string is not used", "unknown_key", said({ use: ["sig"] }));

accepts("section 4.3", "a key with key_ops verify is used", said({ key_ops: ["verify"] }));
accepts("section 4.3", "a key with key_ops verify and others is used", said({ key_ops: ["sign", "verify", "x"] }));
for (const [name, key_ops] of [
  ["sign alone", ["sign"]],
  ["encrypt and decrypt", ["encrypt", "decrypt"]],
  ["VERIFY in capital letters", ["VERIFY"]],
  ["nothing in it", []],
  ["a string instead of an array", "verify"],
  ["a number in it", ["verify", 7]],
]) {
  refuses("section 4.3", `a key with key_ops with ${name} is not used`, "unknown_key", said({ key_ops }));
}
refuses("section 4.3", "a key with use enc is not used, though its key_ops say verify", "unknown_key", said({
  use: "enc",
  key_ops: ["verify"],
}));
refuses("section 4.3", "a key with use sig is not used when its key_ops do not say verify", "unknown_key", said({
  use: "sig",
  key_ops: ["sign"],
}));

accepts("section 4.4", "a key that names the token's algorithm is used", said({ alg: "EdDSA" }));
for (const alg of ["ES256", "eddsa", "ECDH-ES", "none", ""]) {
  refuses("section 4.4", `an Ed25519 key that says it is for ${JSON.stringify(alg)} is not used`, "unknown_key", said({ alg }));
}
refuses("section 4.4", "a key whose alg is no string is not used", "unknown_key", said({ alg: ["EdDSA"] }));
const PS256 = { token: jws({ alg: "PS256" }, CLAIMS, RSA), keys: jwks(publicJwk(RSA, { alg: "RS256" })) };
refuses("section 4.4", "an RSA key that is for RS256 is not used for PS256", "algorithm_not_allowed", PS256);
refuses("section 4.4", "an RSA key that is for RS256 is not used for PS256, though that is asked for", "algorithm_not_allowed", {
  ...PS256,
  keys: jwks(publicJwk(RSA, { alg: "RS256" }), publicJwk(EC)),
  options: { algorithms: ["PS256", "ES256"] },
});
refuses("section 4.4", "an RSA key that names no algorithm is used for none that is not asked for", "algorithm_not_allowed", {
  token: jws({ alg: "RS256" }, CLAIMS, RSA),
  keys: jwks(publicJwk(RSA), publicJwk(EC)),
  note: "The RFC makes alg optional; which algorithm is meant must then be known from elsewhere (RFC 8725 section 3.1).",
});
accepts("section 4.4", "an RSA key that names no algorithm is used for each that is asked for", {
  token: jws({ alg: "PS512" }, CLAIMS, RSA),
  keys: jwks(publicJwk(RSA)),
  options: { algorithms: ["RS256", "PS512"] },
});

const REFUSED_KIDS = [["a number", 7], ["null", null], ["an array", ["this"]]];
for (const [name, kid] of REFUSED_KIDS) {
  refuses("section 4.5", `a key whose kid is ${name} is not used`, "unknown_key", {
    token: EDDSA,
    keys: jwks(publicJwk(ED25519, { kid }), publicJwk(ED25519, { kid: "another" })),
  });
}
accepts("section 4.5", "of two keys of one kid and one algorithm the second may have signed", {
  token: EDDSA,
  keys: jwks(publicJwk(STRANGER, { kid: "this" }), publicJwk(ED25519, { kid: "this" })),
});
accepts("section 4.5", "of two keys of one kid and two types that of the token's algorithm is used", {
  token: EDDSA,
  keys: jwks(publicJwk(EC, { kid: "this" }), publicJwk(ED25519, { kid: "this" })),
});
refuses("section 4.5", "a kid is looked for among the keys of the token's algorithm alone", "unknown_key", {
  token: EDDSA,
  keys: jwks(publicJwk(EC, { kid: "this" }), publicJwk(ED25519, { kid: "another" })),
});
refuses("section 4.5", "a kid decides, though another key of the set has signed", "bad_signature", {
  token: jws({ alg: "EdDSA", kid: "this" }, CLAIMS, STRANGER),
  keys: jwks(publicJwk(ED25519, { kid: "this" }), publicJwk(STRANGER, { kid: "another" })),
});
accepts("section 4.5", "of the keys of a set any may have signed a token without a kid", {
  token: jws({ alg: "EdDSA" }, CLAIMS, STRANGER),
  keys: jwks(publicJwk(ED25519, { kid: "this" }), publicJwk(STRANGER, { kid: "another" })),
});

accepts("section 4", "members of a key that are not understood are ignored", said({ ext: true, "http://example.com/x": [{}] }));
for (const [name, members] of [
  ["without kty", { kty: undefined }],
  ["whose kty is in small letters", { kty: "okp" }],
  ["whose kty is of something else", { kty: "AKP" }],
  ["whose kty is a number", { kty: 1 }],
]) {
  refuses("section 4.1", `a key ${name} is not used`, "unknown_key", said(members));
}

for (const [name, key, alg] of [
  ["an OKP key", ED25519, "EdDSA"],
  ["an EC key", EC, "ES256"],
  ["an RSA key", RSA, "RS256"],
]) {
  const members = { alg, kid: "this" };
  refuses("section 9.2", `${name} with its private part in a set is not used, for it is known to too many`, "unknown_key", {
    token: jws(members, CLAIMS, key),
    keys: jwks({ ...publicJwk(key, members), d: key.d }, publicJwk(key, { alg, kid: "another" })),
  });
}

const WITH_OTHERS = [
  { kty: "AKP", alg: "ML-DSA-44", pub: "AAAA" },
  { kty: "RSA" },
  { kty: "OKP", crv: "Ed25519", x: "AAAA" },
  { kty: "EC", crv: "P-256", x: EC.x },
  {},
];
accepts("section 5", "a set with keys of types that are not understood, or without what they need, still has its other keys", {
  token: EDDSA,
  keys: jwks(...WITH_OTHERS, publicJwk(ED25519, { kid: "this" })),
});
accepts("section 5", "members of a set that are not understood are ignored", {
  token: EDDSA,
  keys: { jwks: { "http://example.com/x": 1, keys: [publicJwk(ED25519, { kid: "this" })] } },
});

for (const [name, set] of [
  ["without keys", { keys: [] }],
  ["of a key for encryption", { keys: [publicJwk(ED25519, { use: "enc" })] }],
  ["of a private key", { keys: [{ ...publicJwk(ED25519), d: ED25519.d }] }],
  ["of an RSA key that names no algorithm", { keys: [publicJwk(RSA)] }],
  ["of a type that is not understood", { keys: [{ kty: "AKP", alg: "ML-DSA-44", pub: "AAAA" }] }],
  ["that has no keys member", { key: [publicJwk(ED25519)] }],
  ["whose keys are no array", { keys: publicJwk(ED25519) }],
  ["that is a key", publicJwk(ED25519)],
  ["that is an array", [publicJwk(ED25519)]],
]) {
  refuses("section 5", `a set ${name} is refused before any token is`, "bad_key", { token: EDDSA, keys: { jwks: set } });
}

const A1 = [
  { ...publicJwk(KEYS.rfc7517_ec), use: "enc", kid: "1" },
  { ...publicJwk(KEYS.rfc7517_rsa), alg: "RS256", kid: "2011-04-29" },
];
accepts("appendix A.1", "the example set's RSA key is used", {
  token: jws({ alg: "RS256", kid: "2011-04-29" }, CLAIMS, KEYS.rfc7517_rsa),
  keys: jwks(...A1),
});
refuses("appendix A.1", "the example set's EC key is for encryption and not used", "algorithm_not_allowed", {
  token: jws({ alg: "ES256", kid: "1" }, CLAIMS, KEYS.rfc7517_ec),
  keys: jwks(...A1),
});
const A3 = jwks(
  { kty: "oct", alg: "A128KW", k: "GawgguFyGrWKav7AX4VKUg" },
  publicJwk(MAC, { kid: "HMAC key used in JWS spec Appendix A.1 example" }),
);
accepts("appendix A.3", "the example set's HMAC key is used", {
  token: jws({ alg: "HS256", kid: "HMAC key used in JWS spec Appendix A.1 example" }, CLAIMS, MAC),
  keys: A3,
  options: { algorithms: ["HS256"] },
});
refuses("appendix A.3", "the example set's key for wrapping keys is not used", "bad_signature", {
  token: jws({ alg: "HS256" }, CLAIMS, { k: "GawgguFyGrWKav7AX4VKUg" }),
  keys: A3,
  options: { algorithms: ["HS256"] },
});
