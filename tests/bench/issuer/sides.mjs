// Who is measured, each in a process of its own.

import { generateKeyPairSync } from "node:crypto";
import { rmSync } from "node:fs";
import { build } from "esbuild";
import { inProject } from "../../../tools/project.mjs";
import { stateFolder } from "./state.mjs";
import { CLIENTS } from "./operations.mjs";
import { freePort } from "./port.mjs";
import { startProcess } from "./process.mjs";

const HOST = inProject("tests", "bench", "issuer", "host.mjs");

const SIGNING_KEY = "a-key-of-the-benchmark-0123456789abcdef";
const SIGNING_JWK = JSON.stringify({
  ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
  kid: "2027-01",
  alg: "EdDSA",
  use: "sig",
});

// As in production. The access tokens live longer than the benchmark takes.
const VARS = { CLIENTS, ACCESS_TOKEN_LIFETIME: "3600" };

/** The Workers by name: `{ config, modules, vars }`. */
export const WORKERS = {
  "Hallpass HS256": () => hallpass({ ALGORITHM: "HS256", SIGNING_KEY }),
  "Hallpass EdDSA": () => hallpass({ ALGORITHM: "EdDSA", KEYRING_SECRET: "a-secret-of-the-benchmark-0123456789abcdef" }),
  "Hono + jose HS256": () => bundled("peer", { ALGORITHM: "HS256", SIGNING_KEY }),
  "Hono + jose EdDSA": () => bundled("peer", { ALGORITHM: "EdDSA", SIGNING_JWK }),
  hello: () => bundled("hello", {}),
  hop: () => bundled("hop", {}),
};

function hallpass(vars) {
  const built = (name) => inProject("crates", "issuer", "build", name);
  const modules = [
    { type: "ESModule", path: built("index.js") },
    { type: "CompiledWasm", path: built("index_bg.wasm") },
  ];
  return { config: inProject("wrangler.toml"), modules, vars: { ...VARS, ...vars } };
}

async function bundled(folder, vars) {
  const path = inProject("tests", "bench", folder, "worker.mjs");
  const modules = [{ type: "ESModule", path, contents: await bundle(path) }];
  return { config: inProject("tests", "bench", folder, "wrangler.toml"), modules, vars: { ...VARS, ...vars } };
}

/** A Worker as wrangler would deploy it: minified. */
export async function bundle(path) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

/** Starts a Worker with empty storage, or with what is in `folder`; `inspected` makes it slower: `{ name, url, pids, started, ask, stop }`. */
export async function startWorker(name, { folder, inspected = false } = {}) {
  const persistTo = folder ?? stateFolder();
  const host = startProcess(HOST);
  const stop = async () => {
    await host.stop();
    if (!folder) rmSync(persistTo, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const worker = await WORKERS[name]();
    const inspectorPort = inspected ? await freePort() : undefined;
    const { url, pid, ...started } = await host.ask("start", { ...worker, persistTo, inspectorPort });
    return { name, url, pids: [pid], started, ask: host.ask, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
