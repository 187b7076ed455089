// The oracle fed with histories: true ones, of which it has to say nothing, and false ones, each of
// which it has to catch. Nothing is served here.

import assert from "node:assert/strict";
import test from "node:test";
import { History } from "./history.mjs";
import { judgeAlive, judgeDead, judgeEnded, judgeExchange, judgeIds, judgePassword, judgeSpent } from "./oracle.mjs";
import { lacking, overreaching } from "./oracle_kv.mjs";

let ids = 0;
const token = (iat = 1000) => ({ jti: `id${ids++}`, iat, text: "" });

/** A history of one user with one session. */
function begun(options) {
  const history = new History(options);
  const user = history.user("ann", { sub: "s", firstPassword: "first" });
  const session = history.session(user, done(history, "sign in"), "one");
  return { history, user, session, pair: history.pair(session, token(), token()) };
}

function done(history, kind, details) {
  const operation = history.ask(kind, details);
  history.answer(operation, "done");
  return operation;
}

function lost(history, kind, details) {
  const operation = history.ask(kind, details);
  history.died();
  return operation;
}

function presented(history, token, ask = done) {
  const operation = ask(history, "refresh");
  token.presented.push(operation);
  return operation;
}

const looked = (history) => done(history, "verify");
const kinds = (history) => history.violations.map(({ kind }) => kind);

test("a pair that nothing has touched is lost when it is refused", () => {
  const { history, pair } = begun();
  judgeAlive(history, pair.refresh, looked(history));
  judgeDead(history, pair.refresh, looked(history));
  assert.deepEqual(kinds(history), ["lost"]);
});

test("a token whose exchange was under way at a kill may be spent, and its access token may not be dead", () => {
  const { history, pair } = begun();
  presented(history, pair.refresh, lost);
  judgeDead(history, pair.refresh, looked(history));
  assert.deepEqual(kinds(history), []);
  judgeDead(history, pair.access, looked(history));
  assert.deepEqual(kinds(history), ["lost"]);
});

test("what was under way at a kill and was not committed does not happen later", () => {
  const { history, pair } = begun();
  presented(history, pair.refresh, lost);
  judgeAlive(history, pair.refresh, looked(history));
  judgeDead(history, pair.refresh, looked(history));
  assert.deepEqual(kinds(history), ["lost"]);
});

test("what was seen dead after a kill does not come back", () => {
  const { history, pair } = begun();
  presented(history, pair.refresh, lost);
  judgeDead(history, pair.refresh, looked(history));
  judgeAlive(history, pair.refresh, looked(history));
  assert.deepEqual(kinds(history), ["resurrected"]);
});

test("a spent token that works is resurrected, and one exchanged twice has two successors", () => {
  const { history, pair } = begun();
  judgeExchange(history, pair.refresh, presented(history, pair.refresh));
  assert.deepEqual(kinds(history), []);
  judgeExchange(history, pair.refresh, presented(history, pair.refresh));
  assert.deepEqual(kinds(history), ["resurrected", "two successors"]);
});

test("of two exchanges of one token at the same time both may not succeed", () => {
  const { history, pair } = begun();
  const both = [history.ask("refresh"), history.ask("refresh")];
  pair.refresh.presented.push(...both);
  for (const operation of both) history.answer(operation, "done");
  for (const operation of both) judgeExchange(history, pair.refresh, operation);
  assert.ok(kinds(history).includes("two successors"));
});

test("a token said to be spent that nobody has presented is lost", () => {
  const { history, pair } = begun();
  judgeSpent(history, pair.refresh, presented(history, pair.refresh, refused));
  assert.deepEqual(kinds(history), ["lost"]);
});

function refused(history, kind) {
  const operation = history.ask(kind);
  history.answer(operation, "refused");
  return operation;
}

const ENDS = {
  "a logout": ({ history, session }) => session.ends.push(done(history, "end")),
  "an end of all": ({ history, user }) => user.cutoffs.push(done(history, "end all")),
  "an end that was seen": ({ history, session }) => (session.endedAt = history.tick()),
};
for (const [name, end] of Object.entries(ENDS)) {
  test(`a session that works after ${name} is resurrected, with each of its tokens`, () => {
    const told = begun();
    const { history, session, pair } = told;
    end(told);
    judgeDead(history, pair.access, looked(history));
    assert.deepEqual(kinds(history), []);
    judgeAlive(history, pair.refresh, looked(history));
    const later = history.pair(session, token(), token());
    judgeAlive(history, later.access, looked(history));
    assert.deepEqual(kinds(history), ["resurrected", "resurrected"]);
  });
}

test("an access token that was called back by itself is dead alone", () => {
  const { history, session, pair } = begun();
  pair.access.revocations.push(done(history, "revoke"));
  judgeAlive(history, pair.refresh, looked(history));
  judgeDead(history, pair.access, looked(history));
  assert.deepEqual([kinds(history), session.endedAt], [[], undefined]);
  judgeAlive(history, pair.access, looked(history));
  assert.deepEqual(kinds(history), ["resurrected"]);
});

