// A Worker pays for every byte at each cold start.

import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { inProject } from "../../tools/project.mjs";

const BUDGET = 4 * 1024;

test("hallpass/edge adds at most 4 KB to hallpass, minified and gzipped", async () => {
  const entryPoints = [inProject("crates", "verifier", "js", "edge.js")];
  const { outputFiles } = await build({ entryPoints, bundle: true, minify: true, format: "esm", target: "es2022", write: false });
  const gzip = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  assert.ok(gzip <= BUDGET, `${gzip} bytes are over the budget of ${BUDGET}`);
  assert.ok(gzip > BUDGET / 10, `${gzip} bytes cannot be all of it`);
});
