// Moving about in the admin console: addresses, focus, and answers that fail or come too late.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { assertDocumented, confirm, goTo, inList, openConsole } from "../support/console.mjs";
import { ADMIN_KEY, registered } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

let worker;
let ann;
before(async () => {
  worker = await startWorker({ vars: { ADMIN_KEY } });
  ann = await registered(worker);
  await inList(worker, ann);
});
after(() => worker?.stop());

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const current = (page) => page.getByRole("navigation", { name: "Sections" }).locator("[aria-current=page]").allInnerTexts();
const hash = (page) => new URL(page.url()).hash;
const hasFocus = (locator) => locator.evaluate((node) => node === document.activeElement);

test("every section has an address, says where one is and takes the focus to its heading", options, async () => {
  const { page, watched } = await openConsole(browser, worker);
  assert.deepEqual(await current(page), ["Overview"]);
  for (const name of ["Users", "Events", "Blacklist", "Keys", "Overview"]) {
    await goTo(page, name);
    assert.equal(hash(page), `#${name.toLowerCase()}`);
    assert.deepEqual(await current(page), [name]);
    assert.equal(await page.title(), `${name} · Admin · Hallpass`);
    assert.ok(await hasFocus(heading(page, name)), `the focus in ${name}`);
  }
  await page.goBack();
  await heading(page, "Keys").waitFor();
  await page.goForward();
  await heading(page, "Overview").waitFor();
  watched.assertQuiet();
});

test("an address leads to its section after signing in, and one of nothing to the overview", options, async () => {
  const { page } = await openConsole(browser, worker, { at: `#users/${ann.sub}` });
  await heading(page, ann.email).waitFor();
  assert.deepEqual(await current(page), ["Users"]);
  assert.ok(!(await page.title()).includes(ann.email), "the history of the browser keeps titles");
  await page.getByRole("link", { name: "All users" }).click();
  await heading(page, "Users").waitFor();
  for (const nonsense of ["#nowhere", "#__proto__", "#users%20"]) {
    await page.goto(`${worker.url}/admin/${nonsense}`);
    await heading(page, "Overview").waitFor();
  }
});

test("the link to the content leaves one where one is", options, async () => {
  const { page } = await openConsole(browser, worker, { at: "#keys" });
  await page.locator(".skip").focus();
  await page.keyboard.press("Enter");
  assert.equal(hash(page), "#keys");
  assert.ok(await hasFocus(page.getByRole("main")));
});

test("without a network it says so, keeps what was there, and tries again", options, async () => {
  const { page } = await openConsole(browser, worker, { at: "#users" });
  await page.getByRole("link", { name: ann.email }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByText("No answer came from the server.").waitFor();
  assert.equal(await page.getByRole("link", { name: ann.email }).count(), 1, "what was there");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("No answer came from the server.").waitFor({ state: "detached" });
  assert.equal(await page.getByRole("link", { name: ann.email }).count(), 1);
});

const TROUBLES = [
  [500, "Something failed at the server (500)."],
  [503, "Hallpass is not ready to answer (503)"],
];
for (const [status, words] of TROUBLES) {
  test(`an answer ${status} is told in words, and tried again`, options, async () => {
    const { page, watched } = await openConsole(browser, worker);
    const answer = (route) => route.fulfill({ status, json: { detail: "internal" } });
    await page.route("**/admin/api/keys/**", answer);
    await page.getByRole("link", { name: "Keys" }).click();
    await page.getByText(words).waitFor();
    await page.unroute("**/admin/api/keys/**", answer);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("table", { name: "Keys of the ring" }).waitFor();
    watched.assertQuiet();
  });
}

test("an answer that is no JSON is no answer", options, async () => {
  const { page, watched } = await openConsole(browser, worker);
  await page.route("**/admin/api/keys/**", (route) => route.fulfill({ body: "<h1>a proxy</h1>", contentType: "text/html" }));
  await page.getByRole("link", { name: "Keys" }).click();
  await page.getByText("No answer came from the server.").waitFor();
  watched.assertQuiet();
});

test("an answer for where one is no longer changes nothing", options, async () => {
  const { page, watched } = await openConsole(browser, worker);
  const { hold, release } = held();
  await page.route(`**/admin/api/users/${ann.sub}/`, hold);
  await page.goto(`${worker.url}/admin/#users/${ann.sub}`);
  await heading(page, ann.sub).waitFor();
  await goTo(page, "Keys");
  await page.getByRole("table", { name: "Keys of the ring" }).waitFor();
  await release({ sub: ann.sub, email: "late@example.com", standing: "active", sessions: [] });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.ok(await heading(page, "Keys").isVisible());
  assert.equal(await page.getByRole("table", { name: "Keys of the ring" }).count(), 1);
  watched.assertQuiet();
});

test("what was done is told though one has gone elsewhere meanwhile", options, async () => {
  const { page, watched } = await openConsole(browser, worker, { at: "#keys" });
  const { hold, release } = held();
  await page.route("**/admin/api/keys/roll/", hold);
  await page.getByRole("button", { name: "Roll now" }).click();
  await confirm(page, "Roll");
  await goTo(page, "Users");
  await release({ detail: "internal" }, 500);
  await page.getByText("Roll: Something failed at the server (500).").waitFor();
  assert.ok(await heading(page, "Users").isVisible());
  await page.unroute("**/admin/api/keys/roll/");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Roll: The next key has not been published for long enough.").waitFor();
  assert.ok(await heading(page, "Users").isVisible());
  watched.assertQuiet();
});

test("of two searches the later one counts, though its answer comes first", options, async () => {
  const { page } = await openConsole(browser, worker, { at: "#users" });
  await page.getByRole("link", { name: ann.email }).waitFor();
  const { hold, release } = held();
  await page.route("**/admin/api/users/?query=nobody*", hold);
  const search = page.getByLabel("Search");
  const asked = page.waitForRequest("**/admin/api/users/?query=nobody*");
  await search.fill("nobody-");
  await asked;
  await search.fill(ann.email);
  await page.waitForResponse((response) => response.url().includes(encodeURIComponent(ann.email)));
  await release({ users: [], cursor: null });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(await page.getByRole("link", { name: ann.email }).count(), 1);
});

test("everything the console has asked here stands in the README", options, assertDocumented);

/** Keeps requests waiting until they are answered. */
function held() {
  const routes = [];
  return {
    hold: (route) => routes.push(route),
    release: (json, status) => Promise.all(routes.map((route) => route.fulfill({ status, json }).catch(() => "given up by the page"))),
  };
}
