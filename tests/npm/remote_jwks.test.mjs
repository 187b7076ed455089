// When a JWK set is asked for, and when the one that is there does. What is asked because of a `kid` is in remote_jwks_kids,
// answers that are no good in remote_jwks_answers, calls that share a fetch in remote_jwks_sharing.

import assert from "node:assert/strict";
import test, { after } from "node:test";
import { HallpassError } from "../../crates/verifier/js/errors.js";
import { RemoteJwks } from "../../crates/verifier/js/remote_jwks.js";
import { fakeFetch, remoteWith, set, setOf, startIssuer, status, unhandledRejections } from "../support/jwks_issuer.mjs";

const unhandled = unhandledRejections();
after(async () => assert.deepEqual(await unhandled(), []));

const MILLISECOND = 0.001;
const unavailable = { name: "HallpassError", code: "jwks_unavailable" };

/** A remote whose set has been fetched once, with these headers. */
async function fetched(t, headers, options) {
  const issuer = await startIssuer(t, set(["a"], headers));
  const asked = remoteWith({ url: issuer.url, ...options });
  await asked.remote.ready();
  return { issuer, ...asked };
}

test("making one asks for nothing, the first use asks, and uses within the set's time do not", async (t) => {
  const issuer = await startIssuer(t);
  const { remote, taken, pass } = remoteWith({ url: issuer.url });
  assert.equal(remote.available, false);
  assert.equal(issuer.requests.length, 0);
  for (let second = 0; second < 600; second += 100) {
    await remote.ready();
    assert.equal(remote.available, true);
    pass(100);
  }
  assert.equal(issuer.requests.length, 1);
  const [{ method, headers }] = issuer.requests;
  assert.deepEqual([method, headers.accept], ["GET", "application/json"]);
  assert.deepEqual(taken, [setOf("a")]);

  assert.equal(remote.available, false);
  issuer.answer = set(["a", "b"]);
  await remote.ready();
  assert.equal(issuer.requests.length, 2);
  assert.deepEqual(taken, [setOf("a"), setOf("a", "b")]);
});

const LIFETIMES = [
  [{}, 600],
  [{ age: "500" }, 600],
  [{ "cache-control": "public, max-age=60" }, 60],
  [{ "cache-control": "public,Max-Age=60 , must-revalidate" }, 60],
  [{ "cache-control": 'max-age="60"' }, 60],
  [{ "cache-control": "max-age=60, max-age=90" }, 60],
  [{ "cache-control": "s-maxage=60, x-max-age=60" }, 600],
  [{ "cache-control": "max-age=60", age: "20" }, 40],
  [{ "cache-control": "max-age=60", age: "80" }, 1],
  [{ "cache-control": "max-age=60", age: "-20" }, 60],
  [{ "cache-control": "max-age=60", age: "old" }, 60],
  [{ "cache-control": "max-age=0" }, 1],
  [{ "cache-control": "max-age=-1" }, 1],
  [{ "cache-control": "max-age=soon" }, 1],
  [{ "cache-control": "max-age=" }, 1],
  [{ "cache-control": "no-store" }, 1],
  [{ "cache-control": "max-age=60, no-cache" }, 1],
  [{ "cache-control": "max-age=31536000" }, 86_400],
  [{ "cache-control": `max-age=${"9".repeat(400)}` }, 86_400],
  [{ "cache-control": `max-age=${"9".repeat(400)}`, age: "9".repeat(400) }, 1],
];

test("a set's time is the answer's max-age less its Age, and between a second and a day", async (t) => {
  for (const [headers, seconds] of LIFETIMES) {
    await t.test(`${JSON.stringify(headers).slice(0, 80)}: ${seconds} s`, async (t) => {
      const { issuer, remote, pass } = await fetched(t, headers);
      pass(seconds - MILLISECOND);
      await remote.ready();
      assert.equal(issuer.requests.length, 1);
      pass(MILLISECOND);
      await remote.ready();
      assert.equal(issuer.requests.length, 2);
    });
  }
});

test("cacheSeconds is for an answer that does not say", async (t) => {
  for (const [cacheSeconds, seconds] of [[20, 20], [0, 1]]) {
    const { issuer, remote, pass } = await fetched(t, {}, { cacheSeconds });
    pass(seconds - MILLISECOND);
    assert.equal(remote.available, true);
    pass(MILLISECOND);
    await remote.ready();
    assert.equal(issuer.requests.length, 2);
  }
});

