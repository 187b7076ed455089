// The npm package `hallpass`: crates/verifier compiled twice, its JavaScript and its types, in crates/verifier/dist as
// `npm pack` takes it. Skipped while no source has changed.
//
// By itself: `npm run build:npm [-- --force]`.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { mustRun, Stop } from "./child.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { instantiateFrom } from "./npm_glue.mjs";
import { packageCommand } from "./packages.mjs";
import { inProject, project } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { step } from "./steps.mjs";

const CRATE = inProject("crates", "verifier");
const DIST = join(CRATE, "dist");
const TARGET = inProject("target");
const STAMP = join(DIST, ".sources");
const SOURCES = ["crates/core", "crates/verifier", "tools/build_npm.mjs", "tools/npm_glue.mjs"];
const LICENCES = ["LICENSE", "LICENSE-MIT", "LICENSE-APACHE"];

/** The two binaries, by the features of the crate. Only options and keys cross the boundary as objects. */
const BINARIES = {
  decode: { features: [], objects: false },
  verify: { features: ["verify"], objects: true },
};

// What rustc emits and every engine since 2023 takes.
const WASM_FEATURES = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "sign-ext"];
const OBJECTS = "reference-types";

/** Builds the package with `tools` (from `setUp`), unless it is up to date; returns its folder. */
export async function buildPackage(tools, { force = false } = {}) {
  const sources = fingerprint([...SOURCES, ...LICENCES], tools);
  if (!force && existsSync(STAMP) && readFileSync(STAMP, "utf8") === sources) {
    console.log(`\n▸ npm package: up to date, ${sizes()}`);
    return DIST;
  }
  await step("npm package: compile to WebAssembly", async () => {
    rmSync(DIST, { recursive: true, force: true });
    mkdirSync(DIST);
    for (const name of Object.keys(BINARIES)) await buildBinary(name, tools);
    await copySources();
    // What changed meanwhile is not in this stamp, so the next run builds again.
    writeFileSync(STAMP, sources);
    console.log(`  ${relative(project, DIST)}: ${sizes()}`);
  });
  return DIST;
}

/** `<name>.wasm`, the same as text, and its glue. */
async function buildBinary(name, tools) {
  const { features, objects } = BINARIES[name];
  const folder = join(TARGET, "npm-package", name);
  const bindings = join(folder, "bindings.wasm");
  mkdirSync(folder, { recursive: true });
  await compile(features);
  await declareFeatures(join(TARGET, "wasm32-unknown-unknown", "npm", "hallpass_verifier.wasm"), bindings, objects);
  await mustRun(tools.wasmBindgen, ["--target", "web", "--no-typescript", "--out-dir", folder, "--out-name", name, bindings]);
  const wasm = join(DIST, `${name}.wasm`);
  await wasmOpt(join(folder, `${name}_bg.wasm`), wasm, objects, ["-O3", "--converge", ...STRIPPED]);
  writeFileSync(join(DIST, `${name}_hex.js`), `export default "${readFileSync(wasm).toString("hex")}";\n`);
  await writeScript(`${name}_glue.js`, instantiateFrom(readFileSync(join(folder, `${name}.js`), "utf8")));
}

function compile(features) {
  const build = ["build", "--locked", "--quiet", "--profile", "npm", "--target", "wasm32-unknown-unknown"];
  const crate = ["-p", "hallpass-verifier", "--no-default-features", "--features", features.join(",")];
  return mustRun("cargo", [...build, ...crate, "--target-dir", TARGET], { env: { CARGO_ENCODED_RUSTFLAGS: rustFlags() } });
}

function rustFlags() {
  return [
    // Of SHA-2, loops instead of every round written out: in WebAssembly it is as fast, and 3 KB smaller.
    '--cfg=sha2_backend_soft="compact"',
    // What panics names its source file: not where on this machine that is.
    ...cratesFolders().map((folder) => `--remap-path-prefix=${folder}=`),
  ].join("\x1f");
}

/** Where cargo unpacks what it downloads. */
function cratesFolders() {
  const registries = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");
  return existsSync(registries) ? readdirSync(registries).map((registry) => join(registries, registry)) : [];
}

const STRIPPED = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/**
 * wasm-bindgen goes by what a binary says of itself, and rustc says `reference-types` of all of them: a table for objects
 * would have to be made before anything else, by an import, also where no object ever comes.
 */
async function declareFeatures(from, to, objects) {
  await wasmOpt(from, to, true, ["-g", "--strip-target-features"]);
  await wasmOpt(to, to, objects, ["-g", "--emit-target-features"]);
}

function wasmOpt(from, to, objects, passes) {
  const features = [...WASM_FEATURES, ...(objects ? [OBJECTS] : [])].map((feature) => `--enable-${feature}`);
  return mustRun(packageCommand("binaryen", "wasm-opt"), [...passes, "--mvp-features", ...features, from, "-o", to]);
}

/** Everything that was written by hand. */
async function copySources() {
  for (const name of readdirSync(join(CRATE, "js"))) {
    if (name.endsWith(".js")) await writeScript(name, readFileSync(join(CRATE, "js", name), "utf8"));
    else copyFileSync(join(CRATE, "js", name), join(DIST, name));
  }
  for (const name of LICENCES) copyFileSync(inProject(name), join(DIST, name));
  for (const name of ["package.json", "README.md"]) {
    if (existsSync(join(CRATE, name))) copyFileSync(join(CRATE, name), join(DIST, name));
  }
}

/** A script without its comments, which esbuild leaves out. */
async function writeScript(name, text) {
  // Only now, for it is one of the packages that the set-up installs.
  const { transform } = await import("esbuild");
  const { code } = await transform(text, { target: "es2022", legalComments: "none", charset: "utf8" });
  writeFileSync(join(DIST, name), code);
}

function sizes() {
  return Object.keys(BINARIES)
    .map((name) => `${name}.wasm ${(gzipSync(readFileSync(join(DIST, `${name}.wasm`)), { level: 9 }).length / 1024).toFixed(1)} KB`)
    .join(", ")
    .concat(", gzipped");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await buildPackage(await setUp(), { force: process.argv.includes("--force") });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
