// The admin console and ids that are not like others.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { CLIENTS, openSession } from "../support/clients.mjs";
import { openConsole } from "../support/console.mjs";
import { ADMIN_KEY } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

let worker;
before(async () => (worker = await startWorker({ vars: { ADMIN_KEY, CLIENTS } })));
after(() => worker?.stop());

for (const sub of [".", ".."]) {
  test(`the id "${sub}", which no address can hold, asks for nothing else in its place`, options, async () => {
    await openSession(worker, sub);
    const { page, watched, asked } = await openConsole(browser, worker, { at: `#users/${sub}` });
    await page.getByText(`The id “${sub}” can stand in no address`).waitFor();
    assert.equal(await page.getByRole("button", { name: "Deactivate" }).count(), 0);
    const paths = new Set(asked.map(({ path }) => path));
    assert.deepEqual(paths, new Set(["/admin/api/stats/", "/admin/api/events/", "/admin/api/users/"]));
    watched.assertQuiet();
  });
}
