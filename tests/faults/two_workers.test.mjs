// Two Workers of the same code, each in an isolate of its own, over the same objects and the same KV, as
// Cloudflare runs many. What one isolate remembers the other one does not know; what is decided is
// decided in the object. Why not two processes: README.md.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { assertDead, atOnce, BLACKLISTED, blacklist, info, refresh, register, resetAll, signIn, statuses, verify } from "../support/client.mjs";
import { counted, plan, startFaultyWorker } from "../support/faults.mjs";
import { request } from "../support/request.mjs";
import { startWorker } from "../support/worker.mjs";

let [one, other] = [];
before(async () => {
  one = await startWorker({ twins: ["hallpass-twin"] });
  other = one.beside["hallpass-twin"];
});
after(() => one.stop());

const either = (nth) => (nth % 2 === 0 ? one : other);

test("of forty refreshes of one token through two Workers exactly one succeeds, and its pair works at both", async () => {
  let token = (await register(one)).refresh;
  const winners = new Set();
  for (let round = 0; round < 30; round++) {
    const answers = await atOnce(40, (nth) => refresh(either(nth + round), token));
    assert.deepEqual(statuses(answers), { 200: 1, 401: 39 }, `round ${round}`);
    for (const { json } of answers.filter(({ status }) => status === 401)) assert.deepEqual(json, BLACKLISTED);
    const won = answers.findIndex(({ status }) => status === 200);
    winners.add(either(won + round));
    const { access, refresh: successor } = answers[won].json;
    for (const worker of [one, other]) {
      assert.equal((await info(worker, access)).status, 200, `round ${round}`);
      assert.equal((await verify(worker, successor)).status, 200, `round ${round}`);
    }
    token = successor;
  }
  assert.equal(winners.size, 2, "the same Worker won all thirty rounds");
});

test("what one Worker has ended is dead at the other from the answer on, whoever issued it", async () => {
  const user = await register(one);
  for (let round = 0; round < 10; round++) {
    const [here, there] = [either(round), either(round + 1)];
    const [session, other] = await atOnce(2, () => signIn(here, user));
    const next = await refresh(there, session.refresh);
    assert.equal(next.status, 200, next.text);
    assert.equal((await blacklist(here, next.json.refresh)).status, 200);
    await assertDead(there, { access: [session.access, next.json.access], refresh: [next.json.refresh] }, `round ${round}`);
    assert.equal((await info(there, other.access)).status, 200, "the other session lives");
    assert.equal((await resetAll(there, other.access)).status, 205);
    await assertDead(here, { access: [other.access], refresh: [other.refresh] }, `round ${round}`);
  }
});

test("an end at one Worker that races refreshes at the other leaves nothing that works", async () => {
  let rotations = 0;
  const user = await register(one);
  for (let round = 0; round < 20; round++) {
    const session = await signIn(either(round), user);
    const tokens = { access: [session.access], refresh: [session.refresh] };
    const refreshing = refreshUntilRefused(either(round), tokens);
    // After a refresh or two, or before the first.
    if (round % 3 > 0) await info(either(round + 1), session.access);
    const ended = await blacklist(either(round + 1), tokens.refresh.at(-1));
    assert.ok([200, 401].includes(ended.status), ended.text);
    await refreshing;
    rotations += tokens.refresh.length - 1;
    await assertDead(either(round + 1), tokens, `round ${round}, the end was answered ${ended.status}`);
  }
  assert.ok(rotations > 0, "no refresh ever came before the end");
});

// The counters live in an isolate's memory, and objects in the isolate of the Worker that they are of.
test("the two are isolates of their own, and the objects are the first one's", async (t) => {
  const first = await startFaultyWorker({ twins: ["hallpass-twin"] });
  t.after(() => first.stop());
  const twin = first.beside["hallpass-twin"];
  await Promise.all([first, twin].map((worker) => plan(worker)));
  await register(twin);
  assert.equal((await counted(twin)).object_requests, 0);
  assert.ok((await counted(first)).object_requests > 0);
});

test("both Workers sign with the keys of one ring and publish the same", async () => {
  const published = await Promise.all([one, other].map((worker) => request(worker, "GET", "/.well-known/jwks.json")));
  assert.deepEqual(published[0].json, published[1].json);
  assert.ok(published[0].json.keys.length > 0);
});

/** Goes on refreshing, as a client does that knows nothing, and keeps all it is given. */
async function refreshUntilRefused(worker, tokens) {
  for (;;) {
    const { status, json, text } = await refresh(worker, tokens.refresh.at(-1));
    if (status !== 200) return assert.equal(status, 401, text);
    tokens.access.push(json.access);
    tokens.refresh.push(json.refresh);
  }
}
