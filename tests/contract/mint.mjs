// Tokens that no server would issue: signed with the shared key, but with claims, headers and spellings of our choice.

import { createHmac, randomBytes } from "node:crypto";

/** A claim reckoned when the token is made: `fromNow(300)` is five minutes ahead, `fromNow(0.5)` a float. */
export const fromNow = (seconds) => ({ $now: seconds });

/** A claim that holds the id the server gave to one of the scenario's users. */
export const idOf = (user) => ({ $id: user });

const lifetimes = { access: 300, refresh: 86400, sliding: 300 };

const of =
  (type) =>
  (user, spec = {}) => ({ type, user, ...spec });

/**
 * `mint.refresh('alice', { claims, without, header, text, headerText, spelled, hash, key })` describes a token:
 * what a well-formed one holds, with claims added or replaced, some left out, or the whole payload or header given as text.
 */
export const mint = { access: of("access"), refresh: of("refresh"), sliding: of("sliding") };

export const base64url = (text) => Buffer.from(text).toString("base64url");

// Second spellings of a token. Those of a part that is signed are signed as spelled, so that only the spelling is at fault.
const spellings = {
  plain: (header, payload, sign) => `${header}.${payload}.${sign(header, payload)}`,
  "padded payload": (header, payload, sign) => spellings.plain(header, pad(uneven(payload)), sign),
  "padded header": (header, payload, sign) => spellings.plain(pad(uneven(header)), payload, sign),
  "overpadded payload": (header, payload, sign) => spellings.plain(header, `${pad(uneven(payload))}====`, sign),
  "padded signature": (header, payload, sign) => `${header}.${payload}.${pad(sign(header, payload))}`,
  "unused bits in the signature": (header, payload, sign) =>
    `${header}.${payload}.${withUnusedBits(sign(header, payload))}`,
  "standard alphabet in the signature": (header, payload, sign) =>
    `${header}.${payload}.${sign(header, payload).replaceAll("-", "+").replaceAll("_", "/")}`,
  "white space in the payload": (header, payload, sign) =>
    spellings.plain(header, `${payload.slice(0, 8)}\n${payload.slice(8)}`, sign),
  "another signature": (header, payload, sign) => `${header}.${payload}.${flipped(sign(header, payload))}`,
  "half a signature": (header, payload, sign) => `${header}.${payload}.${sign(header, payload).slice(0, 22)}`,
  "no signature": (header, payload) => `${header}.${payload}.`,
  "two parts": (header, payload) => `${header}.${payload}`,
  "one part": (header) => header,
  "four parts": (header, payload, sign) => `${spellings.plain(header, payload, sign)}.${payload}`,
  "a trailing dot": (header, payload, sign) => `${spellings.plain(header, payload, sign)}.`,
  "a leading dot": (header, payload, sign) => `.${spellings.plain(header, payload, sign)}`,
  "no payload": (header, payload, sign) => spellings.plain(header, "", sign),
  "no header": (header, payload, sign) => spellings.plain("", payload, sign),
};

/** Makes the token a description stands for; `ids` are the users' ids, `key` the shared signing key. */
export function makeToken(spec, { now, ids, key, fill }) {
  const header = spec.headerText ?? JSON.stringify({ alg: "HS256", typ: "JWT", ...spec.header });
  const sign = (...parts) =>
    createHmac(spec.hash ?? "sha256", spec.key ?? key)
      .update(parts.join("."))
      .digest("base64url");
  const spelled = spellings[spec.spelled ?? "plain"];
  if (!spelled) throw new Error(`no spelling is called ${spec.spelled}`);
  for (;;) {
    const payload = spec.text === undefined ? JSON.stringify(fill(claimsOf(spec, now, ids))) : fill(spec.text);
    const token = spelled(base64url(header), base64url(payload), sign);
    // One signature in four has neither `-` nor `_`, and then both alphabets spell it alike: take another jti.
    if (spec.spelled !== "standard alphabet in the signature" || /[+/]/.test(token)) return token;
  }
}

/** The header and claims of a token, unverified, or null when it is not one. */
export function decode(token) {
  try {
    const [header, payload] = token
      .split(".")
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, "base64url")));
    return isObject(header) && isObject(payload) ? { header, claims: payload } : null;
  } catch {
    return null;
  }
}

/** A jti as Simple JWT makes them. */
export const freshJti = () => randomBytes(16).toString("hex");

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function claimsOf(spec, now, ids) {
  const claims = {
    token_type: spec.type,
    exp: now + lifetimes[spec.type],
    iat: now,
    jti: freshJti(),
    ...(spec.type === "sliding" && { refresh_exp: now + lifetimes.refresh }),
    ...(spec.user && { user_id: ids[spec.user] }),
  };
  for (const [name, value] of Object.entries(spec.claims ?? {})) {
    if (isObject(value) && "$now" in value) claims[name] = now + value.$now;
    else if (isObject(value) && "$id" in value) claims[name] = ids[value.$id];
    else claims[name] = value;
  }
  for (const name of spec.without ?? []) delete claims[name];
  return claims;
}

const pad = (part) => part + "=".repeat((4 - (part.length % 4)) % 4);

// White space at the end of the JSON brings a part to a length that needs padding.
const uneven = (part) => (part.length % 4 === 0 ? base64url(`${Buffer.from(part, "base64url")} `) : part);

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const withUnusedBits = (signature) => signature.slice(0, -1) + alphabet[alphabet.indexOf(signature.at(-1)) + 1];

const flipped = (signature) => (signature[0] === "A" ? "B" : "A") + signature.slice(1);
