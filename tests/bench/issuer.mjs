// `npm run bench`: the issuer beside the same work in JavaScript and beside Django, on one machine in one run. A missed goal is told
// and is no failure.
//
//   -- --quick              in a minute or two, and less exact
//   -- --only peers,cost    of peers, users, sessions, blacklist, cost, start
//   -- --write              puts what was found into README.md here
//   -- --built              takes the Worker as it was built last; builds nothing
//
// BENCH_LONG=1 goes to 100,000 users and 1,000,000 entries of the blacklist.

import { parseArgs } from "node:util";
import { buildWorker } from "../../tools/build.mjs";
import { mustRun, Stop } from "../../tools/child.mjs";
import { installBenchPackages, wranglerNode } from "../../tools/packages.mjs";
import { inProject } from "../../tools/project.mjs";
import { installPython } from "../../tools/python.mjs";
import { setUp } from "../../tools/setup.mjs";

const options = { quick: { type: "boolean" }, write: { type: "boolean" }, only: { type: "string" }, built: { type: "boolean" } };

async function main() {
  const { quick, write, only, built } = parseArgs({ options }).values;
  if (!built) await buildWorker("build", await setUp());
  await installBenchPackages();
  await installPython();
  const passed = [...(quick ? ["--quick"] : []), ...(write ? ["--write"] : []), ...(only ? ["--only", only] : [])];
  await mustRun(wranglerNode(), ["--no-warnings", inProject("tests", "bench", "issuer", "main.mjs"), ...passed]);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Stop) && !error.code?.startsWith("ERR_PARSE_ARGS")) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
