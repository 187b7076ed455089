// Asks the Worker about the tokens of a history while nobody else asks, and KV about what it was told.

import { setTimeout as sleep } from "node:timers/promises";
import { kvKeys } from "../support/worker.mjs";
import { look, newest, present } from "./deeds.mjs";
import { hasEnded, judgeIds } from "./oracle.mjs";
import { lacking, overreaching } from "./oracle_kv.mjs";

const ASKERS = 32;
// The alarm looks 5 s after a decision whether the blacklist has it; more only where the machine is busy.
const TOLD_WITHIN = 60_000;

/** The sessions that were touched since, and with `all` those that live: the newest pair, and the token that was spent for it. */
export async function askAboutRecent(world, since, { all = false } = {}) {
  const { history } = world;
  const now = history.tick();
  const recent = history.sessions().filter((session) => {
    const touched = Math.max(session.touched, session.user.touched ?? 0);
    return touched >= since || (all && !hasEnded(session, now));
  });
  await askAbout(world, recent.flatMap(({ pairs }) => pairs.slice(-2).flatMap(({ access, refresh }) => [refresh, access])));
}

/** Every token that was ever given. */
export async function askAboutAll(world) {
  judgeIds(world.history);
  await askAbout(world, world.history.tokens());
}

const askAbout = (world, tokens) => oneByOne(tokens, (token) => look(world, token));

/** What a check says of the newest token, its exchange says, too: for every session. */
export async function exchangeAll(world) {
  const { history } = world;
  await oneByOne(history.sessions(), (session) => present(world, session, newest(session).refresh));
}

async function oneByOne(things, treat) {
  const left = [...things];
  const asker = async () => {
    while (left.length > 0) await treat(left.pop());
  };
  await Promise.all(Array.from({ length: ASKERS }, asker));
}

/** Waits until KV has what it has to have; nobody asks an object anything meanwhile. */
export async function untilTold(world) {
  const patience = Date.now() + TOLD_WITHIN;
  for (;;) {
    const lacks = lacking(world.history, await entriesOf(world.worker));
    if (lacks.length === 0) return;
    if (Date.now() > patience) return lacks.forEach((what) => world.history.violated("missing in KV", what));
    await sleep(250);
  }
}

/** Nothing that was seen alive since then is called back in KV. */
export async function assertNotOvertold(world, since) {
  for (const what of overreaching(world.history, await entriesOf(world.worker), since)) {
    world.history.violated("lost", `${what}, in KV`);
  }
}

const entriesOf = async (worker) => new Map((await kvKeys(worker)).map(({ name, metadata }) => [name, metadata]));
