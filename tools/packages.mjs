// The npm packages of the lock file, and the Node.js that runs wrangler.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { mustRun, outputOf, Stop } from "./child.mjs";
import { inProject, project } from "./project.mjs";
import { step } from "./steps.mjs";

// wrangler refuses to start under an older one.
const WRANGLER_NEEDS = [22, 12];

// What `npm test` needs besides: browsers' driver, bundlers, other runtimes, type checkers.
const FOR_TESTS = inProject("tests", "packaging");

// What the benchmarks compare with.
const FOR_BENCH = inProject("tests", "bench");

/** What building and serving take. */
export const installPackages = () => install(project);

/** What tests/packaging/package.json lists; by far the most, and of no use to `npm start`. */
export const installTestPackages = () => install(FOR_TESTS);

/** What tests/bench/package.json lists: for the benchmarks, and for the test that they work. */
export const installBenchPackages = () => install(FOR_BENCH);

/** A package of tests/packaging, as `require` gives it. */
export const testPackage = createRequire(join(FOR_TESTS, "package.json"));

/** `npm ci`, when node_modules is not what package.json and its lock file say. */
async function install(folder) {
  const stamp = join(folder, "node_modules", ".hallpass-packages");
  const wanted = wantedPackages(folder);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const where = folder === project ? "" : ` of ${relative(project, folder)}`;
  await step(`npm packages${where} (npm ci)`, async () => {
    // The engine warnings are about the Node.js that runs npm; wrangler gets its own, below.
    await mustRun("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      hint: "Is the npm registry within reach?",
    });
    writeFileSync(stamp, wanted);
  });
}

function wantedPackages(folder) {
  const hash = createHash("sha256");
  for (const file of ["package.json", "package-lock.json"]) hash.update(readFileSync(join(folder, file)));
  return hash.digest("hex");
}

/**
 * A Node.js new enough for wrangler: the one that comes as an optional npm package for this
 * platform, else the one that runs this.
 */
export function wranglerNode() {
  for (const node of [inProject("node_modules", ".bin", "node"), process.execPath]) {
    if (isNewEnough(outputOf(node, ["--version"]))) return node;
  }
  throw new Stop(
    `Missing: Node.js ${WRANGLER_NEEDS.join(".")} or newer for wrangler; none came as an npm package for ` +
      `${process.platform} ${process.arch}, and this is ${process.version}: https://nodejs.org`,
  );
}

function isNewEnough(version) {
  const [major, minor] = (version ?? "v0.0").slice(1).split(".").map(Number);
  return major > WRANGLER_NEEDS[0] || (major === WRANGLER_NEEDS[0] && minor >= WRANGLER_NEEDS[1]);
}

/** The file behind a command of an installed package. */
export function packageCommand(name, command = name) {
  const manifest = createRequire(join(project, "package.json")).resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  return join(manifest, "..", typeof bin === "string" ? bin : bin[command]);
}
