// `npm test`: the set-up of `npm start`, then every check there is. Goes on after a failure, so that
// one run tells all; its last line is `N passed, N failed`.
//
// `npm test -- clippy` or `npm test -- rotation` runs only the checks and the test files whose names
// contain that. A file named *.alone.test.mjs has the machine to itself; *.last.test.mjs runs after all others.

import { readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { buildWorker, BUILDS } from "./build.mjs";
import { run, Stop } from "./child.mjs";
import { installChromium } from "./chromium.mjs";
import { mutants } from "./mutants.mjs";
import { installBenchPackages, installTestPackages, wranglerNode } from "./packages.mjs";
import { buildPages } from "./pages.mjs";
import { inProject, project } from "./project.mjs";
import { installPython } from "./python.mjs";
import { setUp } from "./setup.mjs";
import { simulate } from "./simulation.mjs";
import { step, summary } from "./steps.mjs";
import { countCargoTests, countNodeTests, Tally } from "./tally.mjs";
import { WRANGLER_ENV } from "./wrangler.mjs";

// A workerd takes little, the tests that race many requests take what there is.
const FILES_AT_ONCE = 2;
const TEST_TIMEOUT = 10 * 60 * 1000;

/** Of the simulated world. `npm run prove` lives through more. */
const HISTORIES = 10_000;

const DENY = ["--", "-D", "warnings"];
const ISSUER_WASM = ["clippy", "--locked", "-p", "hallpass-issuer", "--target", "wasm32-unknown-unknown"];
const VERIFIER_WASM = ["clippy", "--locked", "-p", "hallpass-verifier", "--target", "wasm32-unknown-unknown"];
const LINTS = [
  ["rustfmt", ["fmt", "--all", "--check"]],
  ["clippy, host", ["clippy", "--locked", "--workspace", "--all-targets", ...DENY]],
  ["clippy, wasm32", [...ISSUER_WASM, ...DENY]],
  ["clippy, wasm32 with injected faults", [...ISSUER_WASM, "--features", "faults", ...DENY]],
  ["clippy, wasm32, the package's verifier", [...VERIFIER_WASM, ...DENY]],
  ["clippy, wasm32, the package's decoder", [...VERIFIER_WASM, "--no-default-features", ...DENY]],
];

const filters = process.argv.slice(2);
const wanted = (name) => filters.length === 0 || filters.some((filter) => name.includes(filter));
const tally = new Tally();

try {
  const tools = await setUp();
  for (const [name, args] of LINTS) if (wanted(name)) await lint(name, args);
  if (wanted("cargo test")) await cargoTests();
  if (wanted("simulation")) await simulation();
  if (wanted("mutations")) await mutations();
  const files = testFiles().filter(wanted);
  if (files.length > 0) {
    await installTestPackages();
    await installBenchPackages();
    await installChromium();
    await installPython();
    if (await builds(tools)) await nodeTests(files);
  }
} catch (error) {
  tally.add({ failed: 1 });
  console.error(error instanceof Stop ? `\n${error.message}` : error);
}

console.log(`\n${summary()}\n`);
if (tally.skipped > 0) console.log(`${tally.skipped} skipped, as said above`);
if (tally.failed > 0 || tally.passed === 0) process.exitCode = 1;
console.log(String(tally));

/** A lint counts as one test. */
async function lint(name, args) {
  const clean = await step(name, async () => (await run("cargo", args)) === 0);
  tally.add(clean ? { passed: 1 } : { failed: 1 });
}

function cargoTests() {
  return step("cargo test", () => counted(countCargoTests, "cargo", ["test", "--locked", "--workspace", "--no-fail-fast"]));
}

/** All histories count as one test. */
async function simulation() {
  const held = await step(`simulation, ${HISTORIES} histories`, () => simulate({ histories: HISTORIES }));
  tally.add(held ? { passed: 1 } : { failed: 1 });
}

/** Each mutation that is noticed counts as a test passed. */
function mutations() {
  return step("mutations", async () => {
    const counts = await mutants();
    tally.add(counts);
    return counts.failed === 0;
  });
}

/** Whether both builds of the Worker, the npm package and the pages are there to be tested. */
async function builds(tools) {
  const workers = Object.keys(BUILDS).map((name) => () => buildWorker(name, tools));
  let complete = true;
  for (const build of [...workers, () => buildPages(tools)]) {
    try {
      await build();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      console.error(`  ${error.message}`);
      tally.add({ failed: 1 });
      complete = false;
    }
  }
  return complete;
}

async function nodeTests(files) {
  if (filters.length === 0) rmSync(inProject(".test"), { recursive: true, force: true });
  const named = (word) => (file) => file.endsWith(`.${word}.test.mjs`);
  const special = ["alone", "last"].map((word) => files.filter(named(word)));
  const others = files.filter((file) => !special.flat().includes(file));
  for (const group of [others, ...special]) {
    if (group.length === 0) continue;
    const args = ["--test", `--test-concurrency=${group === others ? FILES_AT_ONCE : 1}`, `--test-timeout=${TEST_TIMEOUT}`, "--test-reporter=spec"];
    await step(`node --test, ${group.length} ${group.length === 1 ? "file" : "files"}`, () =>
      counted(countNodeTests, wranglerNode(), [...args, ...group], WRANGLER_ENV),
    );
  }
}

/** Runs a test runner; one that fails without naming a test counts as one failure. */
async function counted(count, command, args, env = {}) {
  let output = "";
  const code = await run(command, args, { env, onText: (text) => (output += text) });
  const counts = count(stripVTControlCharacters(output));
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  tally.add(counts);
  return code === 0;
}

function testFiles() {
  return readdirSync(inProject("tests"), { recursive: true })
    .filter((file) => file.endsWith(".test.mjs") && !file.split("/").includes("node_modules"))
    .map((file) => relative(project, join(inProject("tests"), file)))
    .sort();
}
