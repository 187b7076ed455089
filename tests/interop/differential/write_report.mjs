// Writes what has come of the usual tokens into the README: `node tests/interop/differential/write_report.mjs`, after `npm run build:npm`.

import { readFileSync, writeFileSync } from "node:fs";
import { runDifferential } from "./run.mjs";
import { README, REPORT, USUAL } from "./settings.mjs";
import { Differences } from "./tally.mjs";

const differences = new Differences();
await runDifferential(USUAL.seed, USUAL.count, (verdicts) => differences.note(verdicts));
const readme = readFileSync(README, "utf8");
if (!REPORT.test(readme)) throw new Error("the README has no place for it");
writeFileSync(
  README,
  readme.replace(REPORT, () => differences.report()),
);
console.log(`${differences.summary()} ${differences.unexplained.length} differences are not explained.`);
