// Django with Simple JWT, on gunicorn: the reference of tests/contract with settings of its own.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { inProject } from "../../../tools/project.mjs";
import { childrenOf } from "./cpu.mjs";
import { PASSWORD } from "./operations.mjs";
import { freePort } from "./port.mjs";
import { stateFolder } from "./state.mjs";

const PROJECT = inProject("tests", "contract", "reference");
const BENCH = inProject("tests", "bench", "django");
const WORKERS = 2;
const STARTED_WITHIN = 20_000;

export const DJANGO = "Django";

/** Starts it with so many people: `{ name, url, pids, people, stop }`. */
export async function startDjango(python, { people }) {
  const folder = stateFolder();
  const env = {
    ...process.env,
    SIGNING_KEY: "a-key-of-the-benchmark-0123456789abcdef",
    REFERENCE_DB: `${folder}/db.sqlite3`,
    DJANGO_SETTINGS_MODULE: "bench_settings",
    PYTHONPATH: `${PROJECT}:${BENCH}`,
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const options = { cwd: PROJECT, env, maxBuffer: 64 * 1024 * 1024 };
  execFileSync(python, ["manage.py", "migrate", "-v0"], options);
  const made = JSON.parse(execFileSync(python, [`${BENCH}/people.py`, String(people), PASSWORD], options));
  const port = await freePort();
  // With threads gunicorn keeps connections.
  const how = ["--workers", String(WORKERS), "--threads", "4", "--keep-alive", "30", "--no-control-socket", "--log-level", "critical"];
  const server = spawn(python, ["-m", "gunicorn", "--bind", `127.0.0.1:${port}`, ...how, "wsgi"], {
    cwd: PROJECT,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const end = () => server.kill("SIGTERM");
  process.once("exit", end);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    process.removeListener("exit", end);
    const ended = server.exitCode === null && once(server, "exit");
    end();
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await answers(url, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: DJANGO, url, pids: [server.pid, ...childrenOf(server.pid)], people: made, stop };
}

/** Every worker has to have loaded the project. */
async function answers(url, server) {
  for (const patience = Date.now() + STARTED_WITHIN; Date.now() < patience; await sleep(100)) {
    if (server.exitCode !== null) break;
    const asked = Array.from({ length: 4 * WORKERS }, () => fetch(`${url}/api/v1/users/info/`));
    const all = await Promise.allSettled(asked);
    if (all.every(({ value }) => value?.status === 401)) return;
  }
  throw new Error("Django does not answer");
}
