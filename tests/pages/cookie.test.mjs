// A refresh token in a cookie (REFRESH_COOKIE), in a real browser: on the issuer's own origin, on a listed neighbour of the same site,
// and on another site, which is listed, too, and gets nothing of it.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { inProject } from "../../tools/project.mjs";
import { openBrowser } from "../support/chromium.mjs";
import { PASSWORD } from "../support/client.mjs";
import { request } from "../support/request.mjs";
import { serveSite } from "../support/site.mjs";
import { startWorker } from "../support/worker.mjs";

const NAME = "__Host-hallpass_refresh";
const REFRESH = "/api/token/refresh/";

const browser = openBrowser();
const skip = browser.missing;

let neighbour;
let elsewhere;
let worker;
let people = 0;
before(async () => {
  if (skip) return;
  const front = inProject("crates", "verifier", "dist");
  [neighbour, elsewhere] = await Promise.all([serveSite(front), serveSite(front)]);
  // To browsers 127.0.0.1 is one site, with whatever port, and localhost another.
  elsewhere.url = elsewhere.url.replace("127.0.0.1", "localhost");
  const origins = [neighbour, elsewhere].map(({ url }) => new URL(url).origin);
  worker = await startWorker({ vars: { REFRESH_COOKIE: "true", ALLOWED_ORIGINS: origins.join() } });
});
after(() => Promise.all([worker?.stop(), neighbour?.close(), elsewhere?.close()]));

const person = () => ({ email: `cookie-${(people += 1)}@example.com`, password: PASSWORD });

/** A person's browser. */
async function newContext(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  return context;
}

/** A page at `url` with a session of our issuer; `module`: where the package lies there. */
async function openPage(context, url, module) {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(
    async ([issuer, module]) => {
      const { createSession } = await import(module);
      const asked = [];
      const fetch = async (input, init) => {
        const answer = await globalThis.fetch(input, init);
        asked.push(`${answer.status} ${new URL(input.url ?? input).pathname}`);
        return answer;
      };
      const outcome = (promise) => promise.then((answer) => answer?.status ?? "ok", ({ code, status }) => [code, status].filter(Boolean).join(" "));
      Object.assign(globalThis, { issuer, asked, outcome, session: createSession({ issuer, refresh: "cookie", fetch }) });
    },
    [worker.url, module],
  );
  return page;
}
const atIssuer = (context) => openPage(context, `${worker.url}/base.css`, "/hallpass/session.js");
const atNeighbour = (context) => openPage(context, `${neighbour.url}package.json`, "/session.js");
const atAnotherSite = (context) => openPage(context, `${elsewhere.url}package.json`, "/session.js");

const register = (page, somebody = person()) => page.evaluate((fields) => outcome(session.register(fields)), somebody);
const refresh = (page) => page.evaluate(() => outcome(session.refresh()));
const info = (page) => page.evaluate(() => outcome(session.fetch(`${issuer}/api/v1/users/info/`)));
const state = (page) => page.evaluate(() => session.state);
const asked = (page, path) => page.evaluate((path) => asked.filter((one) => one.endsWith(path)), path);
const cookieOf = async (context) => (await context.cookies(worker.url)).find(({ name }) => name === NAME);

for (const [where, open] of [["of the issuer", atIssuer], ["of a neighbour on its site", atNeighbour]]) {
  test(`a page ${where} has a session, and no script sees its refresh token`, { skip }, async (t) => {
    const context = await newContext(t);
    const page = await open(context);
    assert.equal(await register(page), "ok");
    const cookie = await cookieOf(context);
    const { httpOnly, secure, sameSite, path, domain } = cookie;
    assert.deepEqual([httpOnly, secure, sameSite, path, domain], [true, true, "Strict", "/", "127.0.0.1"]);
    const seen = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]));
    assert.match(seen, /access/);
    assert.ok(!seen.includes("hallpass_refresh") && !seen.includes(cookie.value.split(".")[1]), seen);
    assert.equal(await info(page), 200);
    assert.equal(await refresh(page), "ok");
    assert.notEqual((await cookieOf(context)).value, cookie.value);
    assert.equal(await info(page), 200);
  });

  test(`a page ${where} is signed in after it was loaded again, and signs out for good`, { skip }, async (t) => {
    const context = await newContext(t);
    const first = await open(context);
    await register(first);
    await first.close();
    const page = await open(context);
    assert.equal(await state(page), "signed_in");
    assert.equal(await refresh(page), "ok");
    const { value } = await cookieOf(context);
    assert.equal(await page.evaluate(() => outcome(session.signOut())), "ok");
    assert.equal(await cookieOf(context), undefined);
    assert.equal(await state(page), "signed_out");
    // Whoever had a copy has nothing.
    const headers = { "hallpass-cookie": "1", cookie: `${NAME}=${value}` };
    const answer = await request(worker, "POST", REFRESH, { headers });
    assert.deepEqual([answer.status, answer.headers["hallpass-reason"]], [401, "logout"]);
  });
}

