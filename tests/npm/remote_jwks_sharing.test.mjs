// Calls that need the same set at the same time, some of them made by requests that are cancelled.

import assert from "node:assert/strict";
import test, { after } from "node:test";
import { cancelled, fakeFetch, remoteWith, setOf, startIssuer, status } from "../support/jwks_issuer.mjs";
import { unhandledRejections, until } from "../support/jwks_issuer.mjs";

const unhandled = unhandledRejections();
after(async () => assert.deepEqual(await unhandled(), []));

const never = () => new Promise(() => {});
const answered = () => new Response(setOf("a"));
const fifty = (call) => Promise.allSettled(Array.from({ length: 50 }, call));
const outcomes = (settled) => [...new Set(settled.map(({ status }) => status))];

test("fifty calls at once make one request", async (t) => {
  const issuer = await startIssuer(t);
  const { remote, taken } = remoteWith({ url: issuer.url });
  assert.deepEqual(outcomes(await fifty(() => remote.ready())), ["fulfilled"]);
  assert.equal(issuer.requests.length, 1);
  assert.deepEqual(taken, [setOf("a")]);
});

test("fifty calls at once hear of one failure, each in an error of its own", async (t) => {
  const issuer = await startIssuer(t, status(500));
  const { remote } = remoteWith({ url: issuer.url });
  const settled = await fifty(() => remote.ready());
  assert.deepEqual(outcomes(settled), ["rejected"]);
  assert.equal(issuer.requests.length, 1);
  assert.equal(new Set(settled.map(({ reason }) => reason)).size, 50);
  for (const { reason } of settled) assert.match(reason.message, /: answered 500$/);
});

test("while an outdated set is asked for anew, others use it and do not wait", async () => {
  const fake = fakeFetch(answered);
  const { remote, taken, pass } = remoteWith({ fetch: fake.fetch });
  await remote.ready();
  pass(600);
  const answer = Promise.withResolvers();
  fake.answer = () => answer.promise;
  const first = remote.ready();
  assert.equal(remote.available, true);
  assert.deepEqual(outcomes(await fifty(() => remote.ready())), ["fulfilled"]);
  assert.equal(fake.calls.length, 2);
  answer.resolve(new Response(setOf("b")));
  await first;
  assert.deepEqual(taken, [setOf("a"), setOf("b")]);
});

test("a set that has become outdated before those who waited for it look is good for them", async () => {
  const fake = fakeFetch(answered);
  const { remote, pass } = remoteWith({ fetch: fake.fetch, staleSeconds: 0 });
  const [first, second] = [remote.ready(), remote.ready()];
  await first;
  pass(86_400);
  await second;
  assert.equal(fake.calls.length, 1);
});

test("a fetch that never settles fails in time for its callers, and the next one gets keys", async () => {
  const fake = fakeFetch(never);
  const { remote, pass } = remoteWith({ fetch: fake.fetch, timeoutSeconds: 0.2 });
  const settled = await fifty(() => remote.ready());
  assert.deepEqual(outcomes(settled), ["rejected"]);
  for (const { reason } of settled) assert.match(reason.message, /: timed out after 0\.2 s$/);
  assert.equal(fake.calls.length, 1);
  assert.equal(fake.calls[0].init.signal.aborted, true);

  fake.answer = answered;
  pass(1);
  await remote.ready();
  assert.equal(remote.available, true);
});

test("when the request that asked is cancelled, one of those who wait asks, and all get keys", async () => {
  const fake = fakeFetch(never);
  const { remote } = remoteWith({ fetch: fake.fetch, timeoutSeconds: 0.2 });
  cancelled(() => remote.ready());
  fake.answer = answered;
  assert.deepEqual(outcomes(await fifty(() => remote.ready())), ["fulfilled"]);
  assert.equal(fake.calls.length, 2);
});

test("when the request that asked for a newer set is cancelled, the old one is used, and asked for again later", async () => {
  const fake = fakeFetch(answered);
  const { remote, pass } = remoteWith({ fetch: fake.fetch, timeoutSeconds: 0.2 });
  await remote.ready();
  pass(600);
  fake.answer = never;
  cancelled(() => remote.ready());
  assert.equal(remote.available, true);
  assert.equal(fake.calls.length, 2);

  fake.answer = answered;
  await until(() => !remote.available);
  await remote.ready();
  assert.equal(fake.calls.length, 3);
});

test("what becomes of a fetch when another one was begun in its place does not matter", async () => {
  for (const end of [(late) => late.resolve(new Response(setOf("old"))), (late) => late.reject(new Error("gone"))]) {
    const late = Promise.withResolvers();
    const fake = fakeFetch(() => late.promise);
    const { remote, taken } = remoteWith({ fetch: fake.fetch, timeoutSeconds: 0.5 });
    const first = cancelled(() => remote.ready());
    let third;
    fake.answer = async () => {
      end(late);
      await new Promise((resolve) => setImmediate(resolve));
      third = remote.ready();
      return new Response(setOf("new"));
    };
    await remote.ready();
    await Promise.all([first, third]);
    assert.equal(fake.calls.length, 2);
    assert.deepEqual(taken, [setOf("new")]);
    assert.equal(remote.available, true);
  }
});

test("no timer is left that would keep a process from ending", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const before = timers();
  for (const answer of [answered, () => new Response("", { status: 500 }), () => Promise.reject(new Error("gone")), never]) {
    const { remote } = remoteWith({ fetch: fakeFetch(answer).fetch, timeoutSeconds: answer === never ? 0.2 : 60 });
    await fifty(() => remote.ready());
    assert.equal(timers(), before);
  }
});
