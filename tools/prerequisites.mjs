// What has to be on the machine before anything else: one clear line for each thing that is missing.

import { platform } from "node:os";
import { outputOf, Stop } from "./child.mjs";

const LINKER = {
  darwin: "Run: xcode-select --install",
  linux: "Install your distribution's compiler package (Debian, Ubuntu: build-essential; Fedora: gcc; Arch: base-devel).",
};

export function checkPrerequisites() {
  const missing = [];
  if (Number(process.versions.node.split(".")[0]) < 20) {
    missing.push(`Node.js 20 or newer (this is ${process.version}): https://nodejs.org`);
  }
  if (outputOf("npm", ["--version"]) === undefined) {
    missing.push("npm, which comes with Node.js: https://nodejs.org");
  }
  if (outputOf("rustup", ["--version"]) === undefined) {
    missing.push("Rust by rustup (a distribution's own Rust lacks the WebAssembly target): https://rustup.rs");
  } else if (outputOf("cargo", ["--version"]) === undefined) {
    missing.push("the Rust toolchain that rust-toolchain.toml names. Run in this folder: rustup toolchain install");
  }
  if (!["cc", "gcc", "clang"].some((compiler) => outputOf(compiler, ["--version"]) !== undefined)) {
    missing.push(`a C compiler, which Rust links with. ${LINKER[platform()] ?? LINKER.linux}`);
  }
  if (platform() === "win32") {
    missing.push("Linux or macOS; on Windows, the same commands inside WSL: https://learn.microsoft.com/windows/wsl");
  }
  if (missing.length > 0) throw new Stop(missing.map((what) => `Missing: ${what}`).join("\n"));
}