test("an outdated set is used up to staleSeconds while the issuer fails, which is asked once a cooldown", async (t) => {
  const { issuer, remote, pass } = await fetched(t, {}, { cacheSeconds: 100, staleSeconds: 90, cooldownSeconds: 30 });
  issuer.answer = status(500);
  pass(100);
  // Nobody has tried yet, and whoever cannot wait has to leave that to others.
  assert.equal(remote.available, false);
  for (const [seconds, requests] of [[0, 2], [29.999, 2], [MILLISECOND, 3], [29, 3], [1, 4], [29.999, 4]]) {
    pass(seconds);
    await remote.ready();
    assert.equal(issuer.requests.length, requests);
    assert.equal(remote.available, true);
  }
  pass(MILLISECOND);
  assert.equal(remote.available, false);
  await assert.rejects(remote.ready(), unavailable);
});

test("an issuer that is back is heard, and what it says then has its whole time", async (t) => {
  const { issuer, remote, taken, pass } = await fetched(t, {}, { cacheSeconds: 10 });
  issuer.answer = status(503);
  pass(10);
  await remote.ready();
  pass(30);
  issuer.answer = set(["b"]);
  await remote.ready();
  assert.deepEqual(taken, [setOf("a"), setOf("b")]);
  pass(9.999);
  await remote.ready();
  assert.equal(issuer.requests.length, 3);
  // The failure of before is forgotten: nothing is to be waited for.
  pass(MILLISECOND);
  await remote.ready();
  assert.equal(issuer.requests.length, 4);
});

test("a cooldown of 0 does not hammer an issuer that is down", async (t) => {
  const { issuer, remote, pass } = await fetched(t, {}, { cooldownSeconds: 0 });
  issuer.answer = status(500);
  pass(600);
  for (let call = 0; call < 10; call++) await remote.ready();
  assert.equal(issuer.requests.length, 2);
  pass(1);
  await remote.ready();
  assert.equal(issuer.requests.length, 3);
});

test("with a staleSeconds of 0 an outdated set is never used", async (t) => {
  const { issuer, remote, pass } = await fetched(t, {}, { staleSeconds: 0 });
  issuer.answer = status(500);
  pass(600);
  await assert.rejects(remote.ready(), unavailable);
  assert.equal(remote.available, false);
});

test("without any set the next try comes after a second, and until then everybody hears at once why", async () => {
  const refused = new TypeError("nobody there");
  const fake = fakeFetch(() => Promise.reject(refused));
  const { remote, pass } = remoteWith({ fetch: fake.fetch });
  for (const [seconds, calls] of [[0, 1], [0, 1], [0.999, 1], [MILLISECOND, 2], [0.5, 2]]) {
    pass(seconds);
    await assert.rejects(remote.ready(), (error) => {
      assert.ok(error instanceof HallpassError);
      assert.equal(error.code, "jwks_unavailable");
      assert.equal(error.reason, "no JWK set from https://issuer.example/jwks.json: could not be reached");
      assert.equal(error.cause, refused);
      return true;
    });
    assert.equal(remote.available, false);
    assert.equal(fake.calls.length, calls);
  }
  fake.answer = () => new Response(setOf("a"));
  pass(0.5);
  await remote.ready();
  assert.equal(remote.available, true);
});

test("a set that says the same as before is not taken over again, and is fresh again", async (t) => {
  const { issuer, remote, taken, pass } = await fetched(t, {});
  pass(600);
  await remote.ready();
  pass(599);
  await remote.ready();
  assert.equal(issuer.requests.length, 2);
  assert.deepEqual(taken, [setOf("a")]);
});

test("a clock that goes back makes the set due, and does not keep it for ever", async (t) => {
  const { issuer, remote, pass } = await fetched(t, {}, { staleSeconds: 50, cooldownSeconds: 30 });
  pass(-86_400);
  assert.equal(remote.available, false);
  await remote.ready();
  assert.equal(issuer.requests.length, 2);

  issuer.answer = status(500);
  pass(-86_400);
  await remote.ready();
  assert.equal(issuer.requests.length, 3);
  pass(49.999);
  await remote.ready();
  pass(MILLISECOND);
  await assert.rejects(remote.ready(), unavailable);
});

test("a clock that goes back does not put off the next try", async () => {
  const fake = fakeFetch(() => new Response("", { status: 500 }));
  const { remote, pass } = remoteWith({ fetch: fake.fetch });
  await assert.rejects(remote.ready(), unavailable);
  pass(-86_400);
  await assert.rejects(remote.ready(), unavailable);
  assert.equal(fake.calls.length, 2);
});

test("with a clock that is no number every call asks once, and gets what came of it", async () => {
  const fake = fakeFetch(() => new Response(setOf("a")));
  const remote = new RemoteJwks({ url: "https://issuer.example/", fetch: fake.fetch }, { accept() {}, clock: () => NaN });
  await remote.ready();
  assert.equal(fake.calls.length, 1);
  fake.answer = () => new Response("", { status: 500 });
  await assert.rejects(remote.ready(), unavailable);
  assert.equal(fake.calls.length, 2);
});
