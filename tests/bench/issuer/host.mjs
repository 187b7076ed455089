// The process that hosts one workerd with one Worker on a socket of its own: no Worker of wrangler's stands in between.

import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf, unstable_readConfig as readConfig } from "wrangler";
import { ageOf, childrenOf } from "./cpu.mjs";
import { answering } from "./process.mjs";

const FIRST_ANSWER_WITHIN = 30_000;

let miniflare;

/** What is bound to what is read from the Worker's wrangler.toml. Answers `{ url, pid, milliseconds, sinceSpawn }`. */
async function start({ config, modules, vars, persistTo, inspectorPort }) {
  const began = performance.now();
  const read = readConfig({ config }, { hideWarnings: true });
  // The pages are answered before the Worker is asked, and are nothing that is measured; and nobody is to be kept waiting.
  const { assets, ratelimits, ...bound } = workerOptionsOf(read, undefined, { envFiles: [] }).workerOptions;
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      logRequests: false,
      inspectorPort,
      resourcePersistencePath: join(persistTo, "v3"),
      resourceTmpPath: join(persistTo, "tmp"),
      workers: [
        {
          ...bound,
          name: read.name,
          bindings: { ...read.vars, ...vars },
          modulesRoot: "/",
          modules,
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
          outboundService: () => new Response("no network here", { status: 502 }),
        },
      ],
    }),
  );
  await miniflare.ready;
  const url = (await miniflare.unsafeGetDirectURL(read.name)).origin;
  await firstAnswer(url);
  const [pid] = childrenOf(process.pid);
  return { url, pid, milliseconds: performance.now() - began, sinceSpawn: ageOf(pid), inspectorPort };
}

async function firstAnswer(url) {
  const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(FIRST_ANSWER_WITHIN) });
  if (!answer.ok) throw new Error(`the first answer of ${url} was ${answer.status}: ${await answer.text()}`);
  await answer.text();
}

const answers = {
  start,

  async kvKeys({ prefix }) {
    const { keys } = await (await miniflare.getKVNamespace("BLACKLIST")).list({ prefix });
    return keys;
  },
};

answering(answers, () => miniflare?.dispose());
