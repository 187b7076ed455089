// The npm packages of the lock file, and the Node.js that runs wrangler.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { mustRun, outputOf, Stop } from "./child.mjs";
import { inProject, project } from "./project.mjs";
import { step } from "./steps.mjs";

// wrangler refuses to start under an older one.
const WRANGLER_NEEDS = [22, 12];

const STAMP = inProject("node_modules", ".hallpass-packages");

/** `npm ci`, when node_modules is not what package.json and its lock file say. */
export async function installPackages() {
  const wanted = wantedPackages();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return;
  await step("npm packages (npm ci)", async () => {
    // The engine warnings are about the Node.js that runs npm; wrangler gets its own, below.
    await mustRun("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      hint: "Is the npm registry within reach?",
    });
    writeFileSync(STAMP, wanted);
  });
}

function wantedPackages() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "package-lock.json"]) hash.update(readFileSync(inProject(file)));
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
