// The page at `/` where a code is asked for as well as the password, on a laptop that shows its mail.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { happened, openDemo, opened, press, seen, send } from "../support/demo.mjs";
import { look } from "../support/pages.mjs";
import { registered } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const skip = browser.missing;

let worker;
before(async () => (worker = await startWorker({ vars: { SECOND_FACTOR: "required" } })));
after(() => worker?.stop());

test("who signs in is asked for a code, finds it in the mail that nobody sends, and has a session", { skip }, async () => {
  const { email, password } = await registered(worker);
  const page = await openDemo(browser, worker);
  const form = page.getByRole("form", { name: "Second factor" });
  assert.equal(await form.count(), 0, "before it is asked for");
  await send(page, "Sign in", { email, password });
  await form.waitFor();
  await seen(page, `To ${email}:`);
  assert.equal(await page.getByLabel("Password").last().inputValue(), "", "the password does not stay");
  await look(page, "demo-second-factor");

  const code = await page.locator("#mails-list code").first().textContent();
  assert.match(code, /^\d{6}$/);
  const wrong = code === "000000" ? "000001" : "000000";
  await form.getByLabel("Code").fill(wrong);
  await press(form, "Send the code");
  await seen(form, "The code is another one.");
  await form.getByLabel("Code").fill("12");
  await press(form, "Send the code");
  await seen(form, "A code has six digits.");
  await form.getByLabel("Code").fill(code);
  await press(form, "Send the code");
  await opened(page);
  await seen(page, `Signed in as Ann Lee, ${email}.`);
  await happened(page, "POST /api/token/otp/").filter({ hasText: "200" }).waitFor();
  page.watched.assertQuiet();
});
