// What a page or a Worker has to load: the WebAssembly and, bundled and minified, the JavaScript around it, each gzipped.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { inProject } from "../../tools/project.mjs";

const DIST = inProject("crates", "verifier", "dist");
const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

async function loaded(entry, wasm) {
  const bundle = { bundle: true, minify: true, format: "esm", legalComments: "none", external: ["*.wasm"], write: false };
  const { outputFiles } = await build({ ...bundle, entryPoints: [join(DIST, entry)] });
  return gzipped(outputFiles[0].contents) + gzipped(readFileSync(join(DIST, wasm)));
}

const BUDGETS = [
  { name: "hallpass/decode", entry: "decode.workerd.js", wasm: "decode.wasm", budget: 10 * 1024 },
  { name: "hallpass", entry: "index.workerd.js", wasm: "verify.wasm", budget: 45 * 1024 },
];

for (const { name, entry, wasm, budget } of BUDGETS) {
  test(`${name} stays within ${budget / 1024} KB`, async (t) => {
    const size = await loaded(entry, wasm);
    t.diagnostic(`${name}: ${size} bytes`);
    assert.ok(size <= budget, `${size} bytes are over the budget of ${budget}`);
    assert.ok(size > 4096, `${size} bytes cannot be all of it`);
  });
}

test("what is published names no machine and no registry", () => {
  for (const name of readdirSync(DIST)) {
    const text = readFileSync(join(DIST, name), "latin1");
    assert.doesNotMatch(text, /\.cargo\b|registry\/src|crates\.io-|\/home\/|\/Users\/|\/root\//, name);
  }
});
