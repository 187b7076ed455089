// RSA signatures (RFC 8017) put together by hand: PSS with a salt that follows from the message, and PKCS #1 v1.5 blocks
// that are not quite as they have to be.

import { constants, createHash, createPrivateKey, privateEncrypt } from "node:crypto";

/** RSASSA-PSS; RFC 7518 section 3.5 wants MGF1 with the same hash and a salt of its length. */
export function pss(message, key, { hash, mgfHash = hash, saltBytes = digest(hash, "").length }) {
  const size = modulusBytes(key);
  const bits = modulusBits(key) - 1;
  const encodedBytes = Math.ceil(bits / 8);
  const salt = mgf1("sha512", Buffer.from(message), saltBytes);
  const h = digest(hash, Buffer.concat([Buffer.alloc(8), digest(hash, message), salt]));
  const db = Buffer.alloc(encodedBytes - h.length - 1);
  db[db.length - salt.length - 1] = 1;
  salt.copy(db, db.length - salt.length);
  const mask = mgf1(mgfHash, h, db.length);
  const masked = db.map((byte, index) => byte ^ mask[index]);
  masked[0] &= 0xff >> (8 * encodedBytes - bits);
  const block = Buffer.concat([masked, h, Buffer.from([0xbc])]);
  return rsa(Buffer.concat([Buffer.alloc(size - encodedBytes), block]), key);
}

/** A PKCS #1 v1.5 block of any content: `00 01 FF… 00`, the content, and `tail` behind it. */
export function pkcs1Block(content, size, { tail = Buffer.alloc(0), padding = size - 3 - content.length - tail.length } = {}) {
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(padding, 0xff), Buffer.from([0]), content, tail]);
}

/** A signature of such a block, be it right or not. */
export const pkcs1 = (content, key, options) => rsa(pkcs1Block(content, modulusBytes(key), options), key);

// The fixed part of a DigestInfo (RFC 8017 section 9.2, note 1), and SHA-256's without the NULL of its parameters.
const PREFIX = {
  sha1: "3021300906052b0e03021a05000414",
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
};
const PREFIX_WITHOUT_NULL = "302f300b0609608648016503040201" + "0420";

/** A hash with its name in front of it. */
export const digestInfo = (hash, message, { withNull = true } = {}) =>
  Buffer.concat([Buffer.from(withNull ? PREFIX[hash] : PREFIX_WITHOUT_NULL, "hex"), digest(hash, message)]);

export const modulusBytes = (key) => Buffer.from(key.n, "base64url").length;

const modulusBits = (key) => BigInt(`0x${Buffer.from(key.n, "base64url").toString("hex")}`).toString(2).length;

const rsa = (block, key) =>
  privateEncrypt({ key: createPrivateKey({ key, format: "jwk" }), padding: constants.RSA_NO_PADDING }, block);

const digest = (hash, data) => createHash(hash).update(data).digest();

function mgf1(hash, seed, length) {
  const blocks = [];
  for (let counter = 0; blocks.length * digest(hash, "").length < length; counter++) {
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(counter);
    blocks.push(digest(hash, Buffer.concat([seed, suffix])));
  }
  return Buffer.concat(blocks).subarray(0, length);
}
