// workerd is killed in the middle of its work and started again on the same state.
//
// What a client can be sure of. It holds the newest refresh token an answer gave it, and either no
// request was under way when the machine died, or one that presented this token and got no answer.
//
//   * no request under way: the token is unspent. It has to work after the restart.
//   * one under way: the exchange was committed or it was not, and the client cannot know. Not
//     committed: the token is unspent and works. Committed: it is spent, so it must be refused, and
//     its successor, which nobody was ever given, is not an acknowledged token. Nothing in between:
//     what a check of the token says, its exchange has to say too. (A client that must not be signed
//     out by this asks for REFRESH_GRACE_SECONDS; the second test.)
//   * every token exchanged with an answer is spent, and no crash brings it back.
//   * a session whose end was answered stays ended; one whose end got no answer has ended or not.

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { BLACKLISTED, blacklist, refresh, register, signIn, verify } from "./support/client.mjs";
import { decodeToken } from "./support/token.mjs";
import { kvKeys, startWorker } from "./support/worker.mjs";

const USERS = 50;
const REFRESHES = 2000;
const KILLS = [500, 1000, 1500];
// Fewer than users, so that some wait and some are under way at any moment.
const CLIENTS = 20;
// The alarm looks 5 s after a decision whether the blacklist has it.
const TOLD_WITHIN = 30_000;

const jtiOf = (token) => decodeToken(token).payload.jti;
const sidOf = (token) => decodeToken(token).payload.sid;

/** A user's client: its newest refresh token, and what has become of the others. */
const clientOf = ({ refresh: newest, ...user }) => ({ user, newest, spent: [], unanswered: false });

async function exchange(worker, client) {
  const presented = client.newest;
  client.unanswered = true;
  const { status, json, text } = await refresh(worker, presented);
  client.unanswered = false;
  assert.equal(status, 200, text);
  client.spent.push(presented);
  client.newest = json.refresh;
}

/**
 * Refreshes, some clients at a time, until so many are answered; then `end` is called in the middle
 * of all others. `meanwhile` is called after each answer.
 */
async function refreshAll(worker, clients, { answers, end, meanwhile = () => {} }) {
  const idle = [...clients];
  let answered = 0;
  let ended;
  const one = async () => {
    while (!ended) {
      const client = idle.shift();
      try {
        await exchange(worker, client);
      } catch (error) {
        if (!ended || error instanceof assert.AssertionError) throw error;
        return;
      }
      idle.push(client);
      answered++;
      meanwhile(answered);
      if (answered === answers) ended = end();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, one));
  await ended;
}

/** Ends sessions one after the other, and remembers which ends were answered. */
function logout(worker, session) {
  session.asked = true;
  blacklist(worker, session.refresh).then(
    ({ status }) => {
      session.ended = status === 200;
    },
    () => {},
  );
}

async function assertSpent(worker, token, why) {
  const { status, json, text } = await verify(worker, token);
  assert.equal(status, 400, `${why}: ${text}`);
  assert.deepEqual(json, { non_field_errors: ["Token is blacklisted"] }, why);
}

/** What the head of this file says, of one client. Whoever was signed out signs in again. */
async function assertNothingLost(worker, client) {
  const why = `${client.user.email} after ${client.spent.length} refreshes`;
  if (client.spent.length > 0) await assertSpent(worker, client.spent.at(-1), why);
  const checked = await verify(worker, client.newest);
  if (!client.unanswered) assert.equal(checked.status, 200, `an acknowledged token is lost: ${why}: ${checked.text}`);
  if (checked.status === 200) return exchange(worker, client);
  assert.equal(checked.status, 400, `${why}: ${checked.text}`);
  const refused = await refresh(worker, client.newest);
  assert.deepEqual([refused.status, refused.json], [401, BLACKLISTED], why);
  client.spent.push(client.newest);
  client.unanswered = false;
  client.newest = (await signIn(worker, client.user)).refresh;
}

