// The page at `/` before a session is open: who comes in, who does not, and what is told them.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { focused, happened, openDemo, opened, press, registerIn, seen, send, somebody, tabTo } from "../support/demo.mjs";
import { registered } from "../support/people.mjs";
import { assertSmallFirstLoad, look, watch } from "../support/pages.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const skip = browser.missing;

let worker;
before(async () => (worker = await startWorker()));
after(() => worker?.stop());

const form = (page, name) => page.getByRole("form", { name });

test("the first load is small, and looks as it should", { skip }, async () => {
  const page = await browser.newPage();
  const watched = watch(page);
  await assertSmallFirstLoad(page, worker.url);
  await form(page, "Register").waitFor();
  await look(page, "demo-signed-out");
  watched.assertQuiet();
});

test("who registers has a session, and their passwords do not stay in the page", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await form(page, "Sign in").getByLabel("Password").fill("typed into the wrong form");
  const { email } = await registerIn(page, somebody({ first_name: "Ann", last_name: "Lee" }));
  await seen(page, `Signed in as Ann Lee, ${email}.`);
  await happened(page, "POST /api/v1/users/registration/").filter({ hasText: "201" }).waitFor();
  const typed = await page.$$eval("input", (inputs) => inputs.map(({ value }) => value).join(""));
  assert.equal(typed, "");
  page.watched.assertQuiet();
});

test("by keys alone one registers, logs out and signs in, and the focus goes along", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const { email, password } = somebody();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "To the content");
  await page.keyboard.press("Enter");
  await tabTo(page, form(page, "Register").getByLabel("E-mail"));
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await opened(page);
  assert.equal(await focused(page), "Your session");

  await tabTo(page, page.getByRole("button", { name: "Log out here" }));
  await page.keyboard.press("Enter");
  await seen(page, "Logged out. The access token would have been good for another");
  assert.equal(await focused(page), "Open a session");

  await tabTo(page, form(page, "Sign in").getByLabel("E-mail"));
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await opened(page);
  assert.equal(await focused(page), "Your session");
  page.watched.assertQuiet();
});

test("a session is there again after a reload, and the focus is left alone", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const { email } = await registerIn(page);
  await page.reload();
  await opened(page);
  await seen(page, `Signed in as ${email}.`);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "BODY");
});

test("a wrong password is told, and which of the two is wrong is not", { skip }, async () => {
  const { email } = await registered(worker);
  const page = await openDemo(browser, worker);
  await send(page, "Sign in", { email, password: "not the right one" });
  await seen(form(page, "Sign in").getByRole("alert"), "No active account found with the given credentials");
  await happened(page, "POST /api/token/").filter({ hasText: "401" }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Your session", exact: true }).count(), 0);
  page.watched.assertQuiet();
});

test("what is wrong with a field stands at the field, which gets the focus", { skip }, async () => {
  const { email } = await registered(worker);
  const page = await openDemo(browser, worker);
  const place = form(page, "Register");
  await send(page, "Register", somebody({ password: "short" }));
  await seen(place, "Ensure this field has at least 8 characters.");
  assert.equal(await place.getByLabel("Password").getAttribute("aria-invalid"), "true");
  assert.equal(await place.getByLabel("E-mail").getAttribute("aria-invalid"), null);
  await assertFocused(place.getByLabel("Password"));

  await send(page, "Register", { email, password: "long enough now" });
  await seen(place, "user with this email already exists.");
  assert.equal(await place.getByLabel("Password").getAttribute("aria-invalid"), null);
  await assertFocused(place.getByLabel("E-mail"));
  await look(page, "demo-refused");

  await press(form(page, "Sign in"), "Sign in");
  await form(page, "Sign in").getByText("This field may not be blank.").nth(1).waitFor();
  page.watched.assertQuiet();
});

const assertFocused = async (locator) => assert.ok(await locator.evaluate((element) => element === document.activeElement));

test("an issuer that does not answer is told, and nothing is claimed to have happened", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await page.route("**/api/token/", (route) => route.abort());
  await send(page, "Sign in", somebody());
  await seen(form(page, "Sign in").getByRole("alert"), "No sensible answer came from the issuer.");
  await happened(page, "POST /api/token/").filter({ hasText: "no answer" }).waitFor();
});

test("a Worker without accounts of its own says so, and has no forms", { skip }, async (t) => {
  const other = await startWorker({ vars: { ACCOUNTS: "false" } });
  t.after(() => other.stop());
  const page = await openDemo(browser, other);
  await seen(page, "This Worker has no accounts of its own (ACCOUNTS=false)");
  await look(page, "demo-no-accounts");
  assert.equal(await page.getByRole("form").count(), 0);
  page.watched.assertQuiet();
});

test("whatever the field of the address is called, one can register and sign in", { skip }, async (t) => {
  const other = await startWorker({ vars: { USERNAME_FIELD: "login" } });
  t.after(() => other.stop());
  const page = await openDemo(browser, other);
  await send(page, "Register", { email: "nobody", password: "long enough" });
  await seen(form(page, "Register"), "Enter a valid email address.");
  const { email, password } = await registerIn(page);
  await press(page, "Log out here");
  await send(page, "Sign in", { email, password });
  await opened(page);
  page.watched.assertQuiet();
});

test("what is wrong with a field that the form has not is told as well", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const json = { invitation: ["This field is required.", "<b>Ask</b> for one."] };
  await page.route("**/api/v1/users/registration/", (route) => route.fulfill({ status: 400, json }));
  await send(page, "Register", somebody());
  await seen(form(page, "Register").getByRole("alert"), "invitation: This field is required. <b>Ask</b> for one.");
  page.watched.assertQuiet();
});

test("a Worker that is not set up says so, and offers nothing that could not work", { skip }, async (t) => {
  const unusable = await startWorker({ without: ["BLACKLIST"] });
  t.after(() => unusable.stop());
  const page = await browser.newPage();
  const watched = watch(page);
  await page.goto(unusable.url);
  await seen(page, "Not set up: it answers 503.");
  assert.equal(await page.getByRole("form").count(), 0);
  await page.getByText("The same by curl").waitFor();
  watched.assertQuiet();
});

test("without JavaScript the page says what it is, and shows the commands", { skip }, async () => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(worker.url);
  assert.match(await page.locator("noscript p:visible").textContent(), /JavaScript is switched off here/);
  await seen(page, "are refreshed exactly once and can be called back");
  assert.equal(await page.locator("pre:visible").count(), 3);
  assert.equal(await page.getByRole("form").count(), 0);
});

test("the commands are this Worker's, and can be copied", { skip }, async (t) => {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  t.after(() => context.close());
  const page = await openDemo(context, worker);
  await page.getByText("The same by curl").click();
  await press(page, "Copy the command: Refresh");
  await seen(page.getByRole("status"), "Copied: the command: Refresh");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `curl ${new URL(worker.url).origin}/api/token/refresh/ \\\n  -d refresh="$REFRESH"`);
  page.watched.assertQuiet();
});
