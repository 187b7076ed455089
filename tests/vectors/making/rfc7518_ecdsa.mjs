// RFC 7518 sections 3.4 and 6.2: ECDSA.

import { besides, CLAIMS, jwks } from "./chapter.mjs";
import { concatenated, CURVES, der, numbers } from "./ecdsa.mjs";
import { base64url, inputOf, jws, signature, signatureOf, signed, signingInput, withSignature } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const ALGORITHMS = [
  ["ES256", KEYS.rfc7515_a3],
  ["ES384", KEYS.rfc7520_p384],
  ["ES512", KEYS.rfc7515_a4],
];
const [[, P256], [, P384], [, P521]] = ALGORITHMS;

export function ecdsaVectors(rfc7518) {
  for (const [alg, key] of ALGORITHMS) eachAlgorithm(rfc7518, alg, key);
  special(rfc7518);
  curves(rfc7518);
  keys(rfc7518);
}

function eachAlgorithm({ accepts, refuses }, alg, key) {
  const token = jws({ alg }, CLAIMS, key);
  const bytes = signatureOf(token);
  const [r, s] = numbers(bytes);
  const { size, order } = CURVES[key.crv];
  const vector = { keys: jwks(publicJwk(key)) };
  const of = (r, s) => concatenated(r, s, size);
  accepts("section 3.4", `a token signed with ${alg} holds`, { ...vector, token });
  accepts("section 3.4", `an ${alg} signature with the negative of s holds, as ECDSA has it`, {
    ...vector,
    token: withSignature(token, of(r, order - s)),
    note: "So a token has two signatures; what is called back is remembered by jti, not by the text.",
  });
  for (const [name, other] of [
    ["with 0 for r and for s", of(0n, 0n)],
    ["with 0 for r", of(0n, s)],
    ["with 0 for s", of(r, 0n)],
    ["with 1 for r and for s", of(1n, 1n)],
    ["with the order for r and for s", of(order, order)],
    ["with the order for r", of(order, s)],
    ["with the order for s", of(r, order)],
    ["with r and s in each other's place", of(s, r)],
    ["that is a byte short", bytes.subarray(0, -1)],
    ["that has a byte too many", Buffer.concat([bytes, Buffer.alloc(1)])],
    ["of which half is left", bytes.subarray(0, size)],
    ["of none", Buffer.alloc(0)],
    ["with a zero before each number", concatenated(r, s, size + 1)],
  ]) {
    refuses("section 3.4", `an ${alg} signature ${name} is refused`, "bad_signature", {
      ...vector,
      token: withSignature(token, other),
    });
  }
}

function special({ refuses }) {
  const token = jws({ alg: "ES256" }, CLAIMS, P256);
  const bytes = signatureOf(token);
  const vector = { keys: jwks(publicJwk(P256)) };
  refuses("section 3.4", "an ES256 signature in DER is refused", "bad_signature", {
    ...vector,
    token: withSignature(token, der(bytes)),
  });
  refuses("section 3.4", "an ES256 signature over SHA-384 is refused", "bad_signature", {
    ...vector,
    token: withSignature(token, signature(inputOf(token), P256, "ES384")),
  });
  refuses("section 3.4", "an ES256 signature of another key is refused", "bad_signature", {
    ...vector,
    token: withSignature(token, signature(inputOf(token), KEYS.p256_stranger, "ES256")),
  });
  // P-521 leaves seven bits of its first byte, so a number past the order has room.
  const es512 = jws({ alg: "ES512" }, CLAIMS, P521);
  const [r, s] = numbers(signatureOf(es512));
  const { size, order } = CURVES["P-521"];
  for (const [name, numbers] of [["r", [r + order, s]], ["s", [r, s + order]]]) {
    refuses("section 3.4", `an ES512 signature with the order added to ${name} is refused`, "bad_signature", {
      keys: jwks(publicJwk(P521)),
      token: withSignature(es512, concatenated(...numbers, size)),
    });
  }
}

function curves({ refuses }) {
  for (const [alg, key] of [["ES256", P384], ["ES384", P256], ["ES512", P384], ["ES256", P521]]) {
    const vector = { token: signed(signingInput({ alg }, CLAIMS), key, alg), keys: jwks(publicJwk(key)) };
    refuses("section 3.4", `${alg} with a key of ${key.crv} is refused`, "algorithm_not_allowed", vector);
    refuses("section 3.4", `${alg} with a key of ${key.crv} is refused, asked for as it is`, "algorithm_not_allowed", {
      ...vector,
      keys: jwks(publicJwk(key), publicJwk(KEYS.rfc8037)),
      options: { algorithms: [alg, "EdDSA"] },
    });
  }
  refuses("section 3.4", "ES256K is none of the algorithms that there are", "algorithm_not_allowed", {
    token: signed(signingInput({ alg: "ES256K" }, CLAIMS), P256, "ES256"),
    keys: jwks(publicJwk(P256)),
  });
}

function keys({ accepts, refuses }) {
  const token = jws({ alg: "ES256", kid: "this" }, CLAIMS, P256);
  const x = Buffer.from(P256.x, "base64url");
  for (const [name, members] of [
    ["of the curve secp256k1", { crv: "secp256k1" }],
    ["of the curve p-256, in small letters,", { crv: "p-256" }],
    ["of the curve P-256K", { crv: "P-256K" }],
    ["of the type OKP", { kty: "OKP" }],
    ["without y", { y: undefined }],
    ["without x", { x: undefined }],
    ["whose x is a byte short", { x: base64url(x.subarray(1)) }],
    ["whose x has a zero before it", { x: base64url(Buffer.concat([Buffer.alloc(1), x])) }],
    ["whose y is a number", { y: 7 }],
  ]) {
    refuses("section 6.2.1", `an ES256 key ${name} is not used`, "unknown_key", {
      token,
      keys: besides(publicJwk(P256, members), publicJwk(P256)),
    });
  }
  const off = { x: base64url(x.map((byte, index) => (index === 31 ? byte ^ 1 : byte))) };
  const origin = { x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) };
  for (const [name, members] of [["not on its curve", off], ["0 and 0", origin]]) {
    refuses("section 6.2.1", `an ES256 key that is a point ${name} has signed nothing`, "bad_signature", {
      token,
      keys: besides(publicJwk(P256, members), publicJwk(P256)),
    });
    accepts("section 6.2.1", `a token without a kid finds its key behind one that is a point ${name}`, {
      token: jws({ alg: "ES256" }, CLAIMS, P256),
      keys: besides(publicJwk(P256, members), publicJwk(P256)),
    });
  }
}