async function assertSameEndEverywhere(worker, session) {
  const checked = await verify(worker, session.refresh);
  if (session.ended) assert.equal(checked.status, 400, `an acknowledged logout is undone: ${checked.text}`);
  const refreshed = await refresh(worker, session.refresh);
  assert.equal(refreshed.status, checked.status === 200 ? 200 : 401, refreshed.text);
}

/** Waits until the blacklist has all these keys. */
async function assertTold(worker, keys) {
  const patience = Date.now() + TOLD_WITHIN;
  for (;;) {
    const told = new Set((await kvKeys(worker)).map(({ name }) => name));
    const lacking = keys.filter((key) => !told.has(key));
    if (lacking.length === 0) return;
    assert.ok(Date.now() < patience, `KV still lacks ${lacking.length} of ${keys.length}: ${lacking.slice(0, 3)}`);
    await sleep(250);
  }
}

test("killed three times in two thousand refreshes, no acknowledged token is lost and no spent one works", async (t) => {
  let worker = await startWorker();
  t.after(() => worker.stop());
  const clients = [];
  const leaving = [];
  for (let nth = 0; nth < USERS; nth++) {
    const user = await register(worker);
    clients.push(clientOf(user));
    if (nth < KILLS.length * 10) leaving.push(await signIn(worker, user));
  }

  let done = 0;
  for (const [round, kill] of KILLS.entries()) {
    const sessions = leaving.slice(round * 10, (round + 1) * 10);
    await refreshAll(worker, clients, {
      answers: kill - done,
      // Ten log out in the last hundred refreshes before the kill.
      meanwhile: (answered) => {
        const left = kill - done - answered;
        // Some are answered after the last, while it is being killed.
        if (left >= 0 && left < 100 && left % 10 === 0) logout(worker, sessions[left / 10]);
      },
      end: () => worker.kill(),
    });
    done = kill;
    assert.ok(clients.some(({ unanswered }) => unanswered), "no refresh was under way");
    worker = await worker.restart();

    const spent = clients.flatMap((client) => client.spent.map((token) => `jti:${jtiOf(token)}`));
    const ended = leaving.filter((session) => session.ended).map(({ refresh: token }) => `sid:${sidOf(token)}`);
    // Nobody asks the objects anything: what KV lacked, their alarms tell it.
    await assertTold(worker, [...ended, ...spent]);
    await Promise.all(clients.map((client) => assertNothingLost(worker, client)));
    await Promise.all(sessions.map((session) => assertSameEndEverywhere(worker, session)));
  }
  await refreshAll(worker, clients, { answers: REFRESHES - done, end: async () => {} });

  const all = clients.flatMap(({ spent, newest }) => [...spent, newest]).map(jtiOf);
  assert.equal(new Set(all).size, all.length, "no token was issued twice");
  for (const session of leaving.filter((one) => one.ended)) {
    assert.equal((await refresh(worker, session.refresh)).status, 401);
  }
  await Promise.all(
    clients.map(async (client) => {
      for (const token of client.spent) await assertSpent(worker, token, client.user.email);
      await exchange(worker, client);
      const reused = await refresh(worker, client.spent[0]);
      assert.deepEqual([reused.status, reused.json], [401, BLACKLISTED]);
    }),
  );
});

test("with a grace period a client whose answer was lost in a crash gets it after the restart", async (t) => {
  const vars = { REFRESH_GRACE_SECONDS: "300" };
  let worker = await startWorker({ vars });
  t.after(() => worker.stop());
  const clients = [];
  for (let nth = 0; nth < CLIENTS; nth++) clients.push(clientOf(await register(worker)));

  await refreshAll(worker, clients, { answers: 200, end: () => worker.kill() });
  assert.ok(clients.some(({ unanswered }) => unanswered), "no refresh was under way");
  worker = await worker.restart();

  // The same request again, and once more with what it gave.
  for (const client of clients) {
    await exchange(worker, client);
    await exchange(worker, client);
  }
});
