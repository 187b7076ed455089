// The benchmark in workerd: Miniflare runs worker.mjs, asked over loopback without wrangler in between.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { measure } from "./measure.mjs";
import { printGroup, printOutcomes } from "./report.mjs";
import { effort, here, inDist } from "./settings.mjs";
import { makeTokens } from "./tokens.mjs";

const COMPATIBILITY_DATE = "2026-10-23";
// A request for n operations is followed by one for so many times n: what a request costs in itself is no part of the difference.
const LONGER = 5;

/** The Worker with everything it imports, but for WebAssembly and Node.js's modules. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [here("worker.mjs")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "node",
    conditions: ["workerd", "worker"],
    alias: { hallpass: inDist("index.workerd.js"), "hallpass/decode": inDist("decode.workerd.js") },
    external: ["*.wasm"],
    // jsonwebtoken and fast-jwt are CommonJS and require Node.js's modules.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' },
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    logRequests: false,
    workers: [
      {
        name: "bench",
        compatibilityDate: COMPATIBILITY_DATE,
        compatibilityFlags: ["nodejs_compat"],
        bindings: { CASES: await makeTokens() },
        modulesRoot: "/",
        modules: [
          { type: "ESModule", path: "/worker.mjs", contents: await bundle() },
          { type: "CompiledWasm", path: "/verify.wasm", contents: readFileSync(inDist("verify.wasm")) },
          { type: "CompiledWasm", path: "/decode.wasm", contents: readFileSync(inDist("decode.wasm")) },
        ],
        outboundService: () => new Response("no network here", { status: 502 }),
      },
    ],
  }),
);

/** What the Worker answers, as text. */
async function ask(question = {}) {
  const [answer] = await once(get(new URL(`?${new URLSearchParams(question)}`, address), { agent }), "response");
  const text = (await answer.toArray()).join("");
  if (answer.statusCode >= 400) throw new Error(text);
  return text;
}

async function milliseconds(question) {
  const started = performance.now();
  await ask(question);
  return performance.now() - started;
}

// What `took` answers is a sixth of what it takes.
const shorter = { ...effort, warmUp: effort.warmUp / LONGER, batch: effort.batch / LONGER };

const address = await miniflare.ready;
const where = `workerd ${COMPATIBILITY_DATE}`;
const outcomes = [];
try {
  const groups = JSON.parse(await ask());
  console.log(`\n${where}, µs per operation: median of ${effort.rounds} rounds`);
  for (const [group, { names, ...about }] of groups.entries()) {
    const took = async (subject, times) => {
      const short = await milliseconds({ group, subject, times });
      return ((await milliseconds({ group, subject, times: LONGER * times })) - short) / (LONGER - 1);
    };
    const costs = await measure(names, took, shorter);
    outcomes.push(...printGroup({ ...about, names, costs }));
  }
} finally {
  agent.destroy();
  await miniflare.dispose();
}
printOutcomes(where, outcomes);
