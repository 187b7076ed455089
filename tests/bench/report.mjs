// The table. Every peer is compared with the first subject of its group, which is ours.

import { goalOf } from "./goals.mjs";
import { ratio, spread } from "./measure.mjs";

/** Prints a group, with what it takes of the processors where that is known; answers its goals, each with what came of it. */
export function printGroup({ title, algorithm, names, costs, cpu, unable }) {
  const [first] = names;
  console.log(`\n${title.padEnd(27)}${"µs".padStart(8)}   ${"quartiles".padEnd(17)}${cpu ? "CPU    " : ""}times ${first}`);
  const outcomes = [];
  for (const [place, name] of names.entries()) {
    const times = ratio(costs[place], costs[0]);
    const goal = goalOf(algorithm, first, name);
    if (goal) outcomes.push({ ...goal, title, times, met: times >= goal.atLeast });
    const last = [place === 0 ? "" : `${digits(times)} ×`, goal ? verdict(outcomes.at(-1)) : ""];
    console.log(line(name, costs[place], cpu && digits(cpu[place]), ...last));
  }
  for (const { name, why } of unable) console.log(`  ${name.padEnd(25)}does not work here: ${why}`);
  return outcomes;
}

function line(name, costs, cpu, times, verdict) {
  const { median, low, high } = spread(costs);
  const quartiles = `${digits(low)} – ${digits(high)}`;
  const figures = `${digits(median).padStart(8)}   ${quartiles.padEnd(17)}${cpu === undefined ? "" : cpu.padEnd(7)}`;
  return `  ${name.padEnd(25)}${figures}${times.padEnd(9)}${verdict}`.trimEnd();
}

const verdict = ({ atLeast, met }) => `goal: at least ${atLeast} ×, ${met ? "met" : "MISSED"}`;

/** Three digits, or all of those before the point. */
const digits = (number) => number.toFixed(Math.max(0, 2 - Math.max(0, Math.floor(Math.log10(number)))));

/** What came of all goals. */
export function printOutcomes(where, outcomes) {
  const missed = outcomes.filter(({ met }) => !met);
  console.log(`\n${where}: ${outcomes.length - missed.length} of ${outcomes.length} goals met`);
  for (const { title, ours, peer, times, atLeast } of missed) {
    console.log(`  missed: ${title}: ${peer} takes ${digits(times)} × as long as ${ours}, which was to be ${atLeast} ×`);
  }
}
