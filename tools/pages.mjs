// What the pages in www take from the npm package: copied into www/hallpass, and not kept in git.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
  putCopies(dist, [...withImports(dist, MODULES), ...OTHERS], COPY);
  return dist;
}

/**
 * Has `to` hold these files of `from`, and no others. Somebody may be serving them: what is there already is not touched, and what is
 * new is there at once and whole.
 */
export function putCopies(from, names, to) {
  mkdirSync(to, { recursive: true });
  for (const name of names) {
    const [content, copy] = [readFileSync(join(from, name)), join(to, name)];
    if (existsSync(copy) && readFileSync(copy).equals(content)) continue;
    const written = join(from, `.${name}.${process.pid}`);
    writeFileSync(written, content);
    renameSync(written, copy);
  }
  for (const name of readdirSync(to).filter((name) => !names.includes(name))) rmSync(join(to, name), { recursive: true });
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
