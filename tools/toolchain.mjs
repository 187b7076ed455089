// The Rust side of the set-up: the wasm target, and the two tools that turn the crate into a Worker.
//
// worker-build would fetch prebuilt tools by itself, which needs a network wider than the package
// registries; so both are compiled from crates.io, once a version, into a cache folder shared by
// all clones. A tool is installed beside its place and renamed once whole: an interrupted install
// is never taken for a good one.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { mustRun, outputOf, run, Stop } from "./child.mjs";
import { inProject, toolsFolder } from "./project.mjs";
import { step } from "./steps.mjs";

const WASM_TARGET = "wasm32-unknown-unknown";

/** Installs what is missing; returns the paths of the tools. */
export async function installToolchain() {
  await addWasmTarget();
  // Either works only with the very version of the library that the Worker is built with.
  const workerBuild = await installTool("worker-build", lockedVersion("worker"));
  const wasmBindgen = await installTool("wasm-bindgen-cli", lockedVersion("wasm-bindgen"), "wasm-bindgen");
  return { workerBuild, wasmBindgen };
}

async function addWasmTarget() {
  // rustup installs what rust-toolchain.toml names when it installs the toolchain, not afterwards.
  const installed = outputOf("rustup", ["target", "list", "--installed"]) ?? "";
  if (installed.split("\n").includes(WASM_TARGET)) return;
  await step(`Rust target ${WASM_TARGET}`, () => mustRun("rustup", ["target", "add", WASM_TARGET]));
}

async function installTool(crate, version, command = crate) {
  const folder = join(toolsFolder(), `${crate}-${version}`);
  const file = join(folder, "bin", command);
  if (existsSync(file)) return file;
  await step(`${crate} ${version} (compiled once, kept in ${folder}; takes minutes)`, async () => {
    const partial = `${folder}.partial-${process.pid}`;
    try {
      await cargoInstall(crate, version, partial);
      putInPlace(partial, folder, file);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  });
  return file;
}

async function cargoInstall(crate, version, root) {
  mkdirSync(root, { recursive: true });
  const args = ["install", "--quiet", `${crate}@${version}`, "--root", root];
  // Outside the project's folder, for its Cargo settings are not meant for tools.
  const options = { cwd: root, env: { RUSTUP_TOOLCHAIN: pinnedToolchain() } };
  if ((await run("cargo", [...args, "--locked"], options)) === 0) return;
  console.log(`  the versions ${crate} ${version} was published with cannot be had; trying with newer ones`);
  await mustRun("cargo", args, { ...options, hint: "Is crates.io within reach?" });
}

function putInPlace(partial, folder, file) {
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(partial, folder);
  } catch (error) {
    // Another clone was faster: its tool is as good as ours.
    if (!existsSync(file)) throw error;
  }
}

/** The version of a crate in Cargo.lock. */
function lockedVersion(crate) {
  const lock = readFileSync(inProject("Cargo.lock"), "utf8");
  const version = new RegExp(`^name = "${crate}"\\nversion = "([^"]+)"`, "m").exec(lock)?.[1];
  if (!version) throw new Stop(`Cargo.lock names no version of ${crate}: the file is damaged.`);
  return version;
}

function pinnedToolchain() {
  return /^channel = "([^"]+)"/m.exec(readFileSync(inProject("rust-toolchain.toml"), "utf8"))[1];
}
