// Child processes that are asked and answer: the hosts of workerd, and the one that makes the load. Both ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { wranglerNode } from "../../../tools/packages.mjs";
import { project } from "../../../tools/project.mjs";
import { WRANGLER_ENV } from "../../../tools/wrangler.mjs";

const ANSWERED_WITHIN = 120_000;
const ENDED_WITHIN = 10_000;

const running = new Set();

// Whatever ends the benchmark, nothing of it stays.
process.on("exit", () => running.forEach(kill));

/** Starts a file of the benchmark as a process of its own: `{ pid, ask(what, details), stop() }`. */
export function startProcess(file) {
  // A group of its own, so that one signal reaches what it has started, too.
  const child = spawn(wranglerNode(), [file], {
    cwd: project,
    detached: true,
    // A Worker logs what it sees, such as a spent token.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, ...WRANGLER_ENV },
  });
  running.add(child);
  const questions = new Map();
  const close = (id, settle) => {
    clearTimeout(questions.get(id)?.timer);
    questions.delete(id);
    settle?.();
  };
  child.on("message", ({ id, answer, error }) => {
    const { resolve, reject } = questions.get(id) ?? {};
    close(id, () => (error === undefined ? resolve?.(answer) : reject?.(new Error(error))));
  });
  child.once("exit", () => {
    running.delete(child);
    for (const [id, { reject }] of questions) close(id, () => reject(new Error(`${file} has ended`)));
  });
  let asked = 0;
  const ask = (what, details = {}) =>
    new Promise((resolve, reject) => {
      const id = asked++;
      const timer = setTimeout(() => close(id, () => reject(new Error(`no answer to "${what}"`))), ANSWERED_WITHIN);
      questions.set(id, { resolve, reject, timer });
      child.send({ id, ask: what, ...details });
    });
  return { pid: child.pid, ask, stop: () => stop(child) };
}

/** Hanging up is the sign to end. */
async function stop(child) {
  if (!running.has(child)) return;
  const ended = once(child, "exit");
  const impatience = setTimeout(() => kill(child), ENDED_WITHIN);
  child.disconnect();
  await ended;
  clearTimeout(impatience);
  // A host may have ended without its workerd.
  kill(child);
}

function kill(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** The other end: answers questions until its parent hangs up. */
export function answering(answers, end = () => {}) {
  process.on("message", async ({ id, ask, ...details }) => {
    try {
      process.send({ id, answer: await answers[ask](details) });
    } catch (error) {
      if (process.connected) process.send({ id, error: error?.stack ?? String(error) });
    }
  });
  process.on("disconnect", async () => {
    await end();
    process.exit(0);
  });
  // Ctrl-C reaches the parent, which hangs up.
  process.on("SIGINT", () => {});
}
