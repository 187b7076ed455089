// What KV has to say after a history: every token that has to be dead is called back there by something,
// what was acknowledged as ended by what ends it, and nothing that lives is called back.
// `entries` are names with their metadata.

import { hasEnded, mayBeDead, mustBeDead, named } from "./oracle.mjs";

/** Whether a Worker that reads KV would refuse this token. */
export function isCalledBack(entries, { jti, iat, session }) {
  const cutoff = entries.get(`sub:${session.user.sub}`)?.cutoff ?? 0;
  return entries.has(`jti:${jti}`) || entries.has(`sid:${session.sid}`) || iat < cutoff;
}

/** What KV lacks, each in words. */
export function lacking(history, entries) {
  const now = history.tick();
  const tokens = history.tokens().filter((token) => mustBeDead(token, now) && !isCalledBack(entries, token));
  const sessions = history.sessions().filter((session) => endedAlone(session, now) && !entries.has(`sid:${session.sid}`));
  const subjects = history.users.filter((user) => wasCutOff(user, now) && !entries.has(`sub:${user.sub}`));
  return [
    ...tokens.map(named),
    ...sessions.map(({ sid }) => `the end of session ${sid}`),
    ...subjects.map(({ name }) => `the end of all of ${name}`),
  ];
}

/** What KV calls back although it was seen alive since, and nothing can have ended it after that. */
export function overreaching(history, entries, since) {
  const now = history.tick();
  const lives = (token) => token.aliveAt >= since && !mayBeDead(token, now);
  return history.tokens().filter((token) => lives(token) && isCalledBack(entries, token)).map(named);
}

// Whoever is told that a session has ended by this request finds it in KV by its name, whatever else stands there.
const endedAlone = (session, now) => hasEnded(session, now) && session.ends.some((end) => end.outcome === "done" && end.ownEntry);

const wasCutOff = (user, now) => user.cutoffs.some((cutoff) => cutoff.outcome === "done" && cutoff.answered < now);
