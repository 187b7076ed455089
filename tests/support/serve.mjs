// The process that hosts one workerd for a test: started by worker.mjs with a Node.js that
// Miniflare accepts, told what to serve in its first message, asked for more in later ones.
//
// What is bound to what is read from wrangler.toml by wrangler itself, so that nothing is listed
// twice; the state lies on disk as `wrangler dev --persist-to` lays it.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf, unstable_readConfig as readConfig } from "wrangler";

let miniflare;

async function start({ project, build, vars, without, beside, twins, reaches, braked, persistTo, port }) {
  const config = readConfig({ config: join(project, "wrangler.toml") }, { hideWarnings: true });
  const { workerOptions } = workerOptionsOf(config, undefined, { envFiles: [] });
  const folder = join(project, "crates", "issuer", build);
  const worker = {
    ...dropped(workerOptions, without),
    ratelimits: braked && withLimit(workerOptions.ratelimits, braked),
    name: config.name,
    // What a developer keeps in .dev.vars is not for tests.
    bindings: kept({ ...config.vars, ...vars }, without),
    modulesRoot: folder,
    modules: [
      { type: "ESModule", path: join(folder, "index.js") },
      { type: "CompiledWasm", path: join(folder, "index_bg.wasm") },
    ],
    outboundService: reaches === "receiver" ? undefined : nowhere,
  };
  const others = [...twins.map((name) => twin(worker, name)), ...beside.map(neighbour)];
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      rootPath: project,
      host: "127.0.0.1",
      port,
      // The worker's request.cf is a constant, not fetched.
      cf: false,
      telemetry: { enabled: false },
      logRequests: false,
      resourcePersistencePath: join(persistTo, "v3"),
      resourceTmpPath: join(persistTo, "tmp"),
      workers: [worker, ...others],
    }),
  );
  const { origin } = await miniflare.ready;
  const urls = await Promise.all(others.map(async ({ name }) => [name, (await miniflare.unsafeGetDirectURL(name)).origin]));
  return { url: origin, beside: Object.fromEntries(urls) };
}

/** The same limits with another number: a test that does not want any is not to be kept waiting. */
const withLimit = (ratelimits, limit) =>
  Object.fromEntries(
    Object.entries(ratelimits).map(([name, { simple, ...rest }]) => [name, { ...rest, simple: { ...simple, limit } }]),
  );

// Nothing that a test runs may leave this machine. Whoever has a receiver on it gives no other address.
const nowhere = () => new Response("no network in tests", { status: 502 });

/**
 * A second Worker of the same code, in an isolate of its own and on a port of its own, whose objects are
 * the first one's.
 */
function twin(worker, name) {
  const theirs = ([binding, object]) => [binding, { ...object, scriptName: worker.name }];
  return {
    ...worker,
    name,
    durableObjects: Object.fromEntries(Object.entries(worker.durableObjects).map(theirs)),
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
}

/**
 * Another Worker of the same account, on a port of its own. It is bound to what its wrangler.toml names, unless `services` put a
 * Worker in the place of something.
 */
function neighbour({ name, config, folder, vars = {}, services = {} }) {
  const read = readConfig({ config }, { hideWarnings: true });
  const { workerOptions } = workerOptionsOf(read, undefined, { envFiles: [] });
  return {
    ...dropped(workerOptions, Object.keys(services)),
    name,
    bindings: { ...read.vars, ...vars },
    serviceBindings: { ...workerOptions.serviceBindings, ...services },
    modulesRoot: folder,
    modules: modulesIn(folder),
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    outboundService: nowhere,
  };
}

/** What `wrangler deploy --dry-run --outdir` has left of a Worker: `worker.js` first, for that one is run. */
function modulesIn(folder) {
  const wasm = readdirSync(folder).filter((file) => file.endsWith(".wasm"));
  return [
    { type: "ESModule", path: join(folder, "worker.js") },
    ...wasm.map((file) => ({ type: "CompiledWasm", path: join(folder, file) })),
  ];
}

/** `options` without the bindings named: what a Worker sees whose owner forgot them. */
function dropped(options, without) {
  const left = { ...options };
  for (const kind of ["kvNamespaces", "durableObjects"]) left[kind] = kept(left[kind], without);
  if (without.includes(left.assets?.binding)) delete left.assets;
  return left;
}

function kept(named, without) {
  return Object.fromEntries(Object.entries(named ?? {}).filter(([name]) => !without.includes(name)));
}

const answers = {
  start,

  async kvKeys({ binding }) {
    const namespace = await miniflare.getKVNamespace(binding);
    const keys = [];
    for (let cursor, page; !page?.list_complete; cursor = page.cursor) {
      page = await namespace.list({ cursor });
      keys.push(...page.keys);
    }
    return keys;
  },

  async kvGet({ binding, key }) {
    return (await miniflare.getKVNamespace(binding)).get(key);
  },

  async kvPut({ binding, key, value, options }) {
    await (await miniflare.getKVNamespace(binding)).put(key, value, options);
  },

  async kvDelete({ binding, key }) {
    await (await miniflare.getKVNamespace(binding)).delete(key);
  },

  async stop() {
    await miniflare?.dispose();
  },
};

process.on("message", async ({ id, ask, ...details }) => {
  try {
    process.send({ id, answer: await answers[ask](details) });
  } catch (error) {
    process.send({ id, error: error?.stack ?? String(error) });
  }
  if (ask === "stop") process.disconnect();
});

// The test is gone, whichever way it went.
process.on("disconnect", async () => {
  setTimeout(() => process.exit(1), 5000).unref();
  await miniflare?.dispose();
  process.exit(0);
});

// Ctrl-C reaches the test, and the test ends this.
process.on("SIGINT", () => {});
