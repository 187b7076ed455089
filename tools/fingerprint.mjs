// What decides what a build contains, as one hash: a build is skipped while it is the same.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { inProject, project } from "./project.mjs";

const EVERYWHERE = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "package-lock.json"];

/** A hash of these files and folders, of what pins the tools, and of `settings`. */
export function fingerprint(paths, settings) {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  for (const file of [...EVERYWHERE, ...paths].flatMap((path) => filesUnder(inProject(path)))) {
    hash.update(`\0${relative(project, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

// What builds leave in the crates.
const BUILT = ["build", "build-faults", "dist"];
const isSource = (name) => !name.startsWith(".") && !BUILT.includes(name);

function filesUnder(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .filter(isSource)
    .flatMap((name) => filesUnder(join(path, name)));
}
