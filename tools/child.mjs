// Child processes: run one and see it, run one and read it.

import { spawn, spawnSync } from "node:child_process";
import { project } from "./project.mjs";

/** What a person can act on: printed without a stack trace. */
export class Stop extends Error {}

/**
 * Runs a command with its output shown; resolves to its exit code. With `onText` its output is
 * handed over as well (and no longer goes straight to the terminal, so it is told to keep its
 * colours when there is one).
 */
export function run(command, args, { env = {}, cwd = project, onText } = {}) {
  return new Promise((resolve, reject) => {
    const colour = onText && process.stdout.isTTY ? { FORCE_COLOR: "1", CARGO_TERM_COLOR: "always" } : {};
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...colour, ...env },
      stdio: ["ignore", onText ? "pipe" : "inherit", onText ? "pipe" : "inherit"],
    });
    for (const name of onText ? ["stdout", "stderr"] : []) {
      child[name].setEncoding("utf8").on("data", (text) => {
        process[name].write(text);
        onText(text);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** Runs a command and stops with `hint` when it fails. */
export async function mustRun(command, args, { hint = "", ...options } = {}) {
  const code = await run(command, args, options);
  if (code !== 0) throw new Stop(`${command} ${args.join(" ")} failed (exit code ${code}). ${hint}`.trim());
}

/** What a command prints, or undefined when it cannot be run or fails. */
export function outputOf(command, args, { env = {}, cwd = project } = {}) {
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout.trim() : undefined;
}
