// `npm run prove:faults`: the test that kills workerd under load, with two hundred kills instead of the
// dozen of `npm test`. KILLS and SEED in the environment say otherwise.

import { buildWorker } from "./build.mjs";
import { run, Stop } from "./child.mjs";
import { wranglerNode } from "./packages.mjs";
import { setUp } from "./setup.mjs";
import { WRANGLER_ENV } from "./wrangler.mjs";

const HOUR = 60 * 60 * 1000;
const ARGS = ["--test", `--test-timeout=${HOUR}`, "--test-reporter=spec", "tests/faults/killed.test.mjs"];

try {
  await buildWorker("build", await setUp());
  process.exitCode = await run(wranglerNode(), ARGS, { env: { ...WRANGLER_ENV, KILLS: process.env.KILLS ?? "200" } });
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
