// The package under the condition `edge-light`, which Next.js and Vercel set for what runs at their edge: `x.wasm?module` is a
// WebAssembly.Module there, made elsewhere, and nothing may be compiled. Both are played here: by a plug-in of esbuild and by a
// context of Node's that forbids it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { createContext, runInContext } from "node:vm";
import { build as esbuild } from "esbuild";
import { project } from "./project.mjs";

const wasmModules = {
  name: "x.wasm?module",
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.slice(0, -"?module".length)),
      namespace: "wasm",
    }));
    build.onLoad({ filter: /./, namespace: "wasm" }, async ({ path }) => ({
      contents: `export default compiled(${JSON.stringify((await readFile(path)).toString("base64"))});`,
    }));
  },
};

test("under `edge-light` it takes modules that were compiled elsewhere", async () => {
  const { said, compiled } = await runAtTheEdge(["edge-light"]);
  assert.equal(await said, "hallpass: ok");
  assert.equal(compiled, 2);
});

test("without that condition nothing could be compiled there", async () => {
  await assert.rejects(runAtTheEdge([]), { code: "wasm_blocked" });
});

// What such a runtime has, as far as anybody here asks for it.
const THEIRS = [
  ...["AbortController", "atob", "clearTimeout", "crypto", "Headers", "Request", "Response"],
  ...["setTimeout", "TextDecoder", "TextEncoder", "URL"],
];

async function runAtTheEdge(conditions) {
  const { outputFiles } = await esbuild({
    absWorkingDir: project("imported"),
    bundle: true,
    conditions,
    entryPoints: ["main.mjs"],
    format: "iife",
    logLevel: "silent",
    plugins: [wasmModules],
    write: false,
  });
  let said;
  let count = 0;
  const heard = new Promise((resolve) => (said = resolve));
  const compiled = (base64) => {
    count += 1;
    return new WebAssembly.Module(Buffer.from(base64, "base64"));
  };
  const globals = { ...Object.fromEntries(THEIRS.map((name) => [name, globalThis[name]])), compiled, console: { log: said } };
  const context = createContext(globals, { codeGeneration: { strings: false, wasm: false } });
  runInContext(outputFiles[0].text, context);
  return { said: heard, compiled: count };
}
