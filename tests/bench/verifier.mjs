// `npm run bench:verifier`: the npm package beside its peers, in Node.js and in workerd. A missed goal is told and is no failure.
//
//   -- --only node|workerd   one of the two
//   -- --quick               in half a minute, and less exact
//   -- --dist FOLDER         the package as it was built there; builds nothing

import { cpus } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildPackage } from "../../tools/build_npm.mjs";
import { mustRun, Stop } from "../../tools/child.mjs";
import { installBenchPackages, wranglerNode } from "../../tools/packages.mjs";
import { inProject } from "../../tools/project.mjs";
import { setUp } from "../../tools/setup.mjs";

const RUNTIMES = ["node", "workerd"];

const options = { only: { type: "string" }, quick: { type: "boolean", default: false }, dist: { type: "string" } };

async function main() {
  const { only, quick, dist } = parseArgs({ options }).values;
  if (only !== undefined && !RUNTIMES.includes(only)) throw new Stop(`--only takes ${RUNTIMES.join(" or ")}.`);
  if (dist === undefined) await buildPackage(await setUp());
  await installBenchPackages();
  console.log(`\n${cpus().length} × ${cpus()[0].model.trim()}`);
  for (const runtime of only ? [only] : RUNTIMES) {
    const passed = [...(quick ? ["--quick"] : []), ...(dist === undefined ? [] : ["--dist", resolve(dist)])];
    await mustRun(wranglerNode(), [inProject("tests", "bench", `in_${runtime}.mjs`), ...passed]);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Stop) && !error.code?.startsWith("ERR_PARSE_ARGS")) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
