// Why a session has ended, in plain words.

import { byId, fill } from "../lib/dom.js";
import { moment } from "../lib/time.js";

const ENDINGS = {
  reuse: [
    "A refresh token was used a second time",
    "Somebody presented a refresh token a second time, so there is a copy of it. The issuer ended the session, since it cannot " +
      "tell the owner from the thief: whatever either of them holds is good for nothing now. If that was not you trying it out, " +
      "sign in again, and end the sessions that you do not know.",
  ],
  logout: ["The session was logged out", "It was ended somewhere else: by logging out, or from your list of sessions."],
  end_all: ["Logged out everywhere", "All of your sessions were ended at once, by one of them. Everything issued before is refused."],
  password_changed: ["The password was changed", "With a change of password every session ends. Sign in with the new one."],
  evicted: [
    "There were too many sessions",
    "You can have 100 sessions. When one more was opened, this one gave way to it, for it had not been refreshed for the longest time.",
  ],
  admin: ["An administrator ended the session", "You can sign in again."],
  deactivated: ["The account is deactivated", "An administrator deactivated it. Until it is reactivated nobody can sign in with it."],
  deleted: ["The account was deleted", "An administrator deleted it, and everything that was issued to it is refused."],
  key_leaked: [
    "The key that signed it has leaked",
    "The issuer has declared it dead, and refuses everything that it signed, this session's tokens among them. Sign in again.",
  ],
  exhausted: ["The session is used up", "It was refreshed as often as a session can be. Sign in again to open another one."],
  expired: ["The session has expired", "Nobody refreshed it in time, so its refresh token has run out. Sign in again to open another one."],
  lost: [
    "Somebody else used the refresh token",
    "Another request has spent the refresh token that this page has, and what it got is not kept here. Either an answer was " +
      "lost on its way, or somebody has a copy. Sign in again, and end the sessions that you do not know.",
  ],
  no_cookie: [
    "The browser has no refresh token any more",
    "It was in a cookie, which has run out, since nobody refreshed it in time, or was deleted. Sign in again to open another session.",
  ],
  replaced: [
    "Another page has signed in",
    "A browser has one cookie for this issuer, and it is another session's by now: some other page of this site has opened one.",
  ],
};

const UNKNOWN = [
  "The session has ended",
  "The issuer refuses its refresh token, and does not say why. Sign in again to open another session.",
];

/** A title and a text. */
const endingOf = (reason) => (Object.hasOwn(ENDINGS, reason) ? ENDINGS[reason] : UNKNOWN);

/** `end` is the session's. */
export function showEnding({ reason, at }) {
  const [title, text] = endingOf(reason);
  byId("ended-title").textContent = title;
  byId("ended-why").textContent = text;
  fill(byId("ended-when"), "It was noticed here on ", moment(at, { full: true }), ".");
}

/** An entry for the time line. */
export function entryOfEnding({ reason }, here) {
  const [title, text] = endingOf(reason);
  const why = title === UNKNOWN[0] ? text : `${title}.`;
  return { asked: here ? "The session has ended" : "Another tab: the session has ended", why, state: "bad" };
}
