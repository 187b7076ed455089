// A command run as a person would, in a process group of its own, so that a test can see who is
// left when it is over.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { project } from "../../tools/project.mjs";

const groups = new Set();

process.on("exit", () => {
  for (const group of groups) signalGroup(group, "SIGKILL");
});

/** Starts `command`; its output is collected in `output`. */
export function startProcess(command, args, { env = {}, cwd = project } = {}) {
  const child = spawn(command, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  groups.add(child.pid);
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  const started = { child, ended, output: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (started.output += text));
  }
  return started;
}

/** Waits for `pattern` in the output; fails when the process ends or `within` is over before. */
export async function printed(started, pattern, within) {
  const patience = Date.now() + within;
  for (;;) {
    const match = started.output.match(pattern);
    if (match) return match;
    const over = started.child.exitCode !== null || started.child.signalCode !== null;
    if (over || Date.now() > patience) throw new Error(`not printed: ${pattern}\n${started.output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The ids of a process and of everything below it. */
export function descendants(root) {
  const parents = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const pid of found) {
    for (const [child, parent] of parents) if (parent === pid) found.push(child);
  }
  return found;
}

export function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A TCP port of 127.0.0.1 that nobody uses now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
