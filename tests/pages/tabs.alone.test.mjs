// Many tabs, one session, tokens of three seconds. Alone, for a machine that is busy otherwise is late for those.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { INFO, openTab, REFRESH } from "../support/tabs.mjs";
import { startWorker } from "../support/worker.mjs";

const ROTATIONS = 100;

const browser = openBrowser();
let worker;
before(async () => {
  if (!browser.missing) worker = await startWorker({ vars: { ACCESS_TOKEN_LIFETIME: "3" } });
});
after(() => worker?.stop());

/** In a tab: uses the session every now and then until it has seen so many pairs. */
async function use(pairs) {
  const seen = new Set();
  const statuses = new Set();
  while (seen.size < pairs && session.state === "signed_in") {
    statuses.add((await session.fetch("/api/v1/users/info/")).status);
    seen.add(session.claims.jti);
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 300));
  }
  return { statuses: [...statuses], state: session.state };
}

async function together(count) {
  const context = await browser.newContext();
  const tabs = [await openTab(context, worker)];
  await tabs[0].register(`tabs-${count}@example.com`);
  while (tabs.length < count) tabs.push(await openTab(context, worker));
  const outcomes = await Promise.all(tabs.map(({ page }) => page.evaluate(use, ROTATIONS + 1)));
  const refreshes = (await Promise.all(tabs.map((tab) => tab.asked(REFRESH)))).flat();
  const uses = (await Promise.all(tabs.map((tab) => tab.asked(INFO)))).flat();
  await context.close();
  return { count, outcomes, refreshes, uses };
}

test("two tabs and eight tabs refresh a hundred times together, once each time, and none is ever refused", { skip: browser.missing }, async (t) => {
  for (const { count, outcomes, refreshes, uses } of await Promise.all([2, 8].map(together))) {
    const refused = refreshes.filter(({ status }) => status !== 200).length;
    const least = Math.min(...uses.map(({ bearer }) => bearer));
    t.diagnostic(`${count} tabs: ${refreshes.length} refreshes, ${refused} refused; ${uses.length} uses with ${least.toFixed(2)} s left at least`);
    for (const outcome of outcomes) assert.deepEqual(outcome, { statuses: [200], state: "signed_in" });
    assert.ok(refreshes.length >= ROTATIONS, `${refreshes.length} rotations`);
    assert.equal(refused, 0, "each rotation is asked for once");
    assert.ok(least > 0, `a token was sent ${-least} seconds after its end`);
  }
});
