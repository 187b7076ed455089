// How many requests, of which seed: HALLPASS_FUZZ_RUNS and HALLPASS_SEED, as for the targets in Rust, which get ten inputs for one
// request of ours.

import { seedOf } from "../support/random.mjs";

const USUAL_SEED = 0x4a11_9a55;
const USUAL_RUNS = 20_000;

export function settings(env = process.env) {
  const runs = Number(env.HALLPASS_FUZZ_RUNS ?? USUAL_RUNS);
  return { seed: seedOf(USUAL_SEED, env), requests: Math.ceil(runs / 10) };
}
