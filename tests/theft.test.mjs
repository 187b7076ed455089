// A theft played out: somebody copied a refresh token. However the two come one after the other, in
// the end the thief holds nothing that works.

import assert from "node:assert/strict";
import test, { after, before, beforeEach } from "node:test";
import { atOnce, BLACKLISTED, blacklist, refresh, statuses, verify } from "./support/client.mjs";
import { CLIENTS, introspect, newSubject, openSession, revoke } from "./support/clients.mjs";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { admin, ADMIN_KEY, until } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";

let worker;
before(async () => (worker = await startFaultyWorker({ vars: { ADMIN_KEY, CLIENTS } })));
after(() => worker.stop());

// The objects' clocks never go back, so every theft has a subject of its own and begins now.
beforeEach(() => plan(worker));

const atSecond = (seconds) => plan(worker, { clock_offset_ms: seconds * 1000 });

/** Refreshes and expects to succeed: the next pair. */
async function refreshed(token) {
  const { status, json, text } = await refresh(worker, token);
  assert.equal(status, 200, text);
  return json;
}

async function assertRefused(token) {
  const { status, json } = await refresh(worker, token);
  assert.deepEqual([status, json], [401, BLACKLISTED]);
}

async function assertAlive({ access, refresh }) {
  for (const token of [access, refresh]) assert.equal((await verify(worker, token)).status, 200);
}

/** Nothing of these pairs is good for anything, the newest tried first. */
async function assertWorthless(...pairs) {
  for (const { access, refresh } of pairs.reverse()) {
    for (const token of [access, refresh]) {
      assert.equal((await verify(worker, token)).status, 400);
      assert.deepEqual((await introspect(worker, token)).json, { active: false });
    }
    assert.equal((await request(worker, "GET", "/api/sessions/", { headers: bearer(access) })).status, 401);
    await assertRefused(refresh);
  }
}

const sidOf = ({ access }) => decodeToken(access).payload.sid;

/** The theft that administrators see of a session. */
async function theftOf(session) {
  const thefts = async () => {
    const { events } = (await admin(worker, "GET", "events/?kind=reuse")).json;
    return events.filter(({ sid, reuse }) => sid === sidOf(session) && reuse.kind === "stale");
  };
  const [{ id, reuse }] = await until(thefts, (found) => found.length === 1);
  await worker.logged(new RegExp(`{"level":"notice","event":"security","kind":"reuse","reuse":"stale","id":"${id}","at":\\d+}`));
  return reuse;
}

test("the thief refreshes first, the owner later: the session ends, and all the thief got with it", async () => {
  const stolen = await openSession(worker, newSubject());
  const thiefs = await refreshed(stolen.refresh);
  await atSecond(30);
  const thiefsNext = await refreshed(thiefs.refresh);
  await assertAlive(thiefsNext);

  await atSecond(200);
  await assertRefused(stolen.refresh);
  await assertWorthless(stolen, thiefs, thiefsNext);
  const { behind, seconds_since_rotation } = await theftOf(stolen);
  assert.equal(behind, 2);
  assert.ok(Math.abs(seconds_since_rotation - 170) <= 2, `${seconds_since_rotation}`);
});

test("the owner refreshes first, the thief later: the session ends, and the thief has got nothing", async () => {
  const stolen = await openSession(worker, newSubject());
  const owners = await refreshed(stolen.refresh);
  await atSecond(11);
  await assertRefused(stolen.refresh);
  await assertWorthless(stolen, owners);
  assert.equal((await theftOf(stolen)).behind, 1);
});

test("the thief comes just after the owner: the owner goes on, and the thief has got nothing", async () => {
  const stolen = await openSession(worker, newSubject());
  const owners = await refreshed(stolen.refresh);
  await assertRefused(stolen.refresh);
  await assertAlive(owners);
  // Whoever stays quiet after that has nothing but an access token, until it expires.
  await atSecond(301);
  assert.equal((await verify(worker, stolen.access)).status, 401);
  await refreshed(owners.refresh);
});

test("a token that is two behind is no race, however quick it comes", async () => {
  const stolen = await openSession(worker, newSubject());
  const next = await refreshed(stolen.refresh);
  const afterNext = await refreshed(next.refresh);
  await assertRefused(stolen.refresh);
  await assertWorthless(stolen, next, afterNext);
});

test("both at once: one successor lives, and the loser who presents the token again after ten seconds ends the session", async () => {
  for (let round = 0; round < 10; round++) {
    await plan(worker);
    const stolen = await openSession(worker, newSubject());
    const answers = await atOnce(2, () => refresh(worker, stolen.refresh));
    assert.deepEqual(statuses(answers), { 200: 1, 401: 1 });
    const won = answers.find(({ status }) => status === 200).json;
    await assertAlive(won);
    // Whoever won goes on meanwhile, thief or owner.
    await atSecond(8);
    await assertRefused(stolen.refresh);
    const wonNext = round % 2 === 0 ? won : await refreshed(won.refresh);

    await atSecond(20);
    await assertRefused(stolen.refresh);
    await assertWorthless(stolen, won, ...(wonNext === won ? [] : [wonNext]));
  }
});

test("the owner who notices logs out with the spent token, and the thief's pair is worth nothing", async () => {
  const ways = [(token) => blacklist(worker, token), (token) => revoke(worker, token)];
  for (const end of ways) {
    const stolen = await openSession(worker, newSubject());
    const thiefs = await refreshed(stolen.refresh);
    await end(stolen.refresh);
    await assertWorthless(stolen, thiefs);
  }
});

test("the owner's other sessions know nothing of a theft", async () => {
  const sub = newSubject();
  const [stolen, other] = [await openSession(worker, sub), await openSession(worker, sub)];
  const thiefs = await refreshed(stolen.refresh);
  await atSecond(11);
  await assertRefused(stolen.refresh);
  await assertWorthless(stolen, thiefs);
  await assertAlive(other);
  await refreshed(other.refresh);
});
