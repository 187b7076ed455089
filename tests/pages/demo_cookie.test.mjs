// The page at `/` of a Worker that keeps refresh tokens in a cookie (REFRESH_COOKIE).

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { happened, keptBy, openDemo, press, seen, send, somebody } from "../support/demo.mjs";
import { look } from "../support/pages.mjs";
import { startWorker } from "../support/worker.mjs";

const NAME = "__Host-hallpass_refresh";

const browser = openBrowser();
const skip = browser.missing;

let worker;
before(async () => (worker = skip ? undefined : await startWorker({ vars: { REFRESH_COOKIE: "true" } })));
after(() => worker?.stop());

/** The session is open, and everything about it has been read. */
async function opened(page) {
  await page.getByRole("heading", { name: "Your session", exact: true }).waitFor();
  await page.getByRole("table", { name: "Claims of the access token" }).waitFor();
  await page.getByText("this one", { exact: true }).waitFor();
}

const refreshCard = (page) => page.getByRole("region", { name: "Refresh token", exact: true });

test("the page shows the access token, and says where the refresh token is", { skip }, async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await openDemo(context, worker);
  await send(page, "Register", somebody());
  await opened(page);
  await seen(refreshCard(page), "a cookie that no script can read");
  assert.equal(await refreshCard(page).locator("code.token").count(), 0);
  assert.equal((await keptBy(page)).refresh, null);
  // Nobody can play the thief of a token that nobody sees.
  assert.equal(await page.getByRole("heading", { name: "A spent refresh token" }).count(), 0);
  await look(page, "demo-cookie");
  page.watched.assertQuiet();
});

test("it refreshes, is signed in after a reload, and logs out", { skip }, async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await openDemo(context, worker);
  const person = somebody();
  await send(page, "Register", person);
  await opened(page);
  const cookie = async () => (await context.cookies(worker.url)).find(({ name }) => name === NAME)?.value;
  const [{ access }, spent] = [await keptBy(page), await cookie()];
  await press(page, "Refresh now");
  await seen(page, "A new access token. The refresh token is in its cookie");
  await happened(page, "A new pair, as you asked.").waitFor();
  assert.notEqual((await keptBy(page)).access, access);
  assert.notEqual(await cookie(), spent);
  await page.reload();
  await opened(page);
  await press(page, "Log out here");
  await seen(page, "Logged out.");
  assert.equal(await cookie(), undefined);
  await send(page, "Sign in", person);
  await opened(page);
  await press(page, "Log out everywhere");
  await seen(page, "Logged out everywhere");
  assert.equal(await cookie(), undefined);
  page.watched.assertQuiet();
});
