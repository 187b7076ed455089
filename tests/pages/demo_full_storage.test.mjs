// The page at `/` in a browser whose storage is full: the session is in the page's memory, and the page shows that one.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { openDemo, opened, press, registerIn, seen, send, somebody } from "../support/demo.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const skip = browser.missing;

let worker;
before(async () => (worker = await startWorker()));
after(() => worker?.stop());

const fillUp = () => {
  Storage.prototype.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
};

test("a session that cannot be kept is shown all the same", { skip }, async () => {
  const context = await browser.newContext();
  await context.addInitScript(fillUp);
  const page = await openDemo(context, worker);
  await send(page, "Register", somebody());
  await opened(page);
  page.watched.assertQuiet();
});

test("when the storage is full a refresh shows the new pair, and which token is spent", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  await page.evaluate(fillUp);
  const former = await page.locator("#refresh-token").textContent();
  await press(page, "Refresh now");
  await seen(page, "A new pair. The refresh token of before is spent.");
  await seen(page, "The old one was spent");
  assert.notEqual(await page.locator("#refresh-token").textContent(), former);
  page.watched.assertQuiet();
});
