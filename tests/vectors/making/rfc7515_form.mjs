// RFC 7515 section 7.1: the compact serialization, of which a token has one spelling.

import { createHash } from "node:crypto";
import { CLAIMS, hs256 } from "./chapter.mjs";
import { encoded, inputOf, signatureOf, signature, signed, withSignature } from "./jws.mjs";
import { KEYS } from "./keys.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// 16 and 34 bytes: neither fills its last group of four characters.
const HEADER_TEXT = '{"alg":"HS256" }';
const PAYLOAD_TEXT = `{ "sub":"u7", "exp":${CLAIMS.exp} }`;
const [HEADER, PAYLOAD] = [encoded(HEADER_TEXT), encoded(PAYLOAD_TEXT)];

/** Parts as they stand, and a right signature over them. */
const signedParts = (header, payload) => signed(`${header}.${payload}`, KEYS.rfc7515_a1, "HS256");

const TOKEN = signedParts(HEADER, PAYLOAD);
const SIGNATURE = TOKEN.split(".")[2];

export function form(rfc7515) {
  parts(rfc7515);
  spellings(rfc7515);
  signatures(rfc7515);
}

function parts({ accepts, refuses }) {
  accepts("section 7.1", "three parts with two dots between them are a token", { token: TOKEN });
  for (const [name, token] of [
    ["of nothing", ""],
    ["of one part", HEADER],
    ["of two parts", `${HEADER}.${PAYLOAD}`],
    ["of four parts", `${TOKEN}.${SIGNATURE}`],
    ["of five parts, as an encrypted one has", `${TOKEN}.${PAYLOAD}.${SIGNATURE}`],
    ["with a dot behind it", `${TOKEN}.`],
    ["with a dot before it", `.${TOKEN}`],
    ["of two dots", ".."],
    ["without a header", signedParts("", PAYLOAD)],
    ["without a payload", signedParts(HEADER, "")],
    ["behind the word Bearer", `Bearer ${TOKEN}`],
    ["in quotes", `"${TOKEN}"`],
    ["with commas for dots", TOKEN.replaceAll(".", ",")],
    ["with full-width dots", TOKEN.replaceAll(".", "\uff0e")],
    ["with a payload that is not encoded", `${HEADER}.${PAYLOAD_TEXT}.${SIGNATURE}`],
  ]) {
    refuses("section 7.1", `a text ${name} is no token`, "malformed", { token });
  }
}

function spellings({ refuses }) {
  const [name, header, payload] = ["with unused bits set in", withUnusedBits(HEADER), withUnusedBits(PAYLOAD)];
  for (const [spelling, token] of [
    [`${name} its header, and signed so`, signedParts(header, PAYLOAD)],
    [`${name} its payload, and signed so`, signedParts(HEADER, payload)],
    [`${name} its signature`, `${HEADER}.${PAYLOAD}.${withUnusedBits(SIGNATURE)}`],
    ["with padding behind its header, and signed so", signedParts(`${HEADER}==`, PAYLOAD)],
    ["with padding behind its payload, and signed so", signedParts(HEADER, `${PAYLOAD}=`)],
    ["with padding behind its signature", `${TOKEN}=`],
    ["with a line break behind it", `${TOKEN}\n`],
    ["with a space before it", ` ${TOKEN}`],
    ["with a tab behind it", `${TOKEN}\t`],
    ["with a NUL behind it", `${TOKEN}\0`],
    ["with a space before a dot", TOKEN.replace(".", " .")],
    ["with a line break within its payload, and signed so", signedParts(HEADER, `${PAYLOAD.slice(0, 8)}\r\n${PAYLOAD.slice(8)}`)],
    ["with a lone character at the end of its payload, and signed so", signedParts(HEADER, `${PAYLOAD}AA`)],
    ["with a percent sign for a character", TOKEN.replace(".", "%2E")],
    ["with a character that is not ASCII", `${HEADER}.${PAYLOAD}é.${SIGNATURE}`],
  ]) {
    refuses("section 2", `a token ${spelling} is another spelling and refused`, "malformed", { token });
  }
  for (const [url, plain, text] of [["-", "+", ">>>"], ["_", "/", "???"]]) {
    const [header, payload] = hs256({ ...CLAIMS, x: text }).split(".");
    if (!payload.includes(url)) throw new Error(`no ${url} in ${payload}`);
    refuses("section 2", `a token with ${plain} for ${url} is refused, though signed so`, "malformed", {
      token: signedParts(header, payload.replaceAll(url, plain)),
    });
  }
}

function signatures({ refuses }) {
  const bytes = signatureOf(TOKEN);
  const flipped = Buffer.from(bytes);
  flipped[0] ^= 1;
  for (const [name, token] of [
    ["without a signature", `${inputOf(TOKEN)}.`],
    ["with a flipped bit in its signature", withSignature(TOKEN, flipped)],
    ["with a signature that is a byte short", withSignature(TOKEN, bytes.subarray(0, -1))],
    ["with a signature of which half is left", withSignature(TOKEN, bytes.subarray(0, 16))],
    ["with a signature that has a byte too many", withSignature(TOKEN, Buffer.concat([bytes, Buffer.alloc(1)]))],
    ["with another token's signature", withSignature(TOKEN, signatureOf(hs256()))],
    ["with a signature of zeros", withSignature(TOKEN, Buffer.alloc(32))],
    ["with a hash of what is signed for a signature", withSignature(TOKEN, createHash("sha256").update(inputOf(TOKEN)).digest())],
    ["with a changed payload", `${HEADER}.${encoded({ ...CLAIMS, sub: "u8" })}.${SIGNATURE}`],
    ["with a changed header", `${encoded({ alg: "HS256", x: 1 })}.${PAYLOAD}.${SIGNATURE}`],
    [
      "whose signature is over the decoded texts",
      withSignature(TOKEN, signature(`${HEADER_TEXT}.${PAYLOAD_TEXT}`, KEYS.rfc7515_a1, "HS256")),
    ],
  ]) {
    refuses("section 5.2", `a token ${name} is refused`, "bad_signature", { token });
  }
}

/** The same bytes to whoever does not look at the unused bits of the last character. */
function withUnusedBits(part) {
  const other = part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.at(-1)) + 1];
  if (!Buffer.from(other, "base64url").equals(Buffer.from(part, "base64url"))) throw new Error(`no unused bits in ${part}`);
  return other;
}
