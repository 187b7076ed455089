// The simulated world (tests/simulation): many histories, each by its own seed.

import { run } from "./child.mjs";

const PROGRAM = ["run", "--quiet", "--locked", "-p", "hallpass-simulation", "--"];

/** Runs so many histories, or steps, and prints what was done; whether every invariant held. */
export async function simulate({ histories, steps, seed = 1 }) {
  const asked = Object.entries({ histories, steps, seed }).filter(([, value]) => value !== undefined);
  const code = await run("cargo", [...PROGRAM, ...asked.flatMap(([name, value]) => [`--${name}`, String(value)])]);
  return code === 0;
}