test("an end of all that was over before a session began has not ended it", () => {
  const { history, user } = begun();
  user.cutoffs.push(done(history, "end all"));
  const session = history.session(user, done(history, "sign in"), "two");
  judgeEnded(history, session, looked(history));
  assert.deepEqual(kinds(history), ["lost"]);
});

test("an end of all and a session that began at the same time leave it open", () => {
  const { history, user } = begun();
  const [cutoff, opening] = [history.ask("end all"), history.ask("sign in")];
  user.cutoffs.push(cutoff);
  history.answer(opening, "done");
  history.answer(cutoff, "done");
  for (const judge of [judgeAlive, judgeDead]) {
    const session = history.session(user, opening, "two");
    judge(history, history.pair(session, token(), token()).access, looked(history));
  }
  assert.deepEqual(kinds(history), []);
});

test("a change of password whose answer was lost may end sessions later, until another one is acknowledged", () => {
  const { history, user, session, pair } = begun();
  const change = lost(history, "change", { late: true, from: "first", to: "second" });
  user.cutoffs.push(change);
  judgeAlive(history, pair.access, looked(history));
  judgeDead(history, pair.access, looked(history));
  assert.deepEqual(kinds(history), []);
  change.settled = history.tick();
  const next = history.session(user, done(history, "sign in"), "two");
  judgeEnded(history, next, looked(history));
  assert.deepEqual([kinds(history), session.endedAt > 0], [["lost"], true]);
});

test("a password that was replaced opens nothing, and one that was not is not refused", () => {
  const { history, user } = begun();
  judgePassword(history, user, "first", looked(history), true);
  judgePassword(history, user, "never set", looked(history), false);
  assert.deepEqual(kinds(history), []);
  judgePassword(history, user, "first", looked(history), false);
  user.changes.push(done(history, "change", { from: "first", to: "second" }));
  judgePassword(history, user, "first", looked(history), true);
  judgePassword(history, user, "second", looked(history), false);
  assert.deepEqual(kinds(history), ["lost", "resurrected", "lost"]);
});

test("where a 5xx promises that nothing has happened, something half-done is caught", () => {
  for (const [failedIsNothing, found] of Object.entries({ false: [], true: ["lost"] })) {
    const { history, session, pair } = begun({ failedIsNothing: failedIsNothing === "true" });
    const operation = history.ask("end");
    session.ends.push(operation);
    history.answer(operation, "failed");
    judgeDead(history, pair.access, looked(history));
    assert.deepEqual(kinds(history), found);
  }
});

test("an id that stands in two tokens is noticed", () => {
  const { history, session, pair } = begun();
  judgeIds(history);
  assert.deepEqual(kinds(history), []);
  history.pair(session, token(), pair.refresh);
  judgeIds(history);
  assert.deepEqual(kinds(history), ["two successors"]);
});

/** How many things KV lacks with these entries: names, or names with metadata. */
const lacks = ({ history }, entries) => lacking(history, new Map(Object.entries(entries))).length;

test("a spent token, a revoked one and an ended session are missed in KV", () => {
  const told = begun();
  const { history, session, pair } = told;
  presented(history, pair.refresh);
  pair.access.revocations.push(done(history, "revoke"));
  const both = { [`jti:${pair.refresh.jti}`]: {}, [`jti:${pair.access.jti}`]: {} };
  assert.deepEqual([lacks(told, {}), lacks(told, { [`jti:${pair.refresh.jti}`]: {} }), lacks(told, both)], [2, 1, 0]);
  session.ends.push(done(history, "end", { ownEntry: true }));
  assert.deepEqual([lacks(told, both), lacks(told, { "sid:one": {} })], [1, 0]);
});

test("an end of all is missed in KV, also where it has too early a cutoff", () => {
  const told = begun();
  told.user.cutoffs.push(done(told.history, "end all"));
  assert.equal(lacks(told, {}), 3);
  assert.equal(lacks(told, { "sub:s": { cutoff: 1000 } }), 2);
  assert.equal(lacks(told, { "sub:s": { cutoff: 1001 } }), 0);
});

test("nothing is missed in KV of what may have been under way at a kill, until it was seen dead", () => {
  const told = begun();
  presented(told.history, told.pair.refresh, lost);
  assert.equal(lacks(told, {}), 0);
  judgeDead(told.history, told.pair.refresh, looked(told.history));
  assert.equal(lacks(told, {}), 1);
});

test("what lives and is called back in KV is noticed", () => {
  const { history, pair } = begun();
  const since = history.tick();
  judgeAlive(history, pair.access, looked(history));
  assert.equal(overreaching(history, new Map([["sid:one", {}]]), since).length, 1);
  assert.equal(overreaching(history, new Map([["sid:two", {}]]), since).length, 0);
});
