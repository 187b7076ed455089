// The page at `/` says nothing that is not true any more, and takes the focus from nobody.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { keptBy, openDemo, press, refreshIn, registerIn, seen, send, somebody } from "../support/demo.mjs";
import { signedIn } from "../support/people.mjs";
import { bearer, request } from "../support/request.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const skip = browser.missing;

let worker;
before(async () => (worker = await startWorker()));
after(() => worker?.stop());

test("logging out everywhere where everything has ended does not say that the session goes on", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const elsewhere = await signedIn(worker, await registerIn(page));
  await request(worker, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(elsewhere.access) });
  await press(page, "Log out everywhere");
  await page.getByRole("heading", { name: "Logged out everywhere" }).waitFor();
  assert.equal(await page.locator("#signed-out-said").innerText(), "");
  page.watched.assertQuiet();
});

test("who was signed in before is not named while it is asked who is", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page, somebody({ first_name: "Alice" }));
  await press(page, "Log out here");
  await page.route("**/api/v1/users/info/", () => {});
  await send(page, "Register", somebody({ first_name: "Bob" }));
  await page.getByRole("heading", { name: "Your session", exact: true }).waitFor();
  assert.equal(await page.getByText("Alice").count(), 0);
});

test("that the sessions could not be read is not said any more once they were", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  await page.route("**/api/sessions/", (route) => route.fulfill({ status: 503, body: "{}" }));
  await refreshIn(page);
  await seen(page, "The list cannot be read: status 503.");
  await page.unroute("**/api/sessions/");
  await refreshIn(page);
  await page.waitForFunction(() => document.getElementById("sessions-said").textContent === "");
});

test("a refresh leaves the focus on the session in the list where it was", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await signedIn(worker, await registerIn(page));
  await press(page, "Read again");
  const button = page.getByRole("button", { name: "End this one" });
  await button.focus();
  const id = await button.getAttribute("id");
  const { refresh } = await keptBy(page);
  await button.evaluate((node) => (node.dataset.former = ""));
  // As the page does by itself when it is time.
  await page.evaluate(() => document.getElementById("refresh").click());
  await page.waitForFunction((former) => !localStorage.getItem("hallpass:session").includes(former), refresh);
  await page.waitForFunction(() => !document.querySelector("[data-former]"));
  assert.equal(await page.evaluate(() => document.activeElement.id), id);
});

test("how ending a session went stands above the list, however long that is", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  assert.equal(await page.locator("#sessions-said + #sessions-list").count(), 1);
});
