// The Worker: crates/issuer compiled to crates/issuer/build, or, with injected faults and a clock
// that tests own, to crates/issuer/build-faults. Skipped while no source has changed.
//
// By itself: `node tools/build.mjs [--faults] [--force]`, which also makes ready what the pages need.
//
// With HALLPASS_BUILD=quick a build takes seconds and not minutes, and is larger and slower: for trying
// out a change. What is deployed and what CI tests is never built so.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { mustRun, Stop } from "./child.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { packageCommand } from "./packages.mjs";
import { buildPages } from "./pages.mjs";
import { inProject, project } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { step } from "./steps.mjs";

export const BUILDS = {
  build: { title: "Worker", features: [] },
  "build-faults": { title: "Worker with injected faults (tests only)", features: ["faults"] },
};

const QUICK = process.env.HALLPASS_BUILD === "quick";

/** Builds `crates/issuer/<name>` with `tools` (from `setUp`), unless it is up to date. */
export async function buildWorker(name, tools, { force = false } = {}) {
  const { title, features } = BUILDS[name];
  const folder = inProject("crates", "issuer", name);
  const stamp = join(folder, ".sources");
  const sources = fingerprint(["crates/core", "crates/issuer"], { features, tools, quick: QUICK });
  if (!force && existsSync(join(folder, "index.js")) && existsSync(stamp) && readFileSync(stamp, "utf8") === sources) {
    console.log(`\n▸ ${title}: up to date, ${sizes(folder)}`);
    return folder;
  }
  await step(`${title}: compile to WebAssembly`, async () => {
    rmSync(stamp, { force: true });
    await mustRun(tools.workerBuild, workerBuildArgs(name, features), {
      env: {
        WASM_BINDGEN_BIN: tools.wasmBindgen,
        WASM_OPT_BIN: packageCommand("binaryen", "wasm-opt"),
        ESBUILD_BIN: packageCommand("esbuild"),
      },
    });
    if (!QUICK) await stripNames(folder);
    await putEntryAround(folder);
    // What changed meanwhile is not in this stamp, so the next run builds again.
    writeFileSync(stamp, sources);
    console.log(`  ${relative(project, folder)}: ${sizes(folder)}`);
  });
  return folder;
}

/** The module that is loaded is `js/entry.js`, with what worker-build has made inside; that finds our microtasks where it asks for the runtime's. */
async function putEntryAround(folder) {
  const index = join(folder, "index.js");
  const script = (name) => inProject("crates", "issuer", "js", name);
  await mustRun(packageCommand("esbuild"), [
    script("entry.js"),
    `--inject:${script("microtask.js")}`,
    "--bundle",
    "--format=esm",
    "--minify",
    "--log-level=warning",
    `--alias:rust=${index}`,
    "--external:cloudflare:*",
    "--external:*.wasm",
    `--outfile=${index}`,
    "--allow-overwrite",
  ]);
}

// What rustc and wasm-bindgen emit, and workerd takes: `--all-features` emits what engines refuse.
const WASM_FEATURES = [
  "bulk-memory",
  "exception-handling",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
];

/** Takes the functions' names out, an eighth of what a cold start loads; worker-build always leaves them. */
async function stripNames(folder) {
  const wasm = join(folder, readdirSync(folder).find((name) => name.endsWith(".wasm")));
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  await mustRun(packageCommand("binaryen", "wasm-opt"), ["-Oz", "--converge", ...features, wasm, "-o", wasm]);
}

function workerBuildArgs(name, features) {
  const cargo = features.length > 0 ? ["--features", features.join(",")] : [];
  const profile = QUICK ? ["--profile", "quick", "--no-opt"] : ["--release"];
  return [...profile, "--out-dir", name, inProject("crates", "issuer"), "--locked", ...cargo];
}

/** What a deployment of it weighs: Cloudflare counts compressed bytes. */
export function wasmSizes(folder) {
  const file = readdirSync(folder).find((name) => name.endsWith(".wasm"));
  if (!file) throw new Stop(`${relative(project, folder)} holds no .wasm file`);
  const wasm = readFileSync(join(folder, file));
  return { bytes: wasm.length, gzip: gzipSync(wasm, { level: 9 }).length };
}

function sizes(folder) {
  const { bytes, gzip } = wasmSizes(folder);
  return `${(bytes / 1024).toFixed(0)} KB of wasm, ${(gzip / 1024).toFixed(1)} KB gzipped`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const name = process.argv.includes("--faults") ? "build-faults" : "build";
  const force = process.argv.includes("--force");
  try {
    const tools = await setUp();
    await buildWorker(name, tools, { force });
    await buildPages(tools, { force });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
