// Starts the reference server on a free port of this machine, with a database of its own that goes when it stops.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("reference", import.meta.url));

/** `python` is the interpreter that has reference/requirements.txt installed. The key may be shared with another issuer. */
export async function startReference(python, { signingKey = randomBytes(32).toString("hex") } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "contract-reference-"));
  const env = {
    ...process.env,
    SIGNING_KEY: signingKey,
    REFERENCE_DB: join(folder, "db.sqlite3"),
    PYTHONDONTWRITEBYTECODE: "1",
  };
  execFileSync(python, ["manage.py", "migrate", "-v0"], { cwd: project, env, stdio: "inherit" });
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  // One worker is enough, and sqlite likes one writer. The control socket would be a second way in.
  const options = ["--bind", `127.0.0.1:${port}`, "--threads", "4", "--no-control-socket", "--log-level", "critical"];
  const server = spawn(python, ["-m", "gunicorn", ...options, "wsgi"], {
    cwd: project,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    if (server.exitCode === null && server.kill("SIGTERM")) await gone;
    rmSync(folder, { recursive: true });
  };
  await listening(port, server).catch(async (error) => {
    await stop();
    throw error;
  });
  return { baseUrl, signingKey, setStanding: standingSetter(baseUrl), stop };
}

const standingSetter =
  (baseUrl) =>
  async ({ email, standing }) => {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ email, standing });
    const answer = await fetch(`${baseUrl}/reference/standing/`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`the reference could not make ${email} ${standing}: ${answer.status}`);
  };

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function listening(port, server) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (server.exitCode !== null) throw new Error("the reference server stopped at its start");
    if (await connects(port)) return;
    await sleep(100);
  }
  throw new Error("the reference server does not listen after 10 s");
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