test("two tabs that refresh at once ask once, and both go on", { skip }, async (t) => {
  const context = await newContext(t);
  const [one, other] = [await atNeighbour(context), await atNeighbour(context)];
  await register(one);
  for (let times = 0; times < 5; times += 1) {
    assert.deepEqual(await Promise.all([refresh(one), refresh(other)]), ["ok", "ok"]);
    assert.deepEqual(await Promise.all([info(one), info(other)]), [200, 200]);
  }
  const all = [...(await asked(one, REFRESH)), ...(await asked(other, REFRESH))];
  assert.deepEqual([...new Set(all)], [`200 ${REFRESH}`]);
});

test("tabs without a lock lose races, and the winner's cookie stays", { skip }, async (t) => {
  const context = await newContext(t);
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }));
  const tabs = [await atIssuer(context), await atIssuer(context), await atIssuer(context), await atIssuer(context)];
  await register(tabs[0]);
  for (let times = 0; times < 5; times += 1) {
    assert.deepEqual(await Promise.all(tabs.map(refresh)), tabs.map(() => "ok"));
    assert.deepEqual(await Promise.all(tabs.map(state)), tabs.map(() => "signed_in"));
  }
  assert.equal(await refresh(tabs[3]), "ok");
  assert.notEqual(await cookieOf(context), undefined);
});

test("signing out everywhere and a change of password end and change the cookie", { skip }, async (t) => {
  const context = await newContext(t);
  const page = await atNeighbour(context);
  const somebody = person();
  await register(page, somebody);
  const before = await cookieOf(context);
  const changed = await page.evaluate(async ({ password }) => {
    const init = { method: "POST", headers: { "content-type": "application/json", "hallpass-cookie": "1" }, credentials: "include" };
    const body = JSON.stringify({ old_password: password, new_password: `${password}!` });
    const answer = await session.fetch(`${issuer}/api/v1/users/password/`, { ...init, body });
    const pair = await answer.json();
    session.begin(pair);
    return Object.keys(pair);
  }, somebody);
  assert.deepEqual(changed, ["access"]);
  assert.notEqual((await cookieOf(context)).value, before.value);
  assert.equal(await refresh(page), "ok");
  assert.equal(await page.evaluate(() => outcome(session.signOut({ everywhere: true }))), "ok");
  assert.equal(await cookieOf(context), undefined);
});

test("a page of another site, though listed, has no use of the cookie, nor can it put one there", { skip }, async (t) => {
  const context = await newContext(t);
  const home = await atIssuer(context);
  await register(home);
  const cookie = await cookieOf(context);
  const page = await atAnotherSite(context);
  const send = (path, headers, body) =>
    page.evaluate(
      ([path, headers, body]) => {
        const init = { method: "POST", credentials: "include", headers, body };
        return fetch(`${issuer}${path}`, init).then(async (answer) => [answer.status, (await answer.json()).code], () => "blocked");
      },
      [path, headers, body],
    );
  const meant = { "hallpass-cookie": "1" };
  for (const path of [REFRESH, "/api/token/blacklist/"]) {
    assert.deepEqual(await send(path, meant), [403, "cookie_origin_refused"]);
    // What a form could send, too.
    assert.deepEqual(await send(path, {}), [403, "cookie_header_missing"]);
  }
  // Nor does it sign its visitor in as somebody else.
  const attacker = person();
  const signIn = await send("/api/v1/users/registration/", { ...meant, "content-type": "application/x-www-form-urlencoded" }, new URLSearchParams(attacker).toString());
  assert.deepEqual(signIn, [403, "cookie_origin_refused"]);
  assert.equal(await page.evaluate((fields) => outcome(session.register(fields)), attacker), "sign_in_refused 403");
  assert.deepEqual(await cookieOf(context), cookie);
  assert.equal(await refresh(home), "ok");
});

test("a form of another site neither signs in nor out", { skip }, async (t) => {
  const context = await newContext(t);
  const home = await atIssuer(context);
  const somebody = person();
  await register(home, somebody);
  const cookie = await cookieOf(context);
  for (const path of ["/api/token/", "/api/token/blacklist/", REFRESH]) {
    const page = await context.newPage();
    await page.goto(`${elsewhere.url}package.json`);
    const answered = page.waitForResponse((answer) => answer.url() === `${worker.url}${path}`);
    await page.evaluate(
      ([action, fields]) => {
        const form = Object.assign(document.createElement("form"), { method: "post", action });
        for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { name, value }));
        document.body.append(form);
        form.submit();
      },
      [`${worker.url}${path}`, somebody],
    );
    assert.equal((await answered).status(), 403, path);
    await page.close();
  }
  assert.deepEqual(await cookieOf(context), cookie);
  assert.equal(await refresh(home), "ok");
});
