// Into the admin console and out of it: the key is asked for, kept in memory, and forgotten.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { assertDocumented, goTo, inList, openConsole, openPage, signIn } from "../support/console.mjs";
import { assertSmallFirstLoad, look } from "../support/pages.mjs";
import { ADMIN_KEY, registered } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

let worker;
before(async () => (worker = await startWorker({ vars: { ADMIN_KEY } })));
after(() => worker?.stop());

const keyField = (page) => page.getByLabel("Admin key");
const everything = (page) => page.evaluate(() => document.documentElement.outerHTML + document.title + location.href);

/** Nothing but the field for the key is left of the console. */
async function assertSignedOut(page, words) {
  await page.getByText(words).waitFor();
  assert.equal(await keyField(page).inputValue(), "");
  assert.equal(await page.getByRole("navigation", { name: "Sections" }).count(), 0);
  assert.ok(!(await everything(page)).includes(ADMIN_KEY));
}

test("the first load is small, and it is usable by everybody", options, async () => {
  const page = await browser.newPage();
  await assertSmallFirstLoad(page, `${worker.url}/admin/`);
  assert.equal(await keyField(page).evaluate((field) => field === document.activeElement), true);
  await look(page, "admin-signed-out");
});

test("a Worker without ADMIN_KEY says so", options, async (t) => {
  const closed = await startWorker();
  t.after(() => closed.stop());
  const { page, watched } = await openPage(browser, closed);
  await signIn(page);
  await page.getByText("This Worker has no ADMIN_KEY").waitFor();
  watched.assertQuiet();
});

test("a wrong key is told to be one, and the right one opens the console after it", options, async () => {
  const { page, watched, asked } = await openPage(browser, worker);
  await signIn(page, "not the key ü");
  await page.getByText("This is not the admin key.").waitFor();
  assert.equal(asked.length, 0, "what no header can hold is not sent");
  await signIn(page, `${ADMIN_KEY}x`);
  await page.getByText("This is not the admin key.").waitFor();
  assert.equal(asked.length, 1);
  assert.equal(await keyField(page).getAttribute("aria-invalid"), "true");
  await signIn(page);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  watched.assertQuiet();
});

test("without an answer the key stays in its field, to be sent again", options, async () => {
  const { page, watched } = await openPage(browser, worker);
  await page.context().setOffline(true);
  await signIn(page);
  await page.getByText("No answer came from the server.").waitFor();
  assert.equal(await keyField(page).inputValue(), ADMIN_KEY);
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  watched.assertQuiet();
});

test("the key is in no storage, address or title, and Lock forgets it with all that was shown", options, async () => {
  const ann = await registered(worker);
  await inList(worker, ann);
  const { page, watched } = await openConsole(browser, worker);
  await goTo(page, "Users");
  await page.getByRole("link", { name: ann.email }).waitFor();
  assert.ok(!(await everything(page)).includes(ADMIN_KEY));
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(stored, [0, 0, ""]);
  await page.getByRole("button", { name: "Lock" }).click();
  await assertSignedOut(page, "Locked. The key is forgotten.");
  assert.ok(!(await everything(page)).includes(ann.email));
  await signIn(page);
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  watched.assertQuiet();
});

test("it locks after 15 minutes without activity, and says so a minute before", options, async () => {
  const { page } = await openConsole(browser, worker, { time: Date.now() });
  await page.clock.fastForward("14:00");
  await page.getByText("In one minute this page locks").waitFor();
  await page.keyboard.press("Shift");
  await page.getByText("In one minute this page locks").waitFor({ state: "detached" });
  await page.clock.fastForward("13:00");
  assert.equal(await page.getByRole("button", { name: "Lock" }).count(), 1, "somebody was there");
  await page.clock.fastForward("02:00");
  await assertSignedOut(page, "Locked after 15 minutes without activity.");
});

test("a dialog that is open when it locks is closed, and does nothing", options, async () => {
  const { page, asked } = await openConsole(browser, worker, { time: Date.now(), at: "#keys" });
  await page.getByRole("button", { name: "Roll now" }).click();
  await page.getByRole("dialog").waitFor();
  await page.clock.fastForward("15:00");
  await assertSignedOut(page, "Locked after 15 minutes without activity.");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.deepEqual(asked.filter(({ method }) => method === "POST"), []);
});

test("a key that is refused later signs out, with words", options, async () => {
  const { page, watched } = await openConsole(browser, worker);
  await page.route("**/admin/api/users/**", (route) => route.fulfill({ status: 401, json: { detail: "The admin key is needed." } }));
  await page.getByRole("link", { name: "Users" }).click();
  await assertSignedOut(page, "The key that was good before is refused now");
  watched.assertQuiet();
});

test("whoever leaves the page and comes back is asked again", options, async () => {
  const { page } = await openConsole(browser, worker);
  await page.goto(`${worker.url}/icon.svg`);
  await page.goBack();
  await keyField(page).waitFor();
  assert.equal(await keyField(page).inputValue(), "");
  assert.equal(await page.getByRole("navigation", { name: "Sections" }).count(), 0);
});

test("everything the console has asked here stands in the README", options, assertDocumented);
