// Requests that arrive at the same time: whoever races, one thing happens.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  assertDead,
  atOnce,
  BLACKLISTED,
  blacklist,
  info,
  PASSWORD,
  refresh,
  register,
  signIn,
  statuses,
} from "./support/client.mjs";
import { bearer, request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

let worker;
before(async () => (worker = await startWorker()));
after(() => worker.stop());

test("of fifty simultaneous refreshes of one token exactly one succeeds, and its successor works", async () => {
  let token = (await register(worker)).refresh;
  for (let round = 0; round < 20; round++) {
    const answers = await atOnce(50, () => refresh(worker, token));
    assert.deepEqual(statuses(answers), { 200: 1, 401: 49 }, `round ${round}`);
    for (const { json } of answers.filter(({ status }) => status === 401)) assert.deepEqual(json, BLACKLISTED);
    const [winner] = answers.filter(({ status }) => status === 200);
    assert.equal((await info(worker, winner.json.access)).status, 200, `round ${round}`);
    const successor = await refresh(worker, winner.json.refresh);
    assert.equal(successor.status, 200, `round ${round}: ${successor.text}`);
    token = successor.json.refresh;
  }
});

test("of twenty simultaneous blacklists of one token exactly one succeeds, and nothing of its session works", async () => {
  const user = await register(worker);
  for (let round = 0; round < 5; round++) {
    const session = await signIn(worker, user);
    const answers = await atOnce(20, () => blacklist(worker, session.refresh));
    assert.deepEqual(statuses(answers), { 200: 1, 401: 19 }, `round ${round}`);
    for (const { json } of answers.filter(({ status }) => status === 401)) assert.deepEqual(json, BLACKLISTED);
    await assertDead(worker, { access: [session.access], refresh: [session.refresh] }, `round ${round}`);
  }
});

test("of eight simultaneous registrations of one address exactly one succeeds, however it is spelled", async () => {
  for (let round = 0; round < 5; round++) {
    const spellings = [`Race${round}@example.com`, `race${round}@EXAMPLE.com`];
    const answers = await atOnce(8, (index) =>
      request(worker, "POST", "/api/v1/users/registration/", {
        // Each with a password of its own, so that the one that counts can be told.
        json: { email: spellings[index % 2], password: `${PASSWORD} ${index}` },
      }),
    );
    assert.deepEqual(statuses(answers), { 201: 1, 400: 7 }, `round ${round}`);
    for (const { json } of answers.filter(({ status }) => status === 400)) {
      assert.deepEqual(json, { email: ["user with this email already exists."] });
    }
    const winner = answers.findIndex(({ status }) => status === 201);
    const passwords = await atOnce(8, (index) =>
      request(worker, "POST", "/api/token/", {
        json: { email: spellings[0], password: `${PASSWORD} ${index}` },
      }),
    );
    const opening = passwords.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    assert.deepEqual(opening, [winner], "only the winner's password opens the account");
    assert.equal((await refresh(worker, answers[winner].json.refresh_token)).status, 200);
  }
});

// A logout that finds its token spent is answered 401, as the contract has it, and ends the session
// all the same; so after either answer nothing may work, whichever of the two came first.
const ENDINGS = {
  "a logout": (session) =>
    request(worker, "POST", "/logout_token/", {
      headers: bearer(session.access),
      json: { refresh_token: session.refresh },
    }),
  "a blacklist": (session) => blacklist(worker, session.refresh),
  "a logout everywhere": (session) =>
    request(worker, "POST", "/logout_token/", { headers: bearer(session.access), json: { all: true } }),
};

for (const [name, end] of Object.entries(ENDINGS)) {
  test(`after ${name} that raced refreshes nothing of the session works, fifty rounds`, async () => {
    let rotations = 0;
    // Ten users at a time, each with rounds of its own.
    await atOnce(10, async () => {
      const user = await register(worker);
      for (let round = 0; round < 5; round++) {
        const session = await signIn(worker, user);
        const tokens = { access: [session.access], refresh: [session.refresh] };
        // The end comes a little later in each round: before the first refresh, or after some.
        const ending = sleep(round * 3).then(() => end(session));
        await refreshUntilRefused(tokens);
        const ended = await ending;
        assert.ok([200, 401].includes(ended.status), ended.text);
        rotations += tokens.refresh.length - 1;
        await assertDead(worker, tokens, `round ${round}, the end was answered ${ended.status}`);
      }
    });
    assert.ok(rotations > 0, "no refresh ever came before the end");
  });
}

/** Goes on refreshing, as a client does that knows nothing, and keeps all it is given. */
async function refreshUntilRefused(tokens) {
  for (;;) {
    const { status, json } = await refresh(worker, tokens.refresh.at(-1));
    if (status !== 200) return assert.equal(status, 401);
    tokens.access.push(json.access);
    tokens.refresh.push(json.refresh);
  }
}
