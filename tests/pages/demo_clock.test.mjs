// The page at `/` on a machine whose clock is wrong: all that it says of times goes by the issuer's.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { registerIn, seen } from "../support/demo.mjs";
import { watch } from "../support/pages.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const DAY = 86_400_000;

let worker;
before(async () => (worker = await startWorker()));
after(() => worker?.stop());

for (const wrong of [-2 * DAY, 2 * DAY]) {
  test(`with a clock ${wrong / DAY} days off a good token is told and verified as one`, { skip: browser.missing }, async () => {
    const page = await browser.newPage();
    const watched = watch(page);
    await page.clock.install({ time: Date.now() + wrong });
    await page.goto(worker.url);
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    await registerIn(page);
    await page.clock.runFor(2000);
    const claims = await page.getByRole("table", { name: "Claims of the access token" }).innerText();
    assert.match(claims, /, in \d+ (?:minutes|seconds)/);
    assert.doesNotMatch(claims, /days|hours/);
    assert.match(await page.locator("#sessions-list").innerText(), /opened (?:now|\d+ seconds ago), .* ends in 24 hours unless refreshed/s);
    await page.getByRole("button", { name: "Verify the access token" }).click();
    await seen(page, "Verified: the published key");
    watched.assertQuiet();
  });
}
