// RFC 7518 sections 3.3, 3.5 and 6.3: RSA.

import { besides, CLAIMS, jwks } from "./chapter.mjs";
import { base64url, inputOf, jws, signature, signatureOf, withSignature } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";
import { digestInfo, modulusBytes, pkcs1, pkcs1Block, pss } from "./rsa.mjs";

const RSA = KEYS.rfc7515_a2;

export function rsaVectors(rfc7518) {
  for (const alg of ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]) eachAlgorithm(rfc7518, alg);
  keys(rfc7518);
  moduli(rfc7518);
  pkcs1Signatures(rfc7518);
  pssSignatures(rfc7518);
}

const sectionOf = (alg) => (alg.startsWith("RS") ? "section 3.3" : "section 3.5");

function eachAlgorithm({ accepts, refuses }, alg) {
  const token = jws({ alg }, CLAIMS, RSA);
  const bytes = signatureOf(token);
  const vector = { keys: jwks(publicJwk(RSA, { alg })) };
  const section = sectionOf(alg);
  accepts(section, `a token signed with ${alg} holds`, { ...vector, token });
  const otherScheme = `${alg.startsWith("RS") ? "PS" : "RS"}${alg.slice(2)}`;
  const otherHash = `${alg.slice(0, 2)}${alg.endsWith("256") ? "384" : "256"}`;
  for (const [name, other] of [
    [`made by ${otherScheme}`, signature(inputOf(token), RSA, otherScheme)],
    [`made by ${otherHash}`, signature(inputOf(token), RSA, otherHash)],
    ["that is a byte short", bytes.subarray(0, -1)],
    ["that has a byte too many", Buffer.concat([bytes, Buffer.alloc(1)])],
    ["with a zero before it", Buffer.concat([Buffer.alloc(1), bytes])],
    ["of none", Buffer.alloc(0)],
    ["of zeros", Buffer.alloc(bytes.length)],
    ["that is the number 1", Buffer.concat([Buffer.alloc(bytes.length - 1), Buffer.from([1])])],
    ["of another key", signature(inputOf(token), KEYS.rfc7520_rsa, alg)],
  ]) {
    refuses(section, `an ${alg} signature ${name} is refused`, "bad_signature", {
      ...vector,
      token: withSignature(token, other),
    });
  }
}

function keys({ accepts, refuses }) {
  for (const alg of ["RS256", "PS256"]) {
    for (const [bits, key] of [[1024, KEYS.rsa_1024], [2047, KEYS.rsa_2047]]) {
      refuses(sectionOf(alg), `an RSA key of ${bits} bits is too short for ${alg} and not used`, "unknown_key", {
        token: jws({ alg, kid: "this" }, CLAIMS, key),
        keys: besides(publicJwk(key, { alg }), publicJwk(RSA, { alg })),
      });
    }
    accepts("section 6.3.1.2", `an RSA key with the exponent 3 is used for ${alg}`, {
      token: jws({ alg }, CLAIMS, KEYS.rsa_e3),
      keys: jwks(publicJwk(KEYS.rsa_e3, { alg })),
    });
  }
  const token = jws({ alg: "RS256", kid: "this" }, CLAIMS, RSA);
  const besidesAnother = (members) => besides(publicJwk(RSA, { alg: "RS256", ...members }), publicJwk(RSA, { alg: "RS256" }));
  refuses("section 6.3.1.2", "an RSA key with the exponent 1 is not used, for which anybody can sign", "unknown_key", {
    token: withSignature(token, pkcs1Block(digestInfo("sha256", inputOf(token)), modulusBytes(RSA))),
    keys: besidesAnother({ e: "AQ" }),
  });
  const zeroBefore = (number) => base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(number, "base64url")]));
  for (const [name, members] of [["a modulus", { n: zeroBefore(RSA.n) }], ["an exponent", { e: zeroBefore(RSA.e) }]]) {
    refuses("section 2", `an RSA key that has ${name} with a zero before it is not used`, "unknown_key", {
      token,
      keys: besidesAnother(members),
      note: "What runtimes make of it differs.",
    });
  }
  for (const [name, members, note] of [
    ["an even exponent", { e: "AQAC" }],
    ["the exponent 0", { e: "AA" }],
    ["an exponent of five bytes", { e: "AQAAAAE" }, "Not every runtime takes one."],
    ["an exponent of no bytes", { e: "" }],
    ["no exponent", { e: undefined }],
    ["an exponent that is a number", { e: 65537 }],
    ["no modulus", { n: undefined }],
    ["a modulus of no bytes", { n: "" }],
    ["a modulus with padding", { n: `${RSA.n}=` }],
    ["a modulus that is many zeros and then 1024 bits", {
      n: base64url(Buffer.concat([Buffer.alloc(128), Buffer.from(KEYS.rsa_1024.n, "base64url")])),
    }],
  ]) {
    refuses("section 6.3.1", `an RSA key with ${name} is not used`, "unknown_key", {
      token,
      keys: besidesAnother(members),
      note,
    });
  }
}

