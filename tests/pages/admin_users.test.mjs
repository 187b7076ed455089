// Users in the admin console: found, shown, and what is done about their sessions.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { CLIENTS, openSession } from "../support/clients.mjs";
import { assertDocumented, confirm, goTo, inList, openConsole, rowsOf } from "../support/console.mjs";
import { look } from "../support/pages.mjs";
import { ADMIN_KEY, events, info, login, refresh, registered, signedIn } from "../support/people.mjs";
import { decodeToken } from "../support/token.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

let worker;
before(async () => (worker = await startWorker({ vars: { ADMIN_KEY, CLIENTS } })));
after(() => worker?.stop());

const ofUser = ({ sub }) => `#users/${encodeURIComponent(sub)}`;
const sessionRows = (page) => rowsOf(page, /live, each with/);
const said = (page, words) => page.getByRole("status").getByText(words, { exact: true }).waitFor();
const hasFocus = (locator) => locator.evaluate((node) => node === document.activeElement);

test("a search goes out once typing pauses, by the beginning of the e-mail or the id", options, async () => {
  const tag = randomUUID().slice(0, 8);
  const people = [];
  for (const name of ["one", "two"]) people.push(await registered(worker, { email: `${tag}-${name}@example.com` }));
  for (const one of people) await inList(worker, one);
  const { page, watched, asked } = await openConsole(browser, worker, { at: "#users" });
  await page.getByRole("table", { name: "Users" }).waitFor();
  const before = asked.length;
  await page.getByLabel("Search").pressSequentially(`${tag.toUpperCase()}-t`, { delay: 5 });
  await page.getByRole("link", { name: people[0].email }).waitFor({ state: "detached" });
  const [found] = await rowsOf(page, "Users, by id");
  assert.deepEqual(found.slice(0, 3), [people[1].email, "Ann Lee", "active"]);
  assert.equal(asked.length - before, 1, "one request for many keys");
  await page.getByLabel("Search").fill(people[0].sub.slice(0, 20));
  await page.getByRole("link", { name: people[0].email }).waitFor();
  await page.getByRole("link", { name: people[0].email }).click();
  await page.getByRole("heading", { level: 1, name: people[0].email }).waitFor();
  await page.goBack();
  assert.equal(await page.getByLabel("Search").inputValue(), people[0].sub.slice(0, 20), "what was looked for is still there");
  await page.getByLabel("Search").fill("nobody-at-all");
  await page.getByText("Nobody’s e-mail or id begins with “nobody-at-all”").waitFor();
  watched.assertQuiet();
});

test("a token is not searched for, since it would stand in an address", options, async () => {
  const { access } = await registered(worker);
  const { page, asked } = await openConsole(browser, worker, { at: "#users" });
  await page.getByLabel("Search").fill(access);
  await page.getByText("This looks like a token").waitFor();
  assert.equal(asked.filter(({ search }) => search.includes("eyJ")).length, 0);
});

test("more than a page of users comes page by page", options, async () => {
  const subs = Array.from({ length: 60 }, (_, index) => `paged/${String(index).padStart(2, "0")} ü`);
  for (const sub of subs) await openSession(worker, sub);
  for (const sub of subs) await inList(worker, { sub });
  const { page } = await openConsole(browser, worker, { at: "#users" });
  const found = page.waitForResponse("**/admin/api/users/?query=paged*");
  await page.getByLabel("Search").fill("paged/");
  await found;
  await page.getByRole("row", { name: subs[0] }).waitFor();
  await page.getByText("50 shown, there are more.").waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByText("60 shown, that is all.").waitFor();
  const shown = await rowsOf(page, "Users, by id");
  assert.deepEqual(shown.map(([sub]) => sub), subs);
  assert.equal(await page.getByRole("button", { name: "More" }).isVisible(), false);
  assert.notEqual(await page.evaluate(() => document.activeElement.localName), "body", "the focus is not lost");
  await page.getByRole("link", { name: subs[59] }).click();
  await page.getByRole("heading", { level: 1, name: subs[59] }).waitFor();
  await page.getByRole("row", { name: /refresh 0{8}/ }).waitFor();
});

