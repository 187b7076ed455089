// Looking again because a token names a `kid` that the set has not. Anybody can write such a token.

import assert from "node:assert/strict";
import test, { after } from "node:test";
import { cancelled, fakeFetch, remoteWith, setOf, unhandledRejections } from "../support/jwks_issuer.mjs";

const unhandled = unhandledRejections();
after(async () => assert.deepEqual(await unhandled(), []));

const COOLDOWN = 30;
const answering = (...kids) => () => new Response(setOf(...kids));
const down = () => new Response("", { status: 500 });
const range = (length, from = 0) => Array.from({ length }, (_, i) => `kid-${from + i}`);

/** A remote that has its first set, and whose cooldown is over. */
async function ready(options) {
  const fake = fakeFetch(answering("a"));
  const asked = remoteWith({ fetch: fake.fetch, cooldownSeconds: COOLDOWN, cacheSeconds: 86_400, ...options });
  await asked.remote.ready();
  asked.pass(COOLDOWN);
  return { fake, ...asked };
}

/** Looks for these, one after the other, in vain. */
async function lookInVain(remote, kids) {
  for (const kid of kids) assert.equal(await remote.lookAgain(kid), false);
}

test("a newer set comes for an unknown kid", async () => {
  const { fake, remote, taken } = await ready();
  fake.answer = answering("a", "b");
  assert.equal(await remote.lookAgain("b"), true);
  assert.equal(fake.calls.length, 2);
  assert.deepEqual(taken, [setOf("a"), setOf("a", "b")]);
});

test("a set that says the same is no newer one", async () => {
  const { fake, remote } = await ready();
  assert.equal(await remote.lookAgain("b"), false);
  assert.equal(fake.calls.length, 2);
});

test("the cooldown counts from the last fetch, whatever it was for", async () => {
  const fake = fakeFetch(answering("a"));
  const { remote, pass } = remoteWith({ fetch: fake.fetch, cooldownSeconds: COOLDOWN, cacheSeconds: 60 });
  await remote.ready();
  // The seconds that pass, the kid, and how often the issuer has been asked by then.
  for (const [seconds, kid, calls] of [[29.999, "b", 1], [0.001, "b", 2], [29.999, "c", 2], [0.001, "c", 3]]) {
    pass(seconds);
    assert.equal(await remote.lookAgain(kid), false);
    assert.equal(fake.calls.length, calls);
  }
  pass(60);
  await remote.ready();
  assert.equal(fake.calls.length, 4);
  assert.equal(await remote.lookAgain("d"), false);
  assert.equal(fake.calls.length, 4);
});

test("a clock that goes back does not put off looking", async () => {
  const { fake, remote, pass } = await ready();
  fake.answer = answering("a", "b");
  pass(-86_400);
  assert.equal(await remote.lookAgain("b"), true);
});

test("a kid that a fetch did not bring is not asked for again for 120 s", async () => {
  const { fake, remote, pass } = await ready();
  await remote.lookAgain("b");
  pass(119.999);
  assert.equal(await remote.lookAgain("b"), false);
  assert.equal(fake.calls.length, 2);
  pass(0.001);
  fake.answer = answering("b");
  assert.equal(await remote.lookAgain("b"), true);
  assert.equal(fake.calls.length, 3);
});

test("a newer set makes what was missing worth asking for", async () => {
  const { fake, remote, pass } = await ready();
  await remote.lookAgain("b");
  pass(COOLDOWN);
  fake.answer = answering("a", "c");
  assert.equal(await remote.lookAgain("c"), true);
  pass(COOLDOWN);
  fake.answer = answering("a", "b", "c");
  assert.equal(await remote.lookAgain("b"), true);
});

test("a kid that was not asked for, or in vain, is not held to be missing", async () => {
  const { fake, remote, pass } = await ready();
  fake.answer = down;
  assert.equal(await remote.lookAgain("b"), false);
  pass(COOLDOWN - 1);
  assert.equal(await remote.lookAgain("c"), false);
  pass(1);
  fake.answer = answering("a", "b");
  assert.equal(await remote.lookAgain("b"), true);
  assert.equal(fake.calls.length, 3);
});

test("a look that fails rejects only when there is no set left to use", async () => {
  const { fake, remote, pass } = await ready({ cacheSeconds: 100, staleSeconds: 50 });
  fake.answer = down;
  assert.equal(await remote.lookAgain("b"), false);
  assert.equal(remote.available, true);
  pass(80);
  assert.equal(await remote.lookAgain("b"), false);
  pass(40);
  const unavailable = { code: "jwks_unavailable", message: /: answered 500$/ };
  await assert.rejects(remote.lookAgain("b"), unavailable);
  const { remote: other } = remoteWith({ fetch: fake.fetch });
  await assert.rejects(other.lookAgain("b"), unavailable);
  assert.equal(fake.calls.length, 5);
});

test("looks at the same time share one fetch, those for other kids too, also where it fails", async () => {
  for (const [answer, found, cooldownSeconds] of [[answering("b"), true, 30], [answering("a"), false, 0], [down, false, 0]]) {
    const { fake, remote } = await ready({ cooldownSeconds });
    fake.answer = answer;
    const all = await Promise.all(range(50).map((kid) => remote.lookAgain(kid)));
    assert.deepEqual(new Set(all), new Set([found]));
    assert.equal(fake.calls.length, 2);
  }
});

test("a look whose request is cancelled keeps nobody from looking", async () => {
  const { fake, remote } = await ready({ timeoutSeconds: 0.2 });
  fake.answer = () => new Promise(() => {});
  cancelled(() => remote.lookAgain("b"));
  // The set is fresh: who knows the kid does not wait.
  await remote.ready();
  fake.answer = answering("a", "b");
  assert.deepEqual(await Promise.all([remote.lookAgain("b"), remote.lookAgain("b")]), [true, true]);
  assert.equal(fake.calls.length, 3);
});

test("ten thousand unknown kids cost one fetch a cooldown, and a hundred of them are remembered", async () => {
  const { fake, remote, pass } = await ready();
  const kids = range(10_000);
  assert.ok((await Promise.all(kids.map((kid) => remote.lookAgain(kid)))).every((found) => found === false));
  assert.equal(fake.calls.length, 2);
  await lookInVain(remote, kids);
  assert.equal(fake.calls.length, 2);

  pass(COOLDOWN);
  await lookInVain(remote, kids.slice(-100));
  assert.equal(fake.calls.length, 2);
  await lookInVain(remote, kids.slice(-101, -100));
  assert.equal(fake.calls.length, 3);
});

test("whoever sends a new unknown kid every three seconds makes one fetch a cooldown", async () => {
  const { fake, remote, pass } = await ready();
  for (const kid of range(10_000)) {
    await lookInVain(remote, [kid]);
    pass(3);
  }
  assert.equal(fake.calls.length, 1 + (10_000 * 3) / COOLDOWN);
});

test("what is remembered of a kid is bounded too: one that is over 256 characters long is not remembered", async () => {
  const { fake, remote, pass } = await ready();
  const kids = ["k".repeat(256), "k".repeat(257)];
  await Promise.all(kids.map((kid) => remote.lookAgain(kid)));
  pass(COOLDOWN);
  await remote.lookAgain(kids[0]);
  assert.equal(fake.calls.length, 2);
  await remote.lookAgain(kids[1]);
  assert.equal(fake.calls.length, 3);
});
