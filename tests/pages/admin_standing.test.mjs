// Keeping a user out, letting one in again and deleting one for good, in the admin console.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { assertDocumented, confirm, openConsole } from "../support/console.mjs";
import { look } from "../support/pages.mjs";
import { admin, ADMIN_KEY, info, login, registered } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

let worker;
before(async () => (worker = await startWorker({ vars: { ADMIN_KEY } })));
after(() => worker?.stop());

const ofUser = (sub) => `#users/${encodeURIComponent(sub)}`;
const standing = async (sub) => (await admin(worker, "GET", `users/${encodeURIComponent(sub)}/`)).json.standing;
const badge = (page, words) => page.locator(".badge").getByText(words, { exact: true }).waitFor();
const press = (page, name) => page.getByRole("main").getByRole("button", { name, exact: true }).click();

test("a user is deactivated and reactivated, each when asked twice", options, async () => {
  const ann = await registered(worker);
  const { page, watched, asked } = await openConsole(browser, worker, { at: ofUser(ann.sub) });
  await press(page, "Deactivate");
  await page.getByRole("dialog", { name: "Deactivate this user?" }).waitFor();
  await confirm(page, "Cancel");
  assert.ok(asked.every(({ method }) => method === "GET"), "nothing is done by asking");
  await press(page, "Deactivate");
  await confirm(page, "Deactivate");
  await page.getByText("Deactivated. All sessions have ended.").waitFor();
  await badge(page, "deactivated");
  assert.equal(await standing(ann.sub), "deactivated");
  assert.equal((await login(worker, ann)).status, 401);
  await page.waitForFunction(() => document.activeElement?.localName === "h1");
  await press(page, "Reactivate");
  await confirm(page, "Reactivate");
  await badge(page, "active");
  assert.equal((await login(worker, ann)).status, 200);
  assert.equal((await info(worker, ann.access)).status, 401, "nothing of before lives again");
  watched.assertQuiet();
});

test("deleting asks for the e-mail address or the id to be typed", options, async () => {
  const ann = await registered(worker);
  const { page, watched } = await openConsole(browser, worker, { at: ofUser(ann.sub) });
  await press(page, "Delete for good");
  const dialog = page.getByRole("dialog", { name: "Delete this user for good?" });
  const yes = dialog.getByRole("button", { name: "Delete for good" });
  const field = dialog.getByRole("textbox");
  assert.ok(await field.evaluate((node) => node === document.activeElement));
  assert.ok(await yes.isDisabled());
  await field.fill(`${ann.email}x`);
  await field.press("Enter");
  assert.ok((await yes.isDisabled()) && (await dialog.isVisible()), "it has to be the whole of it");
  await field.fill(ann.email);
  await look(page, "admin-dialog");
  await yes.click();
  await page.getByText("Deleted for good.", { exact: true }).waitFor();
  await page.getByRole("heading", { level: 1, name: ann.sub }).waitFor();
  await badge(page, "deleted");
  assert.equal(await standing(ann.sub), "deleted");
  assert.equal(await page.getByText(ann.email).count(), 0, "nothing says who it was");
  for (const name of ["Deactivate", "Reactivate", "Delete for good", "End all"]) {
    assert.equal(await page.getByRole("button", { name, exact: true }).count(), 0, name);
  }
  watched.assertQuiet();
});

test("the id will do as well, and a reload of the page asks for the key", options, async () => {
  const ann = await registered(worker);
  const { page } = await openConsole(browser, worker, { at: ofUser(ann.sub) });
  await press(page, "Delete for good");
  await page.getByRole("dialog").getByRole("textbox").fill(ann.sub);
  await confirm(page, "Delete for good");
  await badge(page, "deleted");
  assert.equal(await standing(ann.sub), "deleted");
  await page.reload();
  await page.getByLabel("Admin key").waitFor();
});

test("whoever was deleted meanwhile is not deactivated, and it says why", options, async () => {
  const ann = await registered(worker);
  const { page } = await openConsole(browser, worker, { at: ofUser(ann.sub) });
  await press(page, "Deactivate");
  await admin(worker, "DELETE", `users/${ann.sub}/`);
  await confirm(page, "Deactivate");
  await page.getByText("This user was deleted.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0, "it would be the same again");
});

test("somebody who is not known here yet can be kept out", options, async () => {
  const sub = "auth0|5f7c/8ec7 ü?#";
  const { page, watched } = await openConsole(browser, worker, { at: ofUser(sub) });
  await page.getByText("Nothing is known of this id.").waitFor();
  await press(page, "Deactivate");
  await confirm(page, "Deactivate");
  await badge(page, "deactivated");
  assert.equal(await standing(sub), "deactivated");
  watched.assertQuiet();
});

test("everything the console has asked here stands in the README", options, assertDocumented);
