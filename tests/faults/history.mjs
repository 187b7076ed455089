// What was asked of a Worker and what was answered, in order. It knows nothing of HTTP: the load writes
// it, the oracle reads it, and the oracle's own test writes false ones.
//
// An operation has been `sent` at a moment; `answered` when all of its answer was read; and it is
// `settled` from the moment on after which it cannot take effect any more: when it was answered, or when
// the machine died under it. Its outcome:
//
//   undefined   under way
//   "done"      acknowledged: it has happened
//   "refused"   acknowledged: it has not happened
//   "failed"    answered 5xx: it has happened or not
//   "lost"      the machine died under it: it has happened or not
//
// A `late` operation may still happen after that: the account's object announces a change of password
// until the subject knows of it. A later change that was acknowledged settles it.

export class History {
  #now = 0;
  #underWay = new Set();
  users = [];
  /** `{ kind, what }`: what should never have been seen. */
  violations = [];
  /** How often each kind of operation was acknowledged as done. */
  done = {};
  figures = { requests: 0, kills: 0, acknowledged: 0, "in flight at a kill": 0, "answered 5xx": 0 };

  /** With `failedIsNothing` a 5xx promises that nothing has happened, as when storage refuses a transaction. */
  constructor({ failedIsNothing = false } = {}) {
    this.failedIsNothing = failedIsNothing;
  }

  /** The next moment. */
  tick() {
    return ++this.#now;
  }

  ask(kind, details = {}) {
    const operation = { kind, ...details, sent: this.tick() };
    this.#underWay.add(operation);
    this.figures.requests++;
    return operation;
  }

  answer(operation, outcome) {
    this.#underWay.delete(operation);
    operation.answered = this.tick();
    if (outcome === "failed") {
      this.figures["answered 5xx"]++;
      operation.outcome = this.failedIsNothing && !operation.late ? "refused" : "failed";
    } else {
      this.figures.acknowledged++;
      operation.outcome = outcome;
      if (outcome === "done") this.done[operation.kind] = (this.done[operation.kind] ?? 0) + 1;
    }
    if (!operation.late || outcome !== "failed") operation.settled = operation.answered;
  }

  /** The machine died, and nobody is asking any more. */
  died() {
    this.figures.kills++;
    this.figures["in flight at a kill"] += this.#underWay.size;
    for (const operation of this.#underWay) {
      operation.outcome = "lost";
      if (!operation.late) operation.settled = this.tick();
    }
    this.#underWay.clear();
  }

  /** A user with a password that was acknowledged. `cutoffs` are what may end all sessions, `changes` those of the password. */
  user(name, details = {}) {
    const user = { name, ...details, sessions: [], cutoffs: [], changes: [] };
    this.users.push(user);
    return user;
  }

  /** A session whose opening was answered. `ends` are what may end it, `endedAt` when it was seen to have ended. */
  session(user, opening, sid) {
    const session = { user, opening, sid, pairs: [], ends: [], aliveAt: opening.sent, touched: opening.sent };
    user.sessions.push(session);
    return session;
  }

  /** A pair that an answer gave: each `{ jti, iat, text }`. */
  pair(session, access, refresh) {
    const token = (kind, token) => ({ kind, ...token, session, presented: [], revocations: [], aliveAt: 0 });
    const pair = { access: token("access", access), refresh: token("refresh", refresh) };
    session.pairs.push(pair);
    return pair;
  }

  violated(kind, what) {
    this.violations.push({ kind, what });
  }

  sessions() {
    return this.users.flatMap((user) => user.sessions);
  }

  tokens() {
    return this.sessions().flatMap((session) => session.pairs.flatMap(({ access, refresh }) => [access, refresh]));
  }
}
