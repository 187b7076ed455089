// Whether anything gets slower where there is more: users, sessions of one user, entries of the blacklist. Hallpass alone, with HS256.

import { setTimeout as sleep } from "node:timers/promises";
import { addEntries } from "./entries.mjs";
import { cpuEach, digits, table } from "./figures.mjs";
import { startWorker } from "./sides.mjs";
import { stateFolder } from "./state.mjs";

const NAME = "Hallpass HS256";
const OPENED_AT_ONCE = 20_000;
// An object that nobody asks is put to sleep after ten seconds.
const ASLEEP_AFTER = 11_000;

const cells = (window) => [digits(window.latencies.p50), window.cpu === undefined ? "" : digits(cpuEach(window))];
const header = (...names) => names.flatMap((name) => [`${name}: p50 ms`, "CPU µs"]);

/** Of so many users the same number is looked at, from everywhere among them: first asleep, then awake. */
export async function usersTable(generator, { growth: { users, sample, turns }, connections }, progress) {
  const side = await startWorker(NAME);
  const rows = [];
  try {
    await generator.add(side);
    const groups = [];
    for (const count of users) {
      progress(`${count} users`);
      await openUpTo(generator, groups, count);
      await sleep(ASLEEP_AFTER);
      await generator.gather(NAME, { group: "sample", from: groups.map(({ group }) => group), count: sample });
      const run = (operation, times) => generator.run(NAME, operation, { group: "sample", requests: sample * times, connections });
      const asleep = await run("refresh", 1);
      rows.push([String(count), ...cells(asleep), ...cells(await run("refresh", turns)), ...cells(await run("introspect", turns))]);
    }
  } finally {
    await side.stop();
  }
  return table(["users", ...header("refresh, object asleep", "refresh", "introspection")], rows);
}

/** In portions, so that each answers within its time. */
async function openUpTo(generator, groups, wanted) {
  for (let there = sum(groups); there < wanted; there = sum(groups)) {
    const [group, count] = [`users-${there}`, Math.min(OPENED_AT_ONCE, wanted - there)];
    await generator.fill(NAME, group, "open", { count });
    groups.push({ group, count });
  }
}

const sum = (groups) => groups.reduce((all, { count }) => all + count, 0);

/** One session of a user who has so many, asked for one thing after another. */
export async function sessionsTable(generator, { growth: { sessions, sample, turns } }, progress) {
  const side = await startWorker(NAME);
  const rows = [];
  try {
    await generator.add(side);
    for (const count of sessions) {
      progress(`${count} sessions`);
      const group = `with-${count}`;
      await generator.fill(NAME, group, "open", { count, sub: group });
      await generator.gather(NAME, { group: "one", from: [group], count: 1 });
      const run = (operation) => generator.run(NAME, operation, { group: "one", requests: sample * turns, connections: 1 });
      rows.push([String(count), ...cells(await run("refresh")), ...cells(await run("introspect"))]);
    }
  } finally {
    await side.stop();
  }
  return table(["sessions", ...header("refresh", "introspection")], rows);
}

/** Tokens that nobody has asked for yet are looked up in a KV that holds so many entries. */
export async function blacklistTable(generator, { blacklist, growth: { sample, turns }, connections }, progress) {
  const folder = stateFolder();
  const rows = [];
  await makeKv(folder);
  for (const [place, count] of blacklist.entries()) {
    progress(`${count} entries`);
    addEntries(folder, blacklist[place - 1] ?? 0, count);
    const side = await startWorker(NAME, { folder });
    try {
      await generator.add(side);
      const run = (operation, group) => generator.run(NAME, operation, { group, requests: sample * turns, connections });
      await generator.fill(NAME, "warm-up", "open", { count: sample, sub: `warm-up-${count}` });
      await run("check", "warm-up");
      await generator.fill(NAME, `with-${count}`, "open", { count: sample * turns });
      const check = await run("check", `with-${count}`);
      rows.push([String(count), ...cells(check), ...cells(await run("refresh", `with-${count}`))]);
    } finally {
      await side.stop();
    }
  }
  return table(["entries", ...header("check by KV, looked up", "refresh")], rows);
}

/** KV has a file to which entries can be added once it has been asked. */
async function makeKv(folder) {
  const side = await startWorker(NAME, { folder });
  await side.ask("kvKeys", { prefix: "none" });
  await side.stop();
}
