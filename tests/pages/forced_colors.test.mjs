// With the reader's own colours (high contrast) what is chosen can still be told from what is not.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { openConsole } from "../support/console.mjs";
import { ADMIN_KEY } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();

let worker;
before(async () => (worker = await startWorker({ vars: { ADMIN_KEY } })));
after(() => worker?.stop());

test("the chosen period and the present page look chosen in high contrast", { skip: browser.missing }, async () => {
  const { page } = await openConsole(browser, worker);
  await page.emulateMedia({ forcedColors: "active" });
  const ground = (label) => page.getByText(label, { exact: true }).evaluate((node) => getComputedStyle(node).backgroundColor);
  assert.notEqual(await ground("30 days"), await ground("7 days"));
  const line = (name) => page.getByRole("link", { name, exact: true }).evaluate((node) => getComputedStyle(node).textDecorationLine);
  assert.deepEqual([await line("Admin"), await line("Demo")], ["underline", "none"]);
});
