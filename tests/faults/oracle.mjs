// What has to be so after a history, and what may be.
//
// A token has to be dead once something that kills it was acknowledged, or once it was seen dead. It may
// be dead from the moment on at which something was sent that could kill it, unless that was refused, or
// is settled and the token was seen alive afterwards. A token that works although it has to be dead is
// resurrected; one that is refused although it cannot be dead is lost.

const certainly = (operation, at) => operation.outcome === "done" && operation.answered < at;

/** Whether it may have happened before `until`, when `aliveAt` shows that it had not by then. */
const possibly = (operation, until, aliveAt) =>
  operation.sent < until && operation.outcome !== "refused" && !(operation.settled <= aliveAt);

/** Whether something acknowledged, or seen, before `at` says that the session has ended. */
export function hasEnded(session, at) {
  const { user, opening } = session;
  const cutOff = (cutoff) => cutoff !== opening && certainly(cutoff, at) && opening.answered < cutoff.sent;
  return session.endedAt < at || session.ends.some((end) => certainly(end, at)) || user.cutoffs.some(cutOff);
}

/** Whether anything sent before `until` may have ended the session. */
export function mayHaveEnded(session, until) {
  const may = (operation) => operation !== session.opening && possibly(operation, until, session.aliveAt);
  const reused = ({ refresh }) => refresh.presented.some((one) => may(one) && mayBeReuse(refresh, one));
  return (
    session.endedAt < until || session.ends.some(may) || session.user.cutoffs.some(may) || session.pairs.some(reused)
  );
}

/** A token is presented a second time only where somebody else may have spent it. */
function mayBeReuse(token, operation) {
  if (operation.outcome === "done") return false;
  const until = operation.settled ?? Infinity;
  return token.presented.some((other) => other !== operation && possibly(other, until, token.aliveAt));
}

const maySpend = (token, until) => token.presented.some((one) => possibly(one, until, token.aliveAt));

export const mustBeDead = (token, at) =>
  token.deadAt < at ||
  hasEnded(token.session, at) ||
  [...token.presented, ...token.revocations].some((operation) => certainly(operation, at));

export const mayBeDead = (token, until) =>
  token.deadAt < until ||
  mayHaveEnded(token.session, until) ||
  maySpend(token, until) ||
  token.revocations.some((operation) => possibly(operation, until, token.aliveAt));

/** The answer to this question said that the token is good. */
export function judgeAlive(history, token, question) {
  if (mustBeDead(token, question.sent)) history.violated("resurrected", named(token));
  token.aliveAt = Math.max(token.aliveAt, question.sent);
  token.session.aliveAt = Math.max(token.session.aliveAt, question.sent);
}

/** The answer to this question said that the token was called back. */
export function judgeDead(history, token, question) {
  if (!mayBeDead(token, question.answered)) history.violated("lost", named(token));
  token.deadAt ??= question.answered;
  const bySelf = [...token.presented, ...token.revocations].some((one) => one.outcome !== "refused");
  if (!bySelf) token.session.endedAt ??= question.answered;
}

/** The answer to this question said that the session has ended. */
export function judgeEnded(history, session, question) {
  if (!mayHaveEnded(session, question.answered)) history.violated("lost", `session ${session.sid} of ${session.user.name}`);
  session.endedAt ??= question.answered;
}

/** The answer to this question said that the token is spent. */
export function judgeSpent(history, token, question) {
  const spent = token.deadAt < question.answered || maySpend(token, question.answered);
  if (!spent) history.violated("lost", `${named(token)}, said to be spent`);
  token.deadAt ??= question.answered;
}

/** A token was exchanged: nobody else may have exchanged it, and what came was never there before. */
export function judgeExchange(history, token, question) {
  judgeAlive(history, token, question);
  const successors = token.presented.filter(({ outcome }) => outcome === "done").length;
  if (successors > 1) history.violated("two successors", named(token));
}

/** Whether a password opened a session is as it has to be. */
export function judgePassword(history, user, password, question, opened) {
  const { sent, answered } = question;
  const replaced = user.changes.some((change) => change.from === password && certainly(change, sent));
  if (opened && replaced) history.violated("resurrected", `a password of ${user.name}`);
  const may = user.changes.some((change) => change.from === password && possibly(change, answered, 0));
  const wasSet = user.firstPassword === password || user.changes.some((change) => change.to === password && certainly(change, sent));
  if (!opened && wasSet && !may) history.violated("lost", `a password of ${user.name}`);
}

/** No id stands in two tokens. */
export function judgeIds(history) {
  const ids = history.tokens().map(({ jti }) => jti);
  if (new Set(ids).size !== ids.length) history.violated("two successors", "an id was issued twice");
}

export function named(token) {
  const { session, kind, jti } = token;
  const nth = session.pairs.findIndex((pair) => pair[kind] === token);
  return `${kind} token ${jti}, number ${nth} of ${session.pairs.length} of session ${session.sid} of ${session.user.name}`;
}
