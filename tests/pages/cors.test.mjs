// A front end on another origin than its issuer's, in a real browser: with ALLOWED_ORIGINS it has a session like any other,
// without it the browser keeps every answer from it.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { inProject } from "../../tools/project.mjs";
import { openBrowser } from "../support/chromium.mjs";
import { blacklist, BLACKLISTED, PASSWORD, refresh, register, signIn } from "../support/client.mjs";
import { serveSite } from "../support/site.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const skip = browser.missing;

let listed;
let unlisted;
let worker;
let people = 0;
before(async () => {
  if (skip) return;
  const front = inProject("crates", "verifier", "dist");
  [listed, unlisted] = await Promise.all([serveSite(front), serveSite(front)]);
  worker = await startWorker({ vars: { ALLOWED_ORIGINS: `https://app.example.com,${new URL(listed.url).origin}` } });
});
after(() => Promise.all([worker?.stop(), listed?.close(), unlisted?.close()]));

const person = () => ({ email: `elsewhere-${(people += 1)}@example.com`, password: PASSWORD });

/** A page of `site` with a session of our issuer. */
async function openPage(t, site) {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`${site.url}package.json`);
  await page.evaluate(async (issuer) => {
    const { createSession } = await import("/session.js");
    const outcome = (promise) => promise.then((answer) => answer?.status ?? "ok", ({ code }) => code);
    Object.assign(globalThis, { issuer, outcome, session: createSession({ issuer }) });
  }, worker.url);
  return page;
}

const ask = (page) => page.evaluate(() => outcome(session.fetch(`${issuer}/api/v1/users/info/`)));
const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem(`hallpass:${issuer}/`)));

test("a page on a listed origin registers, asks, refreshes and signs out", { skip }, async (t) => {
  const page = await openPage(t, listed);
  const somebody = person();
  assert.equal(await page.evaluate((fields) => outcome(session.register(fields)), somebody), "ok");
  const answer = await page.evaluate(async () => (await session.fetch(`${issuer}/api/v1/users/info/`)).json());
  assert.equal(answer.email, somebody.email);
  const before = await kept(page);
  assert.equal(await page.evaluate(() => outcome(session.refresh())), "ok");
  assert.notEqual((await kept(page)).refresh, before.refresh);
  assert.equal(await ask(page), 200);
  const last = await kept(page);
  assert.equal(await page.evaluate(() => outcome(session.signOut())), "ok");
  assert.equal((await refresh(worker, last.refresh)).json.detail, BLACKLISTED.detail);
  assert.equal(await page.evaluate((fields) => outcome(session.signIn(fields)), somebody), "ok");
  assert.equal(await page.evaluate(() => outcome(session.signOut({ everywhere: true }))), "ok");
});

test("a page on a listed origin ends one of its sessions, by a method that no form has", { skip }, async (t) => {
  const page = await openPage(t, listed);
  const somebody = person();
  await page.evaluate((fields) => session.register(fields), somebody);
  const other = await signIn(worker, somebody);
  const ended = await page.evaluate(async () => {
    const sessions = await (await session.fetch(`${issuer}/api/sessions/`)).json();
    const { sid } = sessions.find(({ current }) => !current);
    return outcome(session.fetch(`${issuer}/api/sessions/${sid}/`, { method: "DELETE" }));
  });
  assert.equal(ended, 204);
  assert.equal((await refresh(worker, other.refresh)).status, 401);
});

test("a page on a listed origin reads why it is refused, and why its session has ended", { skip }, async (t) => {
  const page = await openPage(t, listed);
  const wrong = await page.evaluate(() => session.signIn({ email: "nobody@example.com", password: "wrong-password" }).catch(({ code, status, answer }) => ({ code, status, answer })));
  assert.deepEqual([wrong.code, wrong.status, typeof wrong.answer.detail], ["sign_in_refused", 401, "string"]);
  await page.evaluate((fields) => session.register(fields), person());
  const { status } = await blacklist(worker, (await kept(page)).refresh);
  assert.equal(status, 200);
  assert.equal(await page.evaluate(() => outcome(session.refresh())), "session_ended");
  assert.deepEqual(await page.evaluate(() => [session.state, session.end.reason]), ["ended", "logout"]);
});

test("from an unlisted origin the browser keeps every answer, and the session says that the issuer cannot be reached", { skip }, async (t) => {
  const page = await openPage(t, unlisted);
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  const somebody = person();
  assert.equal(await page.evaluate((fields) => outcome(session.register(fields)), somebody), "issuer_unreachable");
  assert.ok(complaints.some((text) => /blocked by CORS policy/.test(text)), complaints.join("\n"));
  // The preflight was all that was sent: nobody has that address.
  await register(worker, somebody.email);
  await page.evaluate((pair) => session.begin(pair), await signIn(worker, somebody));
  assert.equal(await page.evaluate(() => outcome(session.refresh())), "issuer_unreachable");
  assert.equal(await page.evaluate(() => session.state), "signed_in");
  // Not even a request that needs no leave to be sent is read, but for what is everybody's.
  const bare = (path) => page.evaluate((path) => fetch(`${issuer}${path}`).then(({ status }) => status, () => "blocked"), path);
  assert.deepEqual([await bare("/healthz"), await bare("/.well-known/jwks.json")], ["blocked", 200]);
});
