// What the pages in www take from the npm package: copied into www/hallpass, and not kept in git.

import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildPackage } from "./build_npm.mjs";
import { inProject } from "./project.mjs";

const COPY = inProject("www", "hallpass");

/** The modules that pages import, and the WebAssembly that one of them fetches. */
const MODULES = ["decode.js", "session.js", "slim.js"];
const OTHERS = ["verify.wasm"];

const IMPORT = /(?:import|export)\b[^"';]*?from\s*"\.\/([\w.]+)"|import\s*"\.\/([\w.]+)"/g;

/** Builds the package, unless it is up to date, and gives the pages their copy; returns the package's folder. */
export async function buildPages(tools, options) {
  const dist = await buildPackage(tools, options);
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  for (const name of [...withImports(dist, MODULES), ...OTHERS]) copyFileSync(join(dist, name), join(COPY, name));
  return dist;
}

/** These modules and all that they import. */
function withImports(folder, modules) {
  const found = new Set(modules);
  // A set goes on to what was added meanwhile.
  for (const name of found) {
    for (const [, named, bare] of readFileSync(join(folder, name), "utf8").matchAll(IMPORT)) found.add(named ?? bare);
  }
  return found;
}
