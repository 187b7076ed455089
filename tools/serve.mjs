// `wrangler dev` as a child that is ended with us and whose first answer is looked at.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { settingsIn } from "./log_lines.mjs";
import { project } from "./project.mjs";
import { wrangler, WRANGLER_ENV } from "./wrangler.mjs";

const READY = /Ready on (https?:\/\/\S+)/;
const ENDS_WITHIN = 8000;

/** Serves until it is stopped; resolves to the exit code. */
export async function serve(args) {
  const [command, wranglerArgs] = wrangler("dev", "--var", "ENVIRONMENT:development", ...args);
  // A group of its own: Ctrl-C in a terminal reaches us alone, and is passed on once.
  const child = spawn(command, wranglerArgs, {
    cwd: project,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...WRANGLER_ENV, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
  });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  process.on("exit", () => signalGroup(child, "SIGKILL"));
  const stopped = stopOnSignal(child);
  const badSettings = firstAnswer(child);
  const code = await Promise.race([ended, badSettings]);
  if (Array.isArray(code)) {
    stop(child, "SIGTERM");
    await ended;
    console.error(`\nHallpass does not run with these settings:\n${code.map((line) => `  ${line}`).join("\n")}`);
    return 1;
  }
  return stopped() ? 0 : code;
}

/** Passes a signal on; the answer tells whether there was one. */
function stopOnSignal(child) {
  let stopped = false;
  const stopOnce = (signal) => {
    if (!stopped) stop(child, signal);
    stopped = true;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stopOnce);
  // An npm that is killed cannot pass that on.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid === parent || stopOnce("SIGTERM"), 1000).unref();
  }
  return () => stopped;
}

function stop(child, signal) {
  child.kill(signal);
  setTimeout(() => signalGroup(child, "SIGKILL"), ENDS_WITHIN).unref();
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left.
  }
}

/**
 * Asks /healthz once the Worker listens. With bad settings it answers 503 and logs one line of JSON
 * for each, as crates/issuer/src/log.rs writes them: resolves to what they say, and otherwise never.
 */
function firstAnswer(child) {
  let output = "";
  let asked = false;
  return new Promise((resolve) => {
    const read = (target) => (text) => {
      target.write(text);
      if (output.length < 1_000_000) output += text;
      const url = READY.exec(stripColour(output))?.[1];
      if (!url || asked) return;
      asked = true;
      statusOf(new URL("/healthz", url)).then((status) => {
        // The log comes by another way than the answer, a little later.
        if (status === 503) setTimeout(() => resolve(settingsIn(stripColour(output))), 500);
      });
    };
    child.stdout.setEncoding("utf8").on("data", read(process.stdout));
    child.stderr.setEncoding("utf8").on("data", read(process.stderr));
  });
}

async function statusOf(url) {
  // A certificate that wrangler made itself is of no interest here.
  const { request } = await import(url.protocol === "https:" ? "node:https" : "node:http");
  return new Promise((resolve) => {
    request(url, { rejectUnauthorized: false }, (answer) => resolve(answer.resume().statusCode))
      .once("error", () => resolve(undefined))
      .end();
  });
}

const stripColour = (text) => text.replace(/\u001b\[[0-9;]*m/g, "");
