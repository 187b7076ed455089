// Whatever users, clients and whoever writes to KV call themselves stands in the admin console as text, and does nothing.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { CLIENTS, openSession } from "../support/clients.mjs";
import { assertDocumented, confirm, goTo, inList, openConsole, rowsOf } from "../support/console.mjs";
import { plan, startFaultyWorker } from "../support/faults.mjs";
import { look } from "../support/pages.mjs";
import { ADMIN_KEY, events, refresh } from "../support/people.mjs";
import { request } from "../support/request.mjs";
import { decodeToken } from "../support/token.mjs";
import { kvPut } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

const MARKUP = "<img src=/x onerror=globalThis.ran=1><script>globalThis.ran=2</script><a href=javascript:globalThis.ran=3>go</a>";
// As addresses allow it: in quotes.
const EMAIL = '"<svg/onload=globalThis.ran=4>"@example.com';
const SUB = `own ${MARKUP}`;

let worker;
let mallory;
const later = () => Date.now() + 120_000;

/** A user of whom everything that can be is markup, with an event that tells of a theft. */
before(async () => {
  worker = await startFaultyWorker({ vars: { ADMIN_KEY, CLIENTS } });
  const headers = { "user-agent": MARKUP };
  const json = { email: EMAIL, password: "a long enough password", first_name: MARKUP, last_name: MARKUP };
  const { status, json: body, text } = await request(worker, "POST", "/api/v1/users/registration/", { json, headers });
  assert.equal(status, 201, text);
  mallory = { sub: decodeToken(body.access_token).payload.sub, refresh: body.refresh_token };
  await request(worker, "POST", "/api/token/", { json, headers });
  await openSession(worker, SUB, { client: MARKUP });
  await refresh(worker, mallory.refresh);
  await plan(worker, { clock_offset_ms: 60_000 });
  await refresh(worker, mallory.refresh);
  await events(worker, mallory.sub, 3);
  await inList(worker, { sub: SUB });
  const until = Math.floor(Date.now() / 1000) + 7200;
  await kvPut(worker, `sid:${MARKUP}`, "", { expiration: until, metadata: { sub: MARKUP, reason: MARKUP, kind: MARKUP, at: 5 } });
  await kvPut(worker, "constructor:x", "", { expiration: until, metadata: { reason: "__proto__", kind: "valueOf", at: 9e12 } });
});
after(() => worker?.stop());

/** Nothing of it ran, and no element came of it. */
async function assertInert({ page, watched }, title) {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(await page.evaluate(() => globalThis.ran), undefined);
  assert.equal(await page.locator("main img, main script, main a[href^=javascript], dialog img, dialog script").count(), 0);
  assert.equal(await page.title(), `${title} · Admin · Hallpass`);
  watched.assertQuiet();
}

test("in the list of users, and in what is looked for", options, async () => {
  const opened = await openConsole(browser, worker, { at: "#users" });
  const { page } = opened;
  await page.getByRole("link", { name: EMAIL, exact: true }).waitFor();
  const rows = await rowsOf(page, "Users, by id");
  assert.ok(rows.some(([user, name]) => user === EMAIL && name === `${MARKUP} ${MARKUP}`));
  assert.ok(rows.some(([user]) => user === SUB));
  await look(page, "admin-users-markup");
  await page.getByLabel("Search").fill(`${MARKUP}?`);
  await page.getByText(`begins with “${MARKUP}?”`).waitFor();
  await assertInert(opened, "Users");
});

test("on a user's page, and in the questions that it asks", options, async () => {
  const opened = await openConsole(browser, worker, { at: `#users/${mallory.sub}`, time: later() });
  const { page } = opened;
  await page.getByRole("heading", { level: 1, name: EMAIL, exact: true }).waitFor();
  await page.getByRole("button", { name: `End the session of ${MARKUP}` }).first().click();
  await page.getByRole("dialog").getByText(`Signed in with: ${MARKUP}`).waitFor();
  await confirm(page, "Cancel");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("dialog").getByText(`“${EMAIL}”`).waitFor();
  await confirm(page, "Cancel");
  await page.getByRole("table", { name: "Events of this user" }).getByText(MARKUP).first().waitFor();
  await look(page, "admin-user-markup");
  await assertInert(opened, "A user");
});

test("in the address of a user's page, also of one who is not there", options, async () => {
  for (const sub of [SUB, `${SUB} of nobody`]) {
    const opened = await openConsole(browser, worker, { at: `#users/${encodeURIComponent(sub)}` });
    await opened.page.getByRole("heading", { level: 1, name: sub, exact: true }).waitFor();
    await opened.page.getByRole("heading", { level: 2, name: "Standing" }).waitFor();
    await assertInert(opened, "A user");
  }
});

test("in events, their filter and the overview", options, async () => {
  const opened = await openConsole(browser, worker, { time: later() });
  const { page } = opened;
  await page.getByRole("heading", { level: 2, name: "Copied tokens" }).waitFor();
  await page.getByText(MARKUP).first().waitFor();
  await assertInert(opened, "Overview");
  await goTo(page, "Events");
  await page.getByRole("link", { name: SUB, exact: true }).waitFor();
  await page.getByLabel("User").fill(SUB);
  await page.getByLabel("User").press("Enter");
  await page.getByRole("table", { name: `only of ${SUB}` }).waitFor();
  assert.equal((await rowsOf(page, /only of/)).length, 1);
  await page.goto(`${worker.url}/admin/#events?kind=${encodeURIComponent(MARKUP)}`);
  await page.getByText("There is no such kind of event.").waitFor();
  await assertInert(opened, "Events");
});

test("in the blacklist", options, async () => {
  const opened = await openConsole(browser, worker, { at: "#blacklist", time: later() });
  const { page } = opened;
  await page.getByRole("row", { name: `sid:${MARKUP}` }).getByText(MARKUP).nth(2).waitFor();
  const strange = (await rowsOf(page, "Entries, by key")).find(([key]) => key === "constructor:x");
  assert.deepEqual(strange.slice(1, 4), ["Not an entry of Hallpass", "__proto__", "beyond any calendar"]);
  const form = page.locator("form", { has: page.getByRole("heading", { name: "Call back by id" }) });
  await form.getByLabel("Id of the token (jti)").fill(MARKUP);
  await form.getByLabel("User (sub)").fill(MARKUP);
  await form.getByRole("button", { name: "Call back" }).click();
  await page.getByRole("dialog").getByText(`The token ${MARKUP} of ${MARKUP} is called back.`).waitFor();
  await confirm(page, "Call back");
  await form.getByRole("status").getByText("Done").waitFor();
  await assertInert(opened, "Blacklist");
});

test("everything the console has asked here stands in the README", options, assertDocumented);
