// `npm run prove`: ten million steps of the simulated world, from a seed that is new every day, and
// every mutation. `npm run prove -- --seed 7` proves from that seed, `-- --steps 1000` so many steps.

import { Stop } from "./child.mjs";
import { mutants } from "./mutants.mjs";
import { simulate } from "./simulation.mjs";
import { step, summary } from "./steps.mjs";

const STEPS = 10_000_000;
/** Apart from the seeds of `npm test`, and of the day before. */
const TODAY = 1_000_000 * Math.floor(Date.now() / 86_400_000);

function asked(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

try {
  const steps = asked("--steps", STEPS);
  const seed = asked("--seed", TODAY);
  const held = await step(`${steps} steps of the simulated world`, () => simulate({ steps, seed }));
  const noticed = await step("mutations", async () => (await mutants()).failed === 0);
  console.log(`\n${summary()}\n`);
  if (!held || !noticed) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
