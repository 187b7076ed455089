// The package in the runtimes of servers, as installed from npm: no bundler, no flag, no set-up.

import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import test from "node:test";
import { outputOf } from "../../tools/child.mjs";
import { wranglerNode } from "../../tools/packages.mjs";
import { inProject } from "../../tools/project.mjs";
import { project } from "./project.mjs";
import { OK, run } from "./run.mjs";

// Node.js 20 has `require` of ES modules since 20.19, the oldest that the package is for.
const NODES = { 20: nodeOf(/^v20\.(19|[2-9]\d)\./), 24: nodeOf(/^v24\./) };

for (const [major, node] of Object.entries(NODES)) {
  const skip = node ? false : `no Node.js ${major} on this machine, or too old a one`;

  test(`Node.js ${major} imports it`, { skip }, async () => {
    assert.deepEqual(await run(node, ["main.mjs"], { cwd: project("imported") }), OK);
  });

  test(`Node.js ${major} requires it`, { skip }, async () => {
    assert.deepEqual(await run(node, ["main.cjs"], { cwd: project("required") }), OK);
  });

  test(`Node.js ${major} gives hallpass/slim the WebAssembly of the package's folder`, { skip }, async () => {
    assert.deepEqual(await run(node, ["main.mjs"], { cwd: project("slim") }), OK);
  });
}

const deno = installed("@deno/*/deno");
test("Deno imports it, without a permission", { skip: deno ? false : "no Deno for this machine on npm" }, async () => {
  const cwd = project("imported");
  const env = { DENO_DIR: join(cwd, ".deno"), DENO_NO_UPDATE_CHECK: "1" };
  assert.deepEqual(await run(deno, ["run", "--no-prompt", "--no-lock", "--node-modules-dir=manual", "main.mjs"], { cwd, env }), OK);
});

const bun = installed("@oven/*/bin/bun");
for (const [how, name, file] of [
  ["imports", "imported", "main.mjs"],
  ["requires", "required", "main.cjs"],
]) {
  test(`Bun ${how} it`, { skip: bun ? false : "no Bun for this machine on npm" }, async () => {
    const env = { DO_NOT_TRACK: "1" };
    assert.deepEqual(await run(bun, ["run", "--no-install", file], { cwd: project(name), env }), OK);
  });
}

/** A program from tests/packaging/node_modules, where only this platform's are. */
function installed(pattern) {
  return globSync(inProject("tests", "packaging", "node_modules", pattern))[0];
}

/** A Node.js of such a version: the one that runs npm, wrangler's, or one on the PATH. */
function nodeOf(version) {
  const onPath = process.env.PATH.split(delimiter).map((folder) => join(folder, "node"));
  return [process.env.npm_node_execpath, process.execPath, wranglerNode(), ...onPath]
    .filter((node) => node && existsSync(node))
    .find((node) => version.test(outputOf(node, ["--version"]) ?? ""));
}