test("a user's page has the profile, the live sessions with their outstanding tokens, and the events", options, async () => {
  const ann = await registered(worker, { headers: { "user-agent": "Ann's laptop" } });
  const second = await signedIn(worker, ann, { "user-agent": "Ann's phone" });
  const { json: next } = await refresh(worker, second.refresh);
  await events(worker, ann.sub, 2);
  const { page, watched } = await openConsole(browser, worker, { at: ofUser(ann) });
  await page.getByRole("heading", { level: 1, name: ann.email }).waitFor();
  for (const text of ["Ann Lee", ann.sub, "active"]) await page.getByText(text, { exact: true }).first().waitFor();
  const rows = await sessionRows(page);
  const row = rows.find(([client]) => client === "Ann's phone");
  assert.match(row[4], new RegExp(`refresh\\s+${decodeToken(next.refresh).payload.jti}`));
  assert.equal(rows.length, 2);
  await page.getByRole("table", { name: "Events of this user" }).waitFor();
  const told = await rowsOf(page, /Events of this user/);
  assert.deepEqual(told.map((cells) => cells[1]), ["Signed in", "Signed in"]);
  await look(page, "admin-user");
  watched.assertQuiet();
});

test("one session is ended by the keyboard alone", options, async () => {
  const ann = await registered(worker, { headers: { "user-agent": "laptop" } });
  const phone = await signedIn(worker, ann, { "user-agent": "phone" });
  const { page, watched } = await openConsole(browser, worker, { at: ofUser(ann) });
  const end = page.getByRole("button", { name: /^End the session of phone/ });
  await end.waitFor();
  for (let pressed = 0; pressed < 60 && !(await hasFocus(end)); pressed += 1) await page.keyboard.press("Tab");
  assert.ok(await hasFocus(end), "the tab key reaches it");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "End this session?" }).waitFor();
  await page.keyboard.press("Escape");
  assert.ok(await hasFocus(end), "after a no one is where one was");
  await page.keyboard.press("Enter");
  assert.ok(await hasFocus(page.getByRole("button", { name: "Cancel" })), "no is the first thing to press");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await said(page, "The session has ended.");
  await end.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.id === "sessions");
  assert.deepEqual((await sessionRows(page)).map(([client]) => client), ["laptop"]);
  assert.equal((await info(worker, phone.access)).status, 401);
  assert.equal((await info(worker, ann.access)).status, 200);
  watched.assertQuiet();
});

test("a session that had ended meanwhile is no failure", options, async () => {
  const ann = await registered(worker, { headers: { "user-agent": "laptop" } });
  const { page } = await openConsole(browser, worker, { at: ofUser(ann) });
  const end = page.getByRole("button", { name: /^End the session of laptop/ });
  await end.click();
  await refresh(worker, (await refresh(worker, ann.refresh)).json.refresh);
  await page.request.delete(`${worker.url}/admin/api/users/${ann.sub}/sessions/`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  await confirm(page, "End the session");
  await said(page, "That session had ended already.");
  await page.getByText("No session is live.").waitFor();
});

test("all sessions are ended at once", options, async () => {
  const ann = await registered(worker);
  const second = await signedIn(worker, ann);
  const { page } = await openConsole(browser, worker, { at: ofUser(ann) });
  await page.getByRole("button", { name: "End all" }).click();
  await confirm(page, "End all sessions");
  await page.getByText("No session is live.").waitFor();
  for (const { access } of [ann, second]) assert.equal((await info(worker, access)).status, 401);
  assert.equal((await login(worker, ann)).status, 200);
});

test("what an administrator did not get an answer to can be tried again", options, async () => {
  const ann = await registered(worker);
  const { page } = await openConsole(browser, worker, { at: ofUser(ann) });
  await page.getByRole("button", { name: "End all" }).click();
  await page.context().setOffline(true);
  await confirm(page, "End all sessions");
  await page.getByText("it is not known whether this was done").waitFor();
  assert.equal((await info(worker, ann.access)).status, 200);
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await said(page, "All sessions have ended, and everything issued so far is called back.");
  assert.equal((await info(worker, ann.access)).status, 401);
});

test("the list of users is usable by everybody", options, async () => {
  const { page, watched } = await openConsole(browser, worker);
  await goTo(page, "Users");
  await page.getByRole("table", { name: "Users" }).waitFor();
  await look(page, "admin-users");
  watched.assertQuiet();
});

test("everything the console has asked here stands in the README", options, assertDocumented);
