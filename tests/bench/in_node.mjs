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

const where = `Node.js ${process.versions.node}`;
console.log(`\n${where}, µs per operation: median of ${effort.rounds} rounds`);
const outcomes = [];
for (const { subjects, tokens, ...group } of await groupsOf(await makeTokens(), { Verifier, decode, decodeOnly })) {
  const named = new Map(subjects.map((subject) => [subject.name, subject]));
  const took = async (name, times) => {
    const started = performance.now();
    await repeat(named.get(name), tokens, times);
    return performance.now() - started;
  };
  const names = [...named.keys()];
  outcomes.push(...printGroup({ ...group, names, costs: await measure(names, took, effort) }));
}
printOutcomes(where, outcomes);
