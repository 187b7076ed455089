// The browser that tests drive: a Chromium or Chrome that is there, else Debian's package where we may install it.
// No test tool's own download: that asks for a network wider than the package registries.

import { existsSync, readFileSync } from "node:fs";
import { run, Stop } from "./child.mjs";
import { step } from "./steps.mjs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The program of the browser: `HALLPASS_CHROMIUM`, or where systems put it; undefined where there is none. */
export function findChromium(env = process.env) {
  const named = env.HALLPASS_CHROMIUM;
  if (named && !existsSync(named)) throw new Stop(`HALLPASS_CHROMIUM names ${named}, which is not there.`);
  return named || PLACES.find(existsSync);
}

/** Installs a browser where that can be done, and says so where tests will have to do without. */
export async function installChromium() {
  if (findChromium()) return;
  if (isDebian() && process.getuid() === 0) await step("Chromium (Debian's package)", aptInstall);
  if (findChromium()) return;
  console.log("\n▸ No Chromium: the tests in a browser are skipped.");
  console.log("  Install Chromium or Chrome, or say in HALLPASS_CHROMIUM where it is.");
}

const isDebian = () => existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));

/** Whether it is there now. */
async function aptInstall() {
  const install = ["install", "--yes", "-qq", "--no-install-recommends", "chromium"];
  // A fresh machine has no lists of packages, one that is older may have lists of what is gone.
  return (await apt(install)) || ((await apt(["update", "-qq"])) && (await apt(install)));
}

async function apt(args) {
  return (await run("apt-get", args, { env: { DEBIAN_FRONTEND: "noninteractive" } })) === 0;
}
