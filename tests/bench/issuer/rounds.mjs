// The rounds: in each, every side has its turn with every operation, one after the other, so that what slows the machine down for a
// while slows all of them. Every second round goes the other way round: who comes after whom must not matter.

import { setTimeout as sleep } from "node:timers/promises";
import { cpuOf } from "./cpu.mjs";
import { DJANGO } from "./django.mjs";

/** What every side can do, and over whom it is done. */
const QUICK_OPERATIONS = [
  { operation: "open" },
  { operation: "strict", group: "accounts" },
  { operation: "check", group: "accounts" },
  { operation: "introspect", group: "accounts" },
  { operation: "jwks", group: "accounts" },
  { operation: "hello", group: "accounts" },
];

export const FIRST_LOOK = "check, first look";
/** Sides that do nothing but one operation, and that without looking at anybody. */
const FLOORS = { hello: "hello", hop: "strict" };
export const isWorker = ({ name }) => name !== DJANGO && !FLOORS[name];

const can = (side, operation) => {
  if (FLOORS[side.name]) return operation === FLOORS[side.name];
  if (side.name === DJANGO) return ["strict", "refresh", "login"].includes(operation);
  return true;
};

/** Gives every side its people. */
export async function settle(sides, generator, { people, accounts }) {
  for (const side of sides) {
    await generator.add(side, side.people && { accounts: side.people.slice(0, accounts), chains: side.people });
    if (FLOORS[side.name]) await generator.invent(side.name, "accounts", { count: accounts });
    if (!isWorker(side)) continue;
    const makes = side.name.startsWith("Hallpass") ? "register" : "open";
    await generator.fill(side.name, "accounts", makes, { count: accounts, accounts: true });
    await generator.fill(side.name, "chains", "open", { count: people });
  }
}

/** Windows by operation and side: `results[operation][side]` is a list, one for each round. */
export async function measureAll(sides, generator, effort, progress) {
  const results = {};
  const note = (operation, side, window) => ((results[operation] ??= {})[side.name] ??= []).push(window);
  const about = { sides, generator, effort, note };
  progress("warming up");
  await quickRound({ ...about, note: () => {}, effort: { ...effort, window: effort.warmUp } });
  await refreshes({ ...about, note: () => {}, effort: { ...effort, window: effort.warmUp } });
  for (let round = 1; round <= effort.rounds; round += 1) {
    progress(`round ${round} of ${effort.rounds}`);
    const turns = { ...about, sides: round % 2 === 1 ? sides : sides.toReversed() };
    await quickRound(turns);
    await refreshRound(turns);
    if (round <= effort.loginRounds) await loginRound(turns);
  }
  return results;
}

async function quickRound({ sides, generator, effort, note }) {
  for (const { operation, group } of QUICK_OPERATIONS) {
    for (const side of sides.filter((side) => can(side, operation))) {
      const { window: milliseconds, connections } = effort;
      note(operation, side, await generator.run(side.name, operation, { group, milliseconds, connections }));
    }
  }
}

/**
 * Refreshes of all sides first: what they lead to begins when the last of them is over, and what it takes is added up. By then nothing
 * is remembered of KV, so the check that follows looks.
 */
async function refreshRound({ sides, generator, effort, note }) {
  const before = new Map(sides.map((side) => [side, cpuOf(side.pids)]));
  const windows = new Map(await refreshes({ sides, generator, effort, note: () => {} }));
  await sleep(effort.settled);
  for (const [side, window] of windows) {
    const altogether = window.cpu === undefined ? undefined : cpuOf(side.pids) - before.get(side);
    note("refresh", side, { ...window, altogether });
  }
  for (const side of sides.filter(isWorker)) {
    const once = { group: "chains", requests: effort.people, connections: effort.connections };
    note(FIRST_LOOK, side, await generator.run(side.name, "check", once));
  }
}

async function refreshes({ sides, generator, effort, note }) {
  const windows = [];
  for (const side of sides.filter((side) => can(side, "refresh"))) {
    const { window: milliseconds, connections } = effort;
    const window = await generator.run(side.name, "refresh", { group: "chains", milliseconds, connections });
    note("refresh", side, window);
    windows.push([side, window]);
  }
  return windows;
}

/** A password hash is slow on purpose, so a window has to be longer. */
async function loginRound({ sides, generator, effort, note }) {
  for (const side of sides.filter(({ name }) => name === DJANGO || name === "Hallpass HS256")) {
    const { window, connections } = effort;
    note("login", side, await generator.run(side.name, "login", { group: "accounts", milliseconds: 2 * window, connections }));
  }
}