function moduli({ accepts, refuses }) {
  const n = Buffer.from(RSA.n, "base64url");
  const even = { n: base64url(n.map((byte, index) => (index === n.length - 1 ? byte ^ 1 : byte))) };
  for (const alg of ["RS256", "PS256"]) {
    const keys = besides(publicJwk(RSA, { alg, ...even }), publicJwk(RSA, { alg }));
    refuses("section 6.3.1.1", `an RSA key with an even modulus has signed nothing with ${alg}`, "bad_signature", {
      token: jws({ alg, kid: "this" }, CLAIMS, RSA),
      keys,
    });
    accepts("section 6.3.1.1", `a token of ${alg} without a kid finds its key behind one with an even modulus`, {
      token: jws({ alg }, CLAIMS, RSA),
      keys,
    });
  }
}

function pkcs1Signatures({ refuses }) {
  for (const [name, key] of [["the exponent 65537", RSA], ["the exponent 3", KEYS.rsa_e3]]) {
    const token = jws({ alg: "RS256" }, CLAIMS, key);
    const info = digestInfo("sha256", inputOf(token));
    const bare = info.subarray(-32);
    const size = modulusBytes(key);
    for (const [how, bytes] of [
      ["of SHA-1", pkcs1(digestInfo("sha1", inputOf(token)), key)],
      ["of a hash that is not named", pkcs1(bare, key)],
      ["of a hash that is named without parameters", pkcs1(digestInfo("sha256", inputOf(token), { withNull: false }), key)],
      ["with little padding and something behind the hash", pkcs1(info, key, {
        padding: 8,
        tail: Buffer.alloc(size - 11 - info.length, 0xa5),
      })],
      ["with a byte behind the hash", pkcs1(info, key, { tail: Buffer.alloc(1) })],
    ]) {
      refuses("section 3.3", `an RS256 signature ${how} is refused, by a key with ${name}`, "bad_signature", {
        token: withSignature(token, bytes),
        keys: jwks(publicJwk(key, { alg: "RS256" })),
      });
    }
  }
}

function pssSignatures({ refuses }) {
  const token = jws({ alg: "PS256" }, CLAIMS, RSA);
  const made = (options) => withSignature(token, pss(inputOf(token), RSA, { hash: "sha256", ...options }));
  for (const [name, options] of [
    ["without a salt", { saltBytes: 0 }],
    ["with a salt of 20 bytes", { saltBytes: 20 }],
    ["with a salt of 31 bytes", { saltBytes: 31 }],
    ["with a salt of 64 bytes", { saltBytes: 64 }],
    ["with the longest salt that fits", { saltBytes: 222 }],
    ["with SHA-1 in its mask", { mgfHash: "sha1" }],
    ["with SHA-512 in its mask", { mgfHash: "sha512" }],
  ]) {
    refuses("section 3.5", `a PS256 signature ${name} is refused`, "bad_signature", {
      token: made(options),
      keys: jwks(publicJwk(RSA, { alg: "PS256" })),
    });
  }
}
