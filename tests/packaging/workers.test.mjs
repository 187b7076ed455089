// The package in Cloudflare Workers: bundled by wrangler as for a deployment, run by workerd.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { build as esbuild } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { wrangler, WRANGLER_ENV } from "../../tools/wrangler.mjs";
import { project } from "./project.mjs";
import { EXPIRES_AT } from "./rfc7515.mjs";
import { run } from "./run.mjs";

// What a Worker may use depends on it; the first of these is of a time before much of what there is now.
for (const date of ["2024-01-01", "2026-10-23"]) {
  test(`a Worker with the compatibility date ${date} has it ready before its first request`, async () => {
    const folder = await bundled(date);
    assert.equal(wasmIn(folder).length, 2, "both binaries, as modules of their own");
    assert.deepEqual(await answer(folder, date), { status: 200, text: `joe${EXPIRES_AT} ok` });
  });
}

test("a Worker bundled without the condition `workerd` hears so from every call", async () => {
  // Since 2025-06-01 (allow_eval_during_startup) a Worker may compile while it starts, when the package does it.
  const date = "2024-01-01";
  const folder = project("worker");
  const options = { bundle: true, format: "esm", logLevel: "silent", entryPoints: ["refused.mjs"], outfile: "built/main.js" };
  await esbuild({ absWorkingDir: folder, ...options });
  const { text } = await answer(join(folder, "built"), date);
  for (const refused of JSON.parse(text)) {
    for (const [name, said] of Object.entries(refused)) assert.match(said, /^wasm_blocked: .*the condition `workerd`/, name);
  }
});

/** The folder with what wrangler would send to Cloudflare. */
async function bundled(date) {
  const cwd = project("worker");
  const [command, args] = wrangler("deploy", "--dry-run", "--outdir", "built", "--compatibility-date", date);
  const { code, stdout, stderr } = await run(command, args, { cwd, env: WRANGLER_ENV });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, stdout);
  return join(cwd, "built");
}

/** What the Worker in `folder` answers on workerd. */
async function answer(folder, compatibilityDate) {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: "user",
          compatibilityDate,
          modulesRoot: folder,
          modules: modulesIn(folder),
          // Nothing that a test runs may leave this machine.
          outboundService: () => new Response("no network in tests", { status: 502 }),
        },
      ],
    }),
  );
  try {
    const response = await fetch(await miniflare.ready);
    return { status: response.status, text: await response.text() };
  } finally {
    await miniflare.dispose();
  }
}

/** The script comes first, for that one is run. */
function modulesIn(folder) {
  const wasm = wasmIn(folder).map((file) => ({ type: "CompiledWasm", path: join(folder, file) }));
  return [{ type: "ESModule", path: join(folder, "main.js") }, ...wasm];
}

const wasmIn = (folder) => readdirSync(folder).filter((file) => file.endsWith(".wasm"));
