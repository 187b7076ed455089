// The admin console and ids that are not like others. The issuer opens no session for them, but anybody can write an address.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { openConsole } from "../support/console.mjs";
import { ADMIN_KEY } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

let worker;
before(async () => (worker = await startWorker({ vars: { ADMIN_KEY } })));
after(() => worker?.stop());

for (const sub of [".", ".."]) {
  test(`the id "${sub}", which no address can hold, asks for nothing else in its place`, options, async () => {
    const { page, watched, asked } = await openConsole(browser, worker, { at: `#users/${sub}` });
    await page.getByText(`The id “${sub}” can stand in no address`).waitFor();
    assert.equal(await page.getByRole("button", { name: "Deactivate" }).count(), 0);
    const paths = new Set(asked.map(({ path }) => path));
    assert.deepEqual(paths, new Set(["/admin/api/stats/", "/admin/api/events/", "/admin/api/users/"]));
    watched.assertQuiet();
  });
}
