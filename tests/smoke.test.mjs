// `npm start` as a newcomer types it: through wrangler, with arguments passed on, ended by Ctrl-C.

import assert from "node:assert/strict";
import test from "node:test";
import { alive, descendants, freePort, printed, startProcess } from "./support/process.mjs";
import { request } from "./support/request.mjs";
import { temporaryFolder } from "./support/worker.mjs";

// The build is up to date by now; what remains is wrangler's own start on a busy machine.
const UP_WITHIN = 60_000;
const GONE_WITHIN = 10_000;

const ENDS = {
  // As a terminal does it: to everyone in the foreground.
  "by Ctrl-C": (npm) => process.kill(-npm.pid, "SIGINT"),
  "when npm alone is terminated": (npm) => npm.kill("SIGTERM"),
  "when npm alone is killed": (npm) => npm.kill("SIGKILL"),
};

for (const [way, end] of Object.entries(ENDS)) {
  test(`npm start serves with the arguments given and leaves no process behind, ended ${way}`, async () => {
    const port = await freePort();
    const args = ["start", "--", "--port", String(port), "--persist-to", temporaryFolder()];
    const npm = startProcess("npm", args);

    await printed(npm, /Ready on http:\/\/localhost:/, UP_WITHIN);
    const { status } = await request(`http://localhost:${port}`, "GET", "/healthz");
    assert.equal(status, 200, npm.output);
    const family = descendants(npm.child.pid);
    assert.ok(family.length >= 3, "npm, wrangler and workerd at least");

    end(npm.child);
    await npm.ended;
    const patience = Date.now() + GONE_WITHIN;
    while (family.some(alive) && Date.now() < patience) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(family.filter(alive), [], npm.output);
  });
}
