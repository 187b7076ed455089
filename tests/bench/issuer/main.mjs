// The benchmark of the issuer, all of it: started by ../issuer.mjs with the Node.js that wrangler wants. What it finds is printed, and
// with --write put into the README.

import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { findPython } from "../../../tools/python.mjs";
import { conforms } from "./conformance.mjs";
import { costTable } from "./cost.mjs";
import { DJANGO, startDjango } from "./django.mjs";
import { effortOf } from "./effort.mjs";
import { startGenerator } from "./generator.mjs";
import { blacklistTable, sessionsTable, usersTable } from "./growth.mjs";
import { goalsTable, measuredTable } from "./report.mjs";
import { isWorker, measureAll, settle } from "./rounds.mjs";
import { startWorker, WORKERS } from "./sides.mjs";
import { startTable } from "./starting.mjs";
import { stateLies } from "./state.mjs";
import { writeReadme } from "./write.mjs";

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, write: { type: "boolean" }, only: { type: "string" } },
});
const effort = effortOf(values);
const began = Date.now();
const progress = (text) => console.error(`  ${String(Math.round((Date.now() - began) / 1000)).padStart(3)} s  ${text}`);

async function besidePeers(generator) {
  const sides = [];
  try {
    for (const name of Object.keys(WORKERS)) sides.push(await startWorker(name));
    const python = findPython();
    if (python) sides.push(await startDjango(python, effort));
    else progress(`${DJANGO} is skipped, for its Python packages are not there`);
    progress("checking that all do the same work");
    for (const side of sides.filter(isWorker)) await conforms(side);
    progress("opening sessions");
    await settle(sides, generator, effort);
    const results = await measureAll(sides, generator, effort, progress);
    return `${goalsTable(results)}\n\n${measuredTable(results)}`;
  } finally {
    for (const side of sides) await side.stop();
  }
}

const PARTS = {
  peers: ["Beside its peers", besidePeers],
  users: ["With more users", (generator) => usersTable(generator, effort, progress)],
  sessions: ["With more sessions of one user", (generator) => sessionsTable(generator, effort, progress)],
  blacklist: ["With a longer blacklist", (generator) => blacklistTable(generator, effort, progress)],
  cost: ["What it costs", () => costTable()],
  start: ["Start and size", () => startTable(effort, progress)],
};

const wanted = values.only?.split(",") ?? Object.keys(PARTS);
const generator = startGenerator();
const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${process.platform}, Node.js ${process.versions.node}`;
const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(" ")}` : ""}`;
const day = new Date().toISOString().slice(0, 10);
const found = [`${day}, \`${command}\`: ${machine}, everybody's state ${stateLies}, load average ${loadavg()[0].toFixed(1)} at the start.`];
console.log(found[0]);
try {
  for (const [name, [title, measure]] of Object.entries(PARTS)) {
    if (!wanted.includes(name)) continue;
    found.push(`### ${title}`, await measure(generator));
    console.log(`\n${found.slice(-2).join("\n\n")}`);
  }
} finally {
  await generator.stop();
}
progress("done");
if (values.write) writeReadme(found.join("\n\n"));
