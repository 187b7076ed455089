// The ring of signing keys in the admin console: shown on a line of time, rolled, and a key declared leaked.

import assert from "node:assert/strict";
import test from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { assertDocumented, confirm, openConsole, rowsOf } from "../support/console.mjs";
import { startFaultyWorker } from "../support/faults.mjs";
import { look } from "../support/pages.mjs";
import { admin, ADMIN_KEY, info, registered, until } from "../support/people.mjs";
import { ringAlarm, setClock } from "../support/ring.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

const CAPTION = "Keys of the ring";
const DAY = 86_400;
const now = () => Math.floor(Date.now() / 1000);

async function running(t, vars = {}) {
  const worker = await startFaultyWorker({ vars: { ADMIN_KEY, ...vars } });
  t.after(() => worker.stop());
  return worker;
}

/** The keys' ids by their state, as the API has them. */
async function ring(worker) {
  const { json } = await admin(worker, "GET", "keys/");
  return Object.fromEntries(json.map(({ state, kid }) => [state, kid]));
}

/** The states that the table shows, by key. */
const shown = async (page) => Object.fromEntries((await rowsOf(page, CAPTION)).map(([kid, state]) => [kid, state]));

const openKeys = async (worker, second = now()) => {
  const opened = await openConsole(browser, worker, { at: "#keys", time: second * 1000 });
  await opened.page.getByRole("table", { name: CAPTION }).waitFor();
  return opened;
};

test("a roll waits for the next key to be published for long enough, and says when it signs", options, async (t) => {
  const worker = await running(t);
  const { page, watched } = await openKeys(worker);
  const { signing, next } = await ring(worker);
  assert.deepEqual(await shown(page), { [signing]: "signing", [next]: "next" });
  await page.getByRole("button", { name: "Roll now" }).click();
  await page.getByRole("dialog").getByText("nobody has to sign in again").waitFor();
  await confirm(page, "Roll");
  await page.getByText("The next key has not been published for long enough. It signs from").waitFor();
  assert.equal((await ring(worker)).signing, signing);
  watched.assertQuiet();
});

test("a roll has the next key sign, and the former one retire on the line of time", options, async (t) => {
  const worker = await running(t);
  const ann = await registered(worker);
  const later = now() + 20 * DAY;
  await setClock(worker, later);
  const before = await ring(worker);
  const { page, watched } = await openKeys(worker, later);
  await page.getByRole("button", { name: "Roll now" }).click();
  await confirm(page, "Roll");
  await page.getByText("Rolled: the next key signs from now on.").waitFor();
  await page.getByRole("img", { name: /^retiring: published .*, over / }).waitFor();
  assert.equal((await shown(page))[before.next], "signing");
  assert.equal((await shown(page))[before.signing], "retiring");
  assert.equal(await page.getByRole("img", { name: /^(next|signing|retiring): / }).count(), 3);
  assert.notEqual((await info(worker, ann.access)).status, 200, "twenty days are long for an access token");
  watched.assertQuiet();
});

test("a key that has leaked is dead, with all that it signed, after a question that says so", options, async (t) => {
  const lifetime = String(40 * DAY);
  const worker = await running(t, { ACCESS_TOKEN_LIFETIME: lifetime, REFRESH_TOKEN_LIFETIME: lifetime });
  await registered(worker);
  await setClock(worker, now() + 31 * DAY);
  await ringAlarm(worker);
  await admin(worker, "POST", "keys/roll/", { json: {} });
  const later = now() + 45 * DAY;
  await setClock(worker, later);
  const ann = await registered(worker);
  const before = await ring(worker);
  const { page, watched, asked } = await openKeys(worker, later);
  await page.getByRole("button", { name: `This key has leaked: ${before.signing}` }).click();
  const dialog = page.getByRole("dialog", { name: "Declare this key leaked?" });
  await dialog.getByText("Everything it signed is refused from now on").waitFor();
  await confirm(page, "Cancel");
  assert.equal((await info(worker, ann.access)).status, 200);
  await page.getByRole("button", { name: `This key has leaked: ${before.signing}` }).click();
  await confirm(page, "Declare it leaked");
  await page.getByText("The key is dead. Hallpass refuses what it signed").waitFor();
  await page.getByRole("img", { name: /^dead: / }).waitFor();
  assert.equal((await shown(page))[before.signing], "dead");
  assert.equal(await page.getByRole("button", { name: `This key has leaked: ${before.signing}` }).count(), 0);
  assert.deepEqual(asked.at(-2).body, { leaked: before.signing }, "by its name");
  assert.equal((await info(worker, ann.access)).status, 401);
  assert.equal((await ring(worker)).dead, before.signing);
  await page.getByText("The key is dead").waitFor();
  await look(page, "admin-keys");
  watched.assertQuiet();
});

test("the question about a key tells what is lost with it", options, async (t) => {
  const worker = await running(t);
  const { page } = await openKeys(worker);
  const { next, signing } = await ring(worker);
  await page.getByRole("button", { name: `This key has leaked: ${next}` }).click();
  await page.getByRole("dialog").getByText("It has signed nothing yet, so nobody notices.").waitFor();
  await confirm(page, "Declare it leaked");
  await page.getByRole("img", { name: /^dead: / }).waitFor();
  const after = await ring(worker);
  assert.deepEqual([after.dead, after.signing], [next, signing]);
});

test("what becomes of a key is among the events, with its key and who had it done", options, async (t) => {
  const worker = await running(t);
  const { signing, next } = await ring(worker);
  await admin(worker, "POST", "keys/roll/", { json: { leaked: signing } });
  await until(async () => (await admin(worker, "GET", "events/")).json.events, (events) => events.length === 2);
  const { page, watched } = await openConsole(browser, worker, { at: "#events" });
  const caption = /^Events, the newest first/;
  await page.getByRole("table", { name: caption }).waitFor();
  const told = (await rowsOf(page, caption)).map(([, what]) => what.split(/\s*\n\s*/));
  assert.deepEqual(told, [
    ["Key declared leaked", signing, "by an administrator"],
    ["Key signs from now on", next, "by an administrator"],
  ]);
  await look(page, "admin-events-of-keys");
  watched.assertQuiet();
});

test("where a shared secret signs it says that there is no ring", options, async (t) => {
  const vars = { ADMIN_KEY, ALGORITHM: "HS256", SIGNING_KEY: "a-secret-that-signs-and-is-long-enough" };
  const worker = await startWorker({ vars });
  t.after(() => worker.stop());
  const { page, watched } = await openConsole(browser, worker, { at: "#keys" });
  await page.getByText("A shared secret signs (one of the HS algorithms)").waitFor();
  assert.equal(await page.getByRole("button", { name: "Roll now" }).count(), 0);
  watched.assertQuiet();
});

test("everything the console has asked here stands in the README", options, assertDocumented);
