// The process that makes the load: it knows the people of every side and their tokens, and asks over connections that are kept.

import { Connection, requestText } from "./connection.mjs";
import { cpuOf } from "./cpu.mjs";
import { OPERATIONS } from "./operations.mjs";
import { answering } from "./process.mjs";

const sides = new Map();

/** A side with its people, by groups: `people` of one are asked in turn. */
function add({ side, url, pids, groups = {} }) {
  sides.set(side, { url, pids, groups, next: {}, newcomers: sides.get(side)?.newcomers ?? 0 });
}

/** Makes so many people for a group, of whom nobody knows yet; until one has a token his name stands for it. */
function invent({ side, group, count, accounts = false, sub }) {
  const { groups } = sides.get(side);
  const profileOf = (email) => ({ email, first_name: "", last_name: "" });
  groups[group] = Array.from({ length: count }, (_, place) => {
    const name = `${group}-${place}`;
    const email = `${name}@example.com`;
    return { sub: sub ?? name, access: name, ...(accounts && { email, profile: profileOf(email) }) };
  });
}

/**
 * Asks the people of a group in turn, over so many connections, for so long or so often, and answers
 * `{ requests, milliseconds, cpu, latencies: { p50, p99 } }`: `cpu` is microseconds of the side's processes.
 */
async function run({ side, operation, group, connections, milliseconds = Infinity, requests = Infinity }) {
  const about = sides.get(side);
  const { newcomers } = OPERATIONS[operation];
  const people = about.groups[group];
  // Whoever was last asked is not the next, also in the window after this one: no token is asked for twice at a time.
  const nextPerson = () => {
    if (newcomers && !people) return { sub: `newcomer-${about.newcomers++}` };
    const at = about.next[group] ?? 0;
    about.next[group] = (at + 1) % people.length;
    return people[at];
  };
  const latencies = [];
  let left = requests;
  const [cpu, began] = [cpuOf(about.pids), performance.now()];
  const asker = async () => {
    const connection = new Connection(about.url);
    try {
      while (left > 0 && performance.now() - began < milliseconds) {
        left -= 1;
        latencies.push(await once(connection, OPERATIONS[operation], nextPerson()));
      }
    } finally {
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: connections }, asker));
  const took = performance.now() - began;
  const used = cpu === undefined ? undefined : cpuOf(about.pids) - cpu;
  return { requests: latencies.length, milliseconds: took, cpu: used, latencies: percentiles(latencies) };
}

/** Milliseconds of one request. One that fails ends the benchmark, since failing is fast. */
async function once(connection, { ask, status, keep, holds }, person) {
  const request = requestText(ask(person));
  const began = performance.now();
  const answer = await connection.ask(request);
  const took = performance.now() - began;
  if (answer.status !== status) throw new Error(`${request.split("\r\n")[0]}: ${answer.status} ${answer.text}`);
  if (holds && !holds(JSON.parse(answer.text))) throw new Error(`${request.split("\r\n")[0]}: ${answer.text}`);
  keep?.(person, JSON.parse(answer.text));
  return took;
}

function percentiles(latencies) {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { p50: at(0.5), p99: at(0.99) };
}

/** Makes a group of so many people out of others, from everywhere among them. */
function gather({ side, group, from, count }) {
  const { groups, next } = sides.get(side);
  const all = from.flatMap((name) => groups[name]);
  groups[group] = Array.from({ length: count }, (_, place) => all[Math.floor((place * all.length) / count)]);
  next[group] = 0;
}

answering({ add, invent, gather, run });
