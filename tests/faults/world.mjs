// A Worker, its users and their history; and how both end.

import assert from "node:assert/strict";
import { ADMIN_KEY } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";
import { assertNotOvertold, askAboutAll, exchangeAll, untilTold } from "./audit.mjs";
import { register } from "./deeds.mjs";
import { History } from "./history.mjs";
import { chosenSeed, Random } from "./random.mjs";

// No token and no entry of KV expires before the longest run has ended, and nobody waits after wrong passwords.
const VARS = { ADMIN_KEY, ACCESS_TOKEN_LIFETIME: "86400", LOGIN_ATTEMPTS: "1000" };

/**
 * A Worker with so many users. The seed is printed. With `mayFail` it may answer 5xx until that is taken
 * back; for `failedIsNothing` see the history.
 */
export async function startWorld(t, { users, failedIsNothing, mayFail = false, start = startWorker }) {
  const seed = chosenSeed();
  t.diagnostic(`seed ${seed}: SEED=${seed} repeats what is chosen`);
  const worker = await start({ vars: VARS });
  const world = { worker, random: new Random(seed), history: new History({ failedIsNothing }), mayFail: false, dying: false };
  t.after(() => world.worker.stop());
  await Promise.all(Array.from({ length: users }, (_, nth) => register(world, nth)));
  world.mayFail = mayFail;
  return world;
}

/** SIGKILL to the Worker in the middle of what its clients do. */
export async function kill(world) {
  world.dying = true;
  await world.worker.kill();
}

/** Again on the same state, when nobody asks any more. */
export async function restart(world) {
  world.history.died();
  world.worker = await world.worker.restart();
  world.dying = false;
}

/** What has to be so in the end, of every token there ever was. */
export async function settleAccounts(world) {
  const { history } = world;
  await untilTold(world);
  const since = history.tick();
  await askAboutAll(world);
  await untilTold(world);
  await assertNotOvertold(world, since);
  await exchangeAll(world);
}

/** Prints the figures, and fails with whatever was violated. */
export function report(t, { history }) {
  const figures = { ...history.figures, sessions: history.sessions().length, tokens: history.tokens().length };
  for (const kind of ["lost", "resurrected", "two successors", "missing in KV", "unexpected"]) {
    figures[kind] = history.violations.filter((one) => one.kind === kind).length;
  }
  t.diagnostic(listed(figures));
  t.diagnostic(`done: ${listed(history.done)}`);
  assert.deepEqual(history.violations.slice(0, 20), []);
}

const listed = (figures) => Object.entries(figures).map(([name, figure]) => `${name} ${figure}`).join(", ");
