// What the API calls things, in words. What it may come to call something else is shown as it stands.

import { duration } from "../lib/time.js";

export const EVENT_KINDS = {
  login: "Signed in",
  logout: "Signed out",
  end_all: "All sessions ended",
  password_changed: "Password changed",
  revoked: "Called back",
  evicted: "Gave way to a newer session",
  deactivated: "Deactivated",
  reactivated: "Reactivated",
  deleted: "Deleted",
  lockout: "Password guessed at too often",
  reuse: "Spent token presented",
  key_signs: "Key signs from now on",
  key_signs_earlier: "Key will sign earlier than planned",
  key_leaked: "Key declared leaked",
  key_left: "Key left the ring",
};

const REUSES = {
  race: "lost race",
  stale: "somebody held a copy",
  ended: "of an ended session",
};

const REASONS = {
  rotated: "Exchanged for the next one",
  logout: "Signed out",
  reuse: "A spent token came back: somebody held a copy",
  end_all: "All sessions were ended",
  password_changed: "The password was changed",
  evicted: "Gave way to the user’s newest session",
  exhausted: "Refreshed as often as a session can be",
  revoked: "Revoked by a client",
  admin: "Called back by an administrator",
  deactivated: "The user was deactivated",
  deleted: "The user was deleted",
  key_leaked: "The key was declared leaked",
};

const STANDINGS = { active: "good", deactivated: "warn", deleted: "bad" };

const KEY_STATES = { signing: "good", next: "quiet", retiring: "warn", dead: "bad" };

/** The name of a thing, or the thing as it stands. */
const named = (names, thing) => (Object.hasOwn(names, thing) ? names[thing] : thing);

export const kindWords = (kind) => named(EVENT_KINDS, kind);

/** Of a kind as the counts have it: `login`, `reuse:stale`. */
export function countedKindWords(name) {
  const [kind, met] = name.split(":");
  return met === undefined ? kindWords(kind) : `${kindWords(kind)}: ${named(REUSES, met)}`;
}

export const reuseName = ({ kind }) => named(REUSES, kind);

/** What a reuse means, with its facts. */
export function reuseWords({ kind, behind, seconds_since_rotation: seconds }) {
  const facts = `It was ${behind} ${behind === 1 ? "exchange" : "exchanges"} behind, ${duration(seconds)} after the last one.`;
  return Object.hasOwn(MEANINGS, kind) ? `${MEANINGS[kind]} ${facts}` : facts;
}

const MEANINGS = {
  race: "Refused, and the session lives: most likely two tabs at once.",
  stale: "The session was ended, and with it all that the copy has been exchanged for.",
  ended: "Refused; the session had ended before.",
};

export const reasonWords = (reason) => named(REASONS, reason);

export const standingClass = (standing) => STANDINGS[standing];

export const keyStateClass = (state) => KEY_STATES[state];

/** What an answer of the blacklist means: its key begins with what was called back. */
export function calledBackWords(key) {
  if (key.startsWith("sid:")) return `Done: its session has ended, and every token of it is refused. The entry is ${key}`;
  if (key.startsWith("jti:")) return `Done: this token is called back by itself; its session, if it has one, goes on. The entry is ${key}`;
  return `Done. The entry is ${key}`;
}
