// What only the build with injected faults can do: see crates/issuer/src/faults.rs.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "./request.mjs";
import { startWorker } from "./worker.mjs";

export const startFaultyWorker = (options = {}) => startWorker({ ...options, build: "build-faults" });

/** From now on this goes wrong and nothing else; the counters start at 0. */
export async function plan(worker, faults = {}) {
  const { status, text } = await request(worker, "POST", "/__faults/", { json: faults });
  assert.equal(status, 200, text);
}

/** The work done since the last plan. */
export async function counted(worker) {
  return (await request(worker, "GET", "/__faults/")).json;
}

/** The counters once `reached(counters)` is so, and no write to KV is under way. */
export const countedOnce = (worker, reached, within = 10_000) =>
  eventually(async () => {
    const counters = await counted(worker);
    return counters.puts_under_way === 0 && reached(counters) ? counters : undefined;
  }, within);

/** What `look` finds, once it finds something. */
export async function eventually(look, within = 10_000) {
  const patience = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > patience) throw new Error(`not within ${within} ms: ${look}`);
    await sleep(25);
  }
}
