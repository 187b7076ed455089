// What a process takes of the processors, and since when it runs. Linux tells this; elsewhere it is undefined.

import { readdirSync, readFileSync } from "node:fs";

export const canTell = process.platform === "linux";

// Of the kernel towards programs, on every Linux there is.
const TICKS_PER_SECOND = 100;

/** Microseconds of these processes, of all their threads together, in user mode and in the kernel. It goes by leaps of 10 ms. */
export function cpuOf(pids) {
  if (!canTell) return undefined;
  const ticks = pids.map((pid) => statOf(pid)).map(({ utime, stime }) => utime + stime);
  return (ticks.reduce((sum, one) => sum + one, 0) * 1_000_000) / TICKS_PER_SECOND;
}

/** Milliseconds since a process began. */
export function ageOf(pid) {
  if (!canTell) return undefined;
  const [uptime] = readFileSync("/proc/uptime", "utf8").split(" ");
  return Math.round(Number(uptime) * 1000 - (statOf(pid).starttime * 1000) / TICKS_PER_SECOND);
}

/** Processes that this one has started, the first one first. */
export function childrenOf(pid) {
  if (!canTell) return [];
  const others = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const mine = others.filter((other) => parentOf(other) === pid);
  return mine.map(Number).sort((one, other) => one - other);
}

function parentOf(pid) {
  try {
    return statOf(pid).parent;
  } catch {
    // It has ended since.
    return undefined;
  }
}

function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is a name in brackets, in which anything may stand.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number) => Number(fields[number - 3]);
  return { parent: field(4), utime: field(14), stime: field(15), starttime: field(22) };
}
