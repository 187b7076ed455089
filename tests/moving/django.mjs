// A Django project of its own for a test that changes it: the reference of the contract in a folder where files can be added, with
// Django's own password hash, and settings to which the test adds.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "../../tools/project.mjs";
import { freePort } from "../support/process.mjs";
import { request } from "../support/request.mjs";

const STARTED_WITHIN = 30_000;

export class DjangoProject {
  #env;
  #server;

  /** In `folder`, which is the caller's to delete; `python` has what the reference needs. */
  constructor(python, folder, { signingKey }) {
    this.folder = folder;
    this.#env = {
      ...process.env,
      SIGNING_KEY: signingKey,
      REFERENCE_DB: join(folder, "db.sqlite3"),
      DJANGO_SETTINGS_MODULE: "moved_settings",
      PYTHONDONTWRITEBYTECODE: "1",
      // A command of a page says `python`.
      PATH: `${join(python, "..")}:${process.env.PATH}`,
    };
    cpSync(inProject("tests", "contract", "reference"), folder, { recursive: true });
    this.write(
      "moved_settings.py",
      [
        "from django.conf import global_settings",
        "from settings import *",
        "PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS",
        'LOGGING = {"version": 1, "disable_existing_loggers": True}',
        "",
      ].join("\n"),
    );
    this.bash("python manage.py migrate -v0");
  }

  write(name, text) {
    writeFileSync(join(this.folder, name), text);
  }

  /** Adds to the settings; whatever serves has to be started again. */
  configure(text) {
    appendFileSync(join(this.folder, "moved_settings.py"), `\n${text}\n`);
  }

  bash(script) {
    // A bash whose input is a socket, as Node.js makes it, takes itself for a remote shell and reads the user's own settings.
    return execFileSync("bash", ["--norc", "-ec", script], { cwd: this.folder, env: this.#env, encoding: "utf8" });
  }

  /** Serves, on another port each time. */
  async start() {
    await this.stop();
    const port = await freePort();
    const how = ["--bind", `127.0.0.1:${port}`, "--threads", "4", "--no-control-socket", "--log-level", "critical"];
    const options = { cwd: this.folder, env: this.#env, stdio: ["ignore", "ignore", "inherit"] };
    const server = spawn("python", ["-m", "gunicorn", ...how, "wsgi"], options);
    this.#server = server;
    process.once("exit", () => server.kill("SIGTERM"));
    this.url = `http://127.0.0.1:${port}`;
    for (const patience = Date.now() + STARTED_WITHIN; Date.now() < patience; ) {
      if (server.exitCode !== null) break;
      const answer = await request(this.url, "GET", "/api/v1/users/info/").catch(() => undefined);
      if (answer?.status === 401) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("Django does not answer");
  }

  async stop() {
    const server = this.#server;
    this.#server = undefined;
    if (!server || server.exitCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGTERM");
    await gone;
  }
}
