// The benchmark in Node.js: in this very process.

import { pathToFileURL } from "node:url";
import { groupsOf } from "./groups.mjs";
import { measure } from "./measure.mjs";
import { repeat } from "./repeat.mjs";
import { printGroup, printOutcomes } from "./report.mjs";
import { effort, inDist } from "./settings.mjs";
import { makeTokens } from "./tokens.mjs";

const ofPackage = (name) => import(pathToFileURL(inDist(name)));
const { Verifier, decode } = await ofPackage("index.js");
const { decode: decodeOnly } = await ofPackage("decode.js");

const wall = () => performance.now();
// Of all threads: WebCrypto works on others. This clock goes by leaps of some milliseconds, so one long batch says it all.
const processors = () => Object.values(process.cpuUsage()).reduce((sum, microseconds) => sum + microseconds / 1000, 0);
const once = { rounds: 1, warmUp: 0, batch: 5 * effort.batch };

const where = `Node.js ${process.versions.node}`;
console.log(`\n${where}, µs per operation: median of ${effort.rounds} rounds; CPU: of all threads together`);
const outcomes = [];
for (const { subjects, tokens, ...group } of await groupsOf(await makeTokens(), { Verifier, decode, decodeOnly })) {
  const named = new Map(subjects.map((subject) => [subject.name, subject]));
  const took = (clock) => async (name, times) => {
    const started = clock();
    await repeat(named.get(name), tokens, times);
    return clock() - started;
  };
  const names = [...named.keys()];
  const costs = await measure(names, took(wall), effort);
  const cpu = (await measure(names, took(processors), once)).flat();
  outcomes.push(...printGroup({ ...group, names, costs, cpu }));
}
printOutcomes(where, outcomes);
