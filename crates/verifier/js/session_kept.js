// What is kept of a session, and what can be told of it: a pair and how the issuer's clock runs, or how the session ended.

import { HallpassError } from "./errors.js";

/** How long before its end a token is exchanged, in seconds, and how long before it is not sent any more, for it takes its time. */
const AHEAD = 60;
const LEAST = 10;
/** Of a token that does not say since when it is good. */
const LIFETIME = 300;

/**
 * What a text in a storage says: `{ text, pair }`, `{ text, end }`, or only `{ text }` where it is nothing of ours. A pair's
 * `refresh` is null where the browser has it in a cookie.
 */
export function keptIn(text) {
  try {
    const { access, refresh, ahead, since, end } = JSON.parse(text);
    if (typeof end?.reason === "string") return { text, end: Object.freeze(end) };
    const claims = claimsOf(access);
    if (!isRefresh(refresh) || ![ahead, since ?? 0].every(Number.isFinite)) return { text };
    return { text, pair: { access, refresh, ahead, claims, ...limitsOf(claims, since) } };
  } catch {
    return { text };
  }
}

/**
 * The text for a pair. `askedAt`: when the issuer was asked for it, in milliseconds of this machine's clock, or undefined when
 * it came by another way; `former`: the pair that was exchanged for it.
 *
 * @throws {HallpassError} `malformed` for what is no pair
 */
export function pairText({ access, refresh }, askedAt, former) {
  if (typeof access !== "string" || !isRefresh(refresh)) throw new HallpassError("malformed", "it is not a pair of tokens");
  const claims = claimsOf(access);
  const copied = former && isFrom(former.refresh, claims.iat);
  // What could not be read again is not kept either.
  const { since } = limitsOf(claims, copied ? claims.exp - former.lifetime : undefined);
  return JSON.stringify({ access, refresh, ahead: aheadOf(since, askedAt), since: copied ? since : undefined });
}

/**
 * Whether a refresh token has this `iat`. Simple JWT before 5.5 copies it from there into the access token, which is then younger
 * than it says, and lives as long as the one before it did.
 */
function isFrom(refresh, iat) {
  try {
    return Number.isFinite(iat) && claimsOf(refresh).iat === iat;
  } catch {
    return false;
  }
}

const isRefresh = (refresh) => typeof refresh === "string" || refresh === null;

/**
 * What to keep of the refresh token in an answer, where there was `former`. Who has it in a cookie takes none, nor an answer with one:
 * that issuer keeps no cookie.
 */
export const heldOf = (refresh, former) => (former !== null ? (refresh ?? former) : refresh === undefined ? null : undefined);

/** Whether it is a pair that can be kept. */
export function isPair(pair) {
  try {
    return pairText(pair) !== "";
  } catch {
    return false;
  }
}

export const endText = (reason) => JSON.stringify({ end: { reason, at: Math.floor(Date.now() / 1000) } });

/**
 * By how many milliseconds the issuer's clock is ahead of this machine's, at most. The token was signed after it was asked for,
 * in the second `since`; so whatever time it took to come, the issuer's clock shows no more than the sum of this and ours.
 *
 * Of a pair that came by another way all that is known is that `since` has come.
 */
function aheadOf(since, askedAt) {
  if (since === undefined) return 0;
  const ahead = (since + 1) * 1000 - (askedAt ?? Date.now());
  return askedAt === undefined ? Math.max(0, ahead) : ahead;
}

/** In seconds: with `due` left it is exchanged, with `least` or less it is not sent. `since` is `iat` unless that is known better. */
function limitsOf({ iat, exp }, since = Number.isFinite(iat) ? iat : undefined) {
  if (!Number.isFinite(exp)) throw new HallpassError("missing_claim", "the access token says no end", { claim: "exp" });
  const lifetime = since === undefined ? LIFETIME : Math.max(0, exp - since);
  return { since, lifetime, due: Math.min(AHEAD, lifetime / 3), least: Math.min(LEAST, lifetime / 10) };
}

/** The claims of a token that the issuer itself has handed over: nothing is decided by them but when to ask it again. */
function claimsOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (byte) => byte.charCodeAt(0));
    // Programs get to see it.
    return Object.freeze({ ...JSON.parse(new TextDecoder().decode(bytes)) });
  } catch {
    throw new HallpassError("malformed", "the access token is not a JWT");
  }
}

/** Whether two pairs belong to one session. Of an issuer without `sid` nobody can tell, and they are taken for one. */
export const sameSession = (one, other) => one.claims.sid === other.claims.sid;
