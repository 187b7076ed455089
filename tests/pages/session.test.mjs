// The session of the package in a real browser, with a real issuer: tabs that are closed, clocks that are wrong, a network that goes.

import assert from "node:assert/strict";
import test, { after, afterEach, before, beforeEach } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { request } from "../support/request.mjs";
import { INFO, openTab, REFRESH } from "../support/tabs.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const skip = browser.missing;
const DAY = 86_400_000;

let worker;
let context;
let people = 0;
before(async () => {
  // With a grace a lost answer is given again: what a program for networks that fail should set.
  if (!skip) worker = await startWorker({ vars: { REFRESH_GRACE_SECONDS: "30" } });
});
after(() => worker?.stop());
beforeEach(async () => {
  if (!skip) context = await browser.newContext();
});
afterEach(() => context?.close());

const person = () => `person-${(people += 1)}@example.com`;
const tab = (prepare) => openTab(context, worker, { prepare });

/** A clock of the test's own in every tab, by so many milliseconds beside the truth. */
async function withClock(wrong = 0) {
  await context.clock.install({ time: Date.now() + wrong });
}

/** Waits until a tab has asked for something so often. */
const askedFor = ({ page }, path, times) =>
  page.waitForFunction(([path, times]) => asked.filter((one) => one.path === path && one.status).length >= times, [path, times]);

test("a tab that is closed while it refreshes leaves the session to the others, whether the issuer had the request or not", { skip }, async () => {
  for (const arrives of [false, true]) {
    const arrived = Promise.withResolvers();
    const doomed = await tab((page) =>
      page.route(`**${REFRESH}`, async (route) => {
        if (arrives) await route.fetch();
        arrived.resolve();
      }),
    );
    const other = await tab();
    await doomed.register(person());
    // The lock is held, and the answer will never come.
    await doomed.page.evaluate(() => void session.refresh().catch(() => {}));
    await arrived.promise;
    const refreshed = other.refresh();
    await doomed.page.close({ runBeforeUnload: false });
    assert.equal(await refreshed, "ok", `arrives: ${arrives}`);
    assert.equal(await other.info(), 200);
    assert.equal((await other.look()).state, "signed_in");
    await other.page.close();
  }
});

test("a tab that crashes while it holds the lock is no obstacle", { skip }, async () => {
  const arrived = Promise.withResolvers();
  const doomed = await tab((page) => page.route(`**${REFRESH}`, () => arrived.resolve()));
  const other = await tab();
  await doomed.register(person());
  await doomed.page.evaluate(() => void session.refresh().catch(() => {}));
  await arrived.promise;
  const wire = await context.newCDPSession(doomed.page);
  const crashed = doomed.page.waitForEvent("crash");
  void wire.send("Page.crash").catch(() => {});
  await crashed;
  assert.equal(await other.refresh(), "ok");
  assert.equal(await other.info(), 200);
});

for (const wrong of [-DAY, DAY]) {
  test(`on a machine whose clock is ${wrong / DAY} day off, tokens are used and refreshed when it is time`, { skip }, async () => {
    await withClock(wrong);
    const one = await tab();
    await one.register(person());
    const { secondsLeft } = await one.look();
    assert.ok(secondsLeft >= 290 && secondsLeft <= 300, `${secondsLeft}`);
    assert.equal(await one.info(), 200);
    assert.deepEqual(await one.asked(REFRESH), []);
    // Of five minutes one is left: it is exchanged, though nobody asked for it.
    await one.page.clock.fastForward(250_000);
    await askedFor(one, REFRESH, 1);
    assert.equal(await one.info(), 200);
    assert.deepEqual((await one.asked(INFO)).map(({ status }) => status), [200, 200]);
  });
}

test("a tab that nobody looks at does not refresh by itself, and does as soon as somebody does", { skip }, async () => {
  await withClock();
  const one = await tab();
  await one.register(person());
  const visible = (state) =>
    one.page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await visible("hidden");
  await one.page.clock.fastForward(3600_000);
  assert.deepEqual(await one.asked(REFRESH), []);
  await visible("visible");
  await one.page.clock.fastForward(1000);
  await askedFor(one, REFRESH, 1);
});

test("a tab that was offline refreshes when the network is back, and nobody is signed out meanwhile", { skip }, async () => {
  await withClock();
  const one = await tab();
  await one.register(person());
  await context.setOffline(true);
  await one.page.clock.fastForward(600_000);
  await one.page.waitForFunction((path) => asked.some((one) => one.path === path), REFRESH);
  assert.equal(await one.refresh(), "issuer_unreachable");
  assert.deepEqual(await one.look(), { state: "signed_in", reason: undefined, secondsLeft: 0 });
  await context.setOffline(false);
  await one.page.evaluate(() => dispatchEvent(new Event("online")));
  await one.page.clock.fastForward(1000);
  await askedFor(one, REFRESH, 1);
  assert.ok((await one.look()).secondsLeft > 250);
});

test("a closed tab is signed in when it is opened again, and signing out reaches every tab", { skip }, async () => {
  const one = await tab();
  await one.register(person());
  const [other, third] = [await tab(), await tab()];
  await one.page.close();
  assert.equal(await other.info(), 200);
  const heard = third.page.evaluate(() => new Promise((resolve) => session.onChange(({ kind, here }) => resolve([kind, here, session.state]))));
  await other.page.evaluate(() => session.signOut());
  assert.deepEqual(await heard, ["signed_out", false, "signed_out"]);
  assert.equal((await third.look()).state, "signed_out");
});

test("the issuer's reason for the end reaches the page at once", { skip }, async () => {
  const one = await tab();
  await one.register(person());
  const { refresh } = JSON.parse(await one.page.evaluate(() => localStorage.getItem(`hallpass:${location.origin}/`)));
  const { status } = await request(worker, "POST", "/api/token/blacklist/", { json: { refresh } });
  assert.equal(status, 200);
  assert.equal(await one.info(), 401);
  const { state, reason } = await one.look();
  assert.deepEqual([state, reason], ["ended", "logout"]);
  assert.equal((await one.asked(REFRESH)).length, 1);
});

test("without Web Locks tabs that refresh at once all go on with one pair", { skip }, async () => {
  const unlocked = (page) => page.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined }));
  const tabs = [await tab(unlocked), await tab(unlocked), await tab(unlocked)];
  await tabs[0].register(person());
  for (let round = 0; round < 5; round += 1) {
    assert.deepEqual(await Promise.all(tabs.map((one) => one.refresh())), ["ok", "ok", "ok"]);
    assert.deepEqual(await Promise.all(tabs.map((one) => one.info())), [200, 200, 200]);
  }
});
