// A user's project: one of projects/, the shared modules beside it, and the package as `npm pack` packs it in its
// node_modules. It lies outside of the clone and the package is not linked, so nothing is found that a user would not have.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "../../tools/project.mjs";
import { temporaryFolder } from "../support/worker.mjs";

const HERE = inProject("tests", "packaging");
const SHARED = ["exercise.mjs", "rfc7515.mjs"];

const folder = temporaryFolder();
let packed;

/** The file that would be published. */
export function tarball() {
  if (!packed) {
    const pack = ["pack", "--silent", "--pack-destination", folder, inProject("crates", "verifier", "dist")];
    execFileSync("npm", pack, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    packed = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")));
    mkdirSync(join(folder, "unpacked"));
    execFileSync("tar", ["-xzf", packed, "-C", join(folder, "unpacked")]);
  }
  return packed;
}

/** The package's folder, as npm unpacks it: read only, for it is shared. */
export function unpacked() {
  tarball();
  return join(folder, "unpacked", "package");
}

/** A fresh copy of projects/`name`, ready to run; its folder. `others` are packages of tests/packaging that it needs as well. */
export function project(name, others = []) {
  const copy = mkdtempSync(join(folder, `${name}-`));
  cpSync(join(HERE, "projects", name), copy, { recursive: true });
  for (const file of SHARED) cpSync(join(HERE, file), join(copy, file));
  cpSync(unpacked(), join(copy, "node_modules", "hallpass"), { recursive: true });
  for (const other of others) {
    mkdirSync(join(copy, "node_modules", other, ".."), { recursive: true });
    symlinkSync(join(HERE, "node_modules", other), join(copy, "node_modules", other));
  }
  writeFileSync(join(copy, "package.json"), JSON.stringify({ name, private: true, dependencies: { hallpass: "*" } }));
  return copy;
}
