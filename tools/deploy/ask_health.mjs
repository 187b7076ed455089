// Runs the built Worker as an environment of wrangler.toml has it, nothing being kept and nothing sent anywhere, and prints what
// /healthz answers; what the Worker logs is printed by itself. Runs by the Node.js that wrangler accepts.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf, unstable_readConfig as readConfig } from "wrangler";
import { inProject } from "../project.mjs";

// The log comes by another way than the answer, a little later.
const LOGGED_WITHIN = 500;

const { file, environment, secrets } = JSON.parse(process.argv[2]);
const config = readConfig({ config: file, env: environment }, { hideWarnings: true });
// What a developer keeps in .dev.vars is not deployed.
const { workerOptions } = workerOptionsOf(config, environment, { envFiles: [] });
const folder = inProject("crates", "issuer", "build");
const worker = {
  ...workerOptions,
  name: config.name,
  bindings: { ...config.vars, ...secrets },
  modulesRoot: folder,
  modules: [
    { type: "ESModule", path: join(folder, "index.js") },
    { type: "CompiledWasm", path: join(folder, "index_bg.wasm") },
  ],
  assets: undefined,
  outboundService: () => new Response("not from here", { status: 502 }),
};
const options = { host: "127.0.0.1", port: 0, cf: false, telemetry: { enabled: false }, logRequests: false, workers: [worker] };
const miniflare = new Miniflare(convertV4MiniflareOptions(options));
try {
  const answer = await fetch(new URL("/healthz", await miniflare.ready));
  await sleep(LOGGED_WITHIN);
  console.log(`\nhealthz ${answer.status}`);
} finally {
  await miniflare.dispose();
}
