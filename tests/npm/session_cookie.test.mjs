// A session whose refresh token is in a cookie, against an issuer of plain JavaScript that keeps one. Real browsers and the real
// issuer are in tests/pages/cookie.test.mjs.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { createSession, memoryStorage } from "../../crates/verifier/js/session.js";
import { meaningOf } from "../../crates/verifier/js/session_issuer.js";
import { CREDENTIALS, FakeIssuer, sharedStorage } from "../support/fake_issuer.mjs";

const REFRESH = "/api/token/refresh/";
const BLACKLIST = "/api/token/blacklist/";

let issuer;
let storage;
beforeEach(() => {
  issuer = new FakeIssuer();
  issuer.keepsCookie = true;
  storage = memoryStorage();
});

const session = (options = {}) => createSession({ issuer: issuer.url, storage, fetch: issuer.fetch, refresh: "cookie", ...options });

async function signedIn(options) {
  const one = session(options);
  await one.signIn(CREDENTIALS);
  return one;
}

const kept = (of = storage) => JSON.parse(of.read());
const paths = () => issuer.asked.map(({ path, status }) => `${status} ${path}`);
const sidOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).sid;
const settled = () => new Promise(setImmediate);

test("whoever signs in or registers has an access token and no other, and is still signed in after a reload", async () => {
  for (const enter of [(one) => one.signIn(CREDENTIALS), (one) => one.register({ ...CREDENTIALS, email: "new@example.com" })]) {
    storage.write(null);
    const one = session();
    await enter(one);
    assert.equal(typeof issuer.jar, "string");
    assert.ok(!storage.read().includes(issuer.jar.split(".")[1]), storage.read());
    assert.deepEqual([kept().refresh, typeof kept().access], [null, "string"]);
    for (const page of [one, session()]) {
      assert.equal(page.state, "signed_in");
      assert.equal(page.claims.sub, "u7");
      assert.equal(await page.accessToken(), kept().access);
    }
  }
});

test("a refresh sends the cookie and the header, no token, and keeps none", async () => {
  const one = await signedIn();
  const [before, spent] = [kept().access, issuer.jar];
  const init = [];
  const other = session({ fetch: (url, given) => (init.push(given), issuer.fetch(url, given)) });
  await other.refresh();
  assert.notEqual(kept().access, before);
  assert.notEqual(issuer.jar, spent);
  assert.equal(kept().refresh, null);
  const [{ credentials, headers, body }] = init;
  assert.deepEqual([credentials, headers["hallpass-cookie"], body], ["include", "1", "{}"]);
  assert.equal(await one.accessToken(), kept().access);
});

test("without the option neither cookie nor header goes along", async () => {
  issuer.keepsCookie = false;
  const init = [];
  const one = session({ refresh: undefined, fetch: (url, given) => (init.push(given), issuer.fetch(url, given)) });
  await one.signIn(CREDENTIALS);
  assert.deepEqual([init[0].credentials, "hallpass-cookie" in init[0].headers], ["same-origin", false]);
  assert.equal(typeof kept().refresh, "string");
});

test("an issuer that answers with a refresh token keeps no cookie, so that is no sensible answer", async () => {
  issuer.keepsCookie = false;
  const one = session();
  await assert.rejects(one.signIn(CREDENTIALS), { code: "issuer_unreachable", status: 200, answer: undefined });
  assert.equal(storage.read(), null);
  assert.throws(() => one.begin(issuer.open()), { code: "malformed" });
  const pair = issuer.open();
  assert.equal(meaningOf({ status: 200, body: pair }, null).kind, "unknown");
  assert.deepEqual(meaningOf({ status: 200, body: { access: pair.access } }, null).pair, { access: pair.access, refresh: null });
});

test("a pair of the other kind counts as nothing", async () => {
  storage.write(JSON.stringify({ ...issuer.open(), ahead: 0 }));
  assert.equal(session().state, "signed_out");
  assert.equal(session({ refresh: "storage" }).state, "signed_in");
  await signedIn();
  assert.equal(session({ refresh: "storage" }).state, "signed_out");
});

test("it begins with the access token of an answer that has set the cookie", async () => {
  const one = await signedIn();
  const { sid } = one.claims;
  const { access, refresh } = issuer.open();
  issuer.jar = refresh;
  one.begin({ access });
  assert.equal(one.claims.sid, sidOf(access));
  await one.refresh();
  await settled();
  // Whoever signs in anew has no use for the session before, and the cookie is not that one's.
  assert.deepEqual([issuer.isAlive(sid), issuer.isAlive(one.claims.sid)], [false, true]);
  assert.equal(one.state, "signed_in");
});

test("signing out ends the session by its access token, which cannot be another one's, and the cookie is gone", async () => {
  const one = await signedIn();
  const { sid } = one.claims;
  await one.signOut();
  assert.equal(one.state, "signed_out");
  assert.deepEqual([issuer.isAlive(sid), issuer.jar], [false, undefined]);
  assert.equal(issuer.times(BLACKLIST), 0);
});

