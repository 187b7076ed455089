// ECDSA (RFC 7518 section 3.4) with a nonce that follows from key and message, and the numbers of a signature to play with.

import { createECDH, createHash, hkdfSync } from "node:crypto";

// The orders are those of SEC 2 and FIPS 186-5.
export const CURVES = {
  "P-256": { name: "prime256v1", size: 32, order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n },
  "P-384": {
    name: "secp384r1",
    size: 48,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  "P-521": {
    name: "secp521r1",
    size: 66,
    order: BigInt(`0x1${"f".repeat(65)}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`),
  },
};

/** r and s, one behind the other. These keys are printed in RFCs, so nothing depends on the nonce being a good one. */
export function ecdsa(message, key, hash) {
  const { name, size, order } = CURVES[key.crv];
  const d = Buffer.from(key.d, "base64url");
  const k = (number(Buffer.from(hkdfSync("sha512", d, "", short(message), size + 16))) % (order - 1n)) + 1n;
  const point = createECDH(name);
  point.setPrivateKey(bytes(k, size));
  const r = number(point.getPublicKey().subarray(1, 1 + size)) % order;
  const digest = createHash(hash).update(message).digest().subarray(0, size);
  const s = (inverse(k, order) * (number(digest) + r * number(d))) % order;
  return concatenated(r, s, size);
}

/** HKDF takes no more than a kilobyte. */
const short = (message) => (message.length > 1024 ? createHash("sha512").update(message).digest() : message);

/** The two numbers of a signature. */
export function numbers(signature) {
  const half = signature.length / 2;
  return [number(signature.subarray(0, half)), number(signature.subarray(half))];
}

/** A signature of any two numbers. */
export const concatenated = (r, s, size) => Buffer.concat([bytes(r, size), bytes(s, size)]);

/** The same two numbers as X.509 and TLS write them (RFC 3279 section 2.2.3), which JWS does not. */
export function der(signature) {
  const integers = numbers(signature).map((value) => tagged(0x02, minimal(value)));
  return tagged(0x30, Buffer.concat(integers));
}

const tagged = (tag, content) => Buffer.concat([Buffer.from([tag, content.length]), content]);

function minimal(value) {
  const hex = value.toString(16);
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}

export const number = (buffer) => BigInt(`0x${buffer.toString("hex")}`);
const bytes = (value, size) => Buffer.from(value.toString(16).padStart(2 * size, "0"), "hex");

/** By Euclid's algorithm; the order is a prime, so there is one. */
function inverse(value, modulus) {
  let [rest, next, factor, nextFactor] = [modulus, value % modulus, 0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return ((factor % modulus) + modulus) % modulus;
}
