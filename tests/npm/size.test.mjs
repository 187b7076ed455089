// What a page or a Worker loads: the WebAssembly, and the JavaScript as a bundler leaves it, both gzipped.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { build } from "esbuild";
import { inProject } from "../../tools/project.mjs";

const dist = (...parts) => inProject("crates", "verifier", "dist", ...parts);
const gzip = (input) => spawnSync("gzip", ["-9c"], { input }).stdout.length;

async function weight(entry, wasm) {
  const options = { bundle: true, minify: true, format: "esm", target: "es2022", external: ["*.wasm"], write: false };
  const { outputFiles } = await build({ ...options, entryPoints: [dist(entry)] });
  return gzip(outputFiles[0].contents) + (wasm ? gzip(readFileSync(dist(wasm))) : 0);
}

for (const [name, entry, wasm, budget] of [
  ["hallpass/decode", "decode.workerd.js", "decode.wasm", 10.3],
  ["hallpass", "index.workerd.js", "verify.wasm", 45],
  // The last 0.3 for sessions whose refresh token is in a cookie.
  ["hallpass/session", "session.js", undefined, 5.3],
]) {
  test(`${name} stays within ${budget} KB`, async (t) => {
    const bytes = await weight(entry, wasm);
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes <= budget * 1024, `${bytes} bytes are over the budget of ${budget * 1024}`);
    // A build that has lost its contents would fit as well.
    assert.ok(bytes > budget * 512, `${bytes} bytes cannot be all of it`);
  });
}

test("what is published names no machine and no registry", () => {
  for (const name of readdirSync(dist())) {
    const text = readFileSync(dist(name), "latin1");
    assert.doesNotMatch(text, /\.cargo\b|registry\/src|crates\.io-|\/home\/|\/Users\/|\/root\//, name);
  }
});