test("signing out with an access token that is over ends the session by the cookie", async () => {
  issuer.lifetime = 0;
  const one = await signedIn();
  const { sid } = one.claims;
  await one.signOut();
  assert.deepEqual([issuer.isAlive(sid), issuer.jar, issuer.times(BLACKLIST)], [false, undefined, 1]);
});

test("signing out leaves a session alone that another front end has opened meanwhile", async () => {
  const one = await signedIn();
  const other = await signedIn({ storage: memoryStorage() });
  const { sid } = one.claims;
  await one.signOut();
  assert.deepEqual([issuer.isAlive(sid), issuer.isAlive(other.claims.sid)], [false, true]);
  await other.refresh();
  assert.equal(other.state, "signed_in");
});

test("signing out everywhere clears the cookie", async () => {
  const one = await signedIn();
  await one.signOut({ everywhere: true });
  assert.deepEqual([one.state, issuer.jar], ["signed_out", undefined]);
});

test("where the issuer cannot be told of it, signing out says so", async () => {
  const one = await signedIn();
  issuer.before = async () => {
    throw new TypeError("fetch failed");
  };
  await assert.rejects(one.signOut(), { code: "issuer_unreachable" });
  assert.equal(one.state, "signed_out");
});

test("the session ends, and says why, when the cookie is gone or its session is over", async () => {
  const ends = [
    ["no_cookie", () => (issuer.jar = undefined)],
    ["admin", () => issuer.end("admin")],
  ];
  for (const [reason, happen] of ends) {
    const one = await signedIn();
    happen();
    await assert.rejects(one.refresh(), { code: "session_ended" });
    assert.deepEqual([one.state, one.end.reason], ["ended", reason]);
  }
});

test("the cookie of another front end's session does not sign its user in here", async () => {
  const one = await signedIn();
  const other = await signedIn({ storage: memoryStorage() });
  await assert.rejects(one.refresh(), { code: "session_ended" });
  assert.equal(one.end.reason, "replaced");
  // And that session goes on with the cookie that it was exchanged for.
  await other.refresh();
  assert.equal(other.state, "signed_in");
});

test("what says nothing about the session leaves it, a refusal of the origin too", async () => {
  const one = await signedIn();
  const before = storage.read();
  const refusals = [
    [403, { detail: "Requests of this origin may not use the cookie.", code: "cookie_origin_refused" }],
    [400, { refresh: ["This Worker takes refresh tokens from their cookie alone."] }],
    [429, { detail: "Request was throttled." }],
    [500, {}],
  ];
  for (const [status, body] of refusals) {
    const other = session({ fetch: async () => Response.json(body, { status }) });
    await assert.rejects(other.refresh(), { code: "issuer_unreachable", status });
    assert.equal(storage.read(), before);
  }
  await one.refresh();
});

test("pages that refresh at the same time have the winner's token, without a lock and with", async () => {
  for (const sharedAs of [undefined, "a test's with a cookie"]) {
    const shared = sharedStorage({ sharedAs });
    const pages = Array.from({ length: 8 }, () => session({ storage: shared() }));
    await pages[0].signIn(CREDENTIALS);
    await Promise.all(pages.map((one) => one.refresh()));
    assert.equal(new Set(await Promise.all(pages.map((one) => one.accessToken()))).size, 1);
    for (const one of pages) assert.equal(one.state, "signed_in");
    await pages[7].refresh();
  }
});

// Node.js has Web Locks from 24.5 on.
const skip = !globalThis.navigator?.locks && "no Web Locks in this Node.js";

test("signing in waits for a refresh that is under way, whose answer would bring the former session's cookie", { skip }, async () => {
  const shared = sharedStorage({ sharedAs: "a test's where somebody signs in" });
  const [one, other] = [session({ storage: shared() }), session({ storage: shared() })];
  await one.signIn(CREDENTIALS);
  let letGo;
  const gate = new Promise((resolve) => (letGo = resolve));
  issuer.after = (path) => (path === REFRESH ? gate : undefined);
  const refreshed = one.refresh();
  while (issuer.times(REFRESH) === 0) await settled();
  const entered = other.signIn(CREDENTIALS);
  await settled();
  assert.equal(issuer.times("/api/token/"), 1);
  letGo();
  await Promise.all([refreshed, entered]);
  assert.equal(sidOf(issuer.jar), other.claims.sid);
  assert.equal(one.claims.sid, other.claims.sid);
});

test("a pair that comes after signing out is ended by its access token, whosever the cookie is by then", async () => {
  const one = await signedIn();
  let letGo;
  const gate = new Promise((resolve) => (letGo = resolve));
  issuer.before = (path) => (path === REFRESH ? gate : undefined);
  const refreshed = one.refresh().catch(({ code }) => code);
  await settled();
  storage.write(null);
  letGo();
  assert.equal(await refreshed, "signed_out");
  await settled();
  await settled();
  assert.match(paths().at(-1), /^204 \/api\/sessions\//);
  assert.equal(issuer.jar, undefined);
});

test("the option is one of two words", () => {
  for (const refresh of ["Cookie", "", null, true, "memory"]) {
    assert.throws(() => session({ refresh }), { code: "bad_option", reason: /`refresh` has to be/ });
  }
});

