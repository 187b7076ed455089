// What is special about Ed25519 (RFC 8032): signatures that have a second spelling, and keys that anybody can sign for.

import { createHash } from "node:crypto";

/** The order of the base point. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The encoding of the neutral point. */
export const NEUTRAL = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);

/**
 * The encodings of the eight points of small order, and the other encodings of some of them (with y past the prime, or a sign
 * where x is 0). Whatever is signed, `S = 0` with a fitting `R` is a signature for these.
 */
export const SMALL_ORDER = [
  ["the neutral point", NEUTRAL],
  ["the point of order 2", hex(`ec${"ff".repeat(30)}7f`)],
  ["a point of order 4", hex("00".repeat(32))],
  ["the other point of order 4", hex(`${"00".repeat(31)}80`)],
  ["a point of order 8", hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")],
  ["a second point of order 8", hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")],
  ["a third point of order 8", hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")],
  ["a fourth point of order 8", hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")],
  ["the neutral point with a sign", hex(`01${"00".repeat(30)}80`)],
  ["the point of order 2 with a sign", hex(`ec${"ff".repeat(31)}`)],
  ["the neutral point past the prime", hex(`ee${"ff".repeat(30)}7f`)],
  ["the neutral point past the prime with a sign", hex(`ee${"ff".repeat(31)}`)],
  ["a point of order 4 past the prime", hex(`ed${"ff".repeat(30)}7f`)],
  ["the other point of order 4 past the prime", hex(`ed${"ff".repeat(31)}`)],
];

/** The same signature with `S + ORDER` for `S`, which RFC 8032 section 5.1.7 refuses. */
export function withLargerS(signature) {
  return Buffer.concat([signature.subarray(0, 32), littleEndian(number(signature.subarray(32)) + ORDER)]);
}

/** A signature whose `R` is the neutral point. Whoever has the key can make it; strict verifiers refuse it. */
export function withNeutralR(message, key) {
  const scalar = createHash("sha512").update(Buffer.from(key.d, "base64url")).digest().subarray(0, 32);
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  const s = (challenge(NEUTRAL, Buffer.from(key.x, "base64url"), message) * number(scalar)) % ORDER;
  return Buffer.concat([NEUTRAL, littleEndian(s)]);
}

/** `R` neutral and `S` 0: made without any private key, for a message whose challenge takes the weak key to the neutral point. */
export const FORGED = Buffer.concat([NEUTRAL, Buffer.alloc(32)]);

/** Whether {@link FORGED} satisfies the equation of a key of small order for this message. */
export const isForged = (message, weakKey) => challenge(NEUTRAL, weakKey, message) % 8n === 0n;

/** The challenge is over the encodings as they stand. */
const challenge = (r, a, message) =>
  number(createHash("sha512").update(r).update(a).update(message).digest()) % ORDER;

const number = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const littleEndian = (value) => Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();

function hex(text) {
  return Buffer.from(text, "hex");
}
