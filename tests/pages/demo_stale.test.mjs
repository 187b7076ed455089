// The page at `/` says nothing that is not true any more, and takes the focus from nobody.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { openDemo, press, registerIn, send, somebody } from "../support/demo.mjs";
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
