// What documents tell to type, typed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { project } from "../../tools/project.mjs";
import { WRANGLER_ENV } from "../../tools/wrangler.mjs";

/** Runs a script in the project's folder, with a text as standard input: `{ stdout, stderr }`. */
export function bash(script, env = {}, input = "") {
  const running = promisify(execFile)("bash", ["-c", script], { cwd: project, env: { ...process.env, ...WRANGLER_ENV, ...env } });
  running.child.stdin.end(input);
  return running;
}

/** Whether wrangler has a command that is used like this. */
export async function assertHelp(usage) {
  const command = usage.replace(/ [<[].*/, "");
  const { stdout } = await bash(`npx ${command} --help`);
  assert.ok(stdout.startsWith(usage), stdout);
}
