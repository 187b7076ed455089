// A real Worker for a test: `startWorker()` runs the built issuer on workerd, in processes of its
// own, on a free port of 127.0.0.1, with its state in a folder of its own.
//
//   const worker = await startWorker({ vars: { ACCESS_TOKEN_LIFETIME: "60" } });
//   after(() => worker.stop());
//   const { status, json } = await request(worker, "POST", "/api/token/", { json: { … } });
//
// Options, all optional:
//   vars       settings, over those of wrangler.toml and ENVIRONMENT=development
//   build      "build" (default), or "build-faults": with injected faults and a clock of the test's own
//   without    names of bindings or settings to leave out: ["BLACKLIST"]
//   persistTo  state folder as of `wrangler dev --persist-to`; default: a fresh one, deleted at exit
//   port       default: a free one
//   beside     other Workers, which share KV with it and may call it: `neighbour` in serve.mjs says what
//              each is; `worker.beside.<name>` can be asked like the worker itself
//   reaches    "receiver": it may fetch, for a test with a receiver of its own on 127.0.0.1; default: from nowhere
//   braked     so many requests of one key a rate limit takes; default: it is not bound
//   twins      names of further Workers of the same code over the same objects, asked in the same way
//
// `kill()` is a crash (SIGKILL), `stop()` an orderly end, `restart(changes)` starts again on the same
// state after either, `log()` is all that was printed so far, also kept in .test/logs.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { wranglerNode } from "../../tools/packages.mjs";
import { inProject, project } from "../../tools/project.mjs";

const SERVE = inProject("tests", "support", "serve.mjs");
const STARTED_WITHIN = 30_000;
const STOPPED_WITHIN = 10_000;

const running = new Set();
const temporary = new Set();

// A test that fails or crashes leaves nothing behind: neither a process nor a folder.
process.on("exit", () => {
  for (const worker of running) worker.killNow();
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Starts a Worker and waits until it listens. */
export async function startWorker(options = {}) {
  const worker = new RunningWorker({ persistTo: options.persistTo ?? temporaryFolder(), ...options });
  try {
    await worker.begin();
  } catch (error) {
    worker.killNow();
    throw error;
  }
  return worker;
}

/** A folder that is deleted when the test file has ended. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "hallpass-test-"));
  temporary.add(folder);
  return folder;
}

/** Keys of a KV namespace, each with its expiration and metadata. */
export const kvKeys = (worker, binding = "BLACKLIST") => worker.ask("kvKeys", { binding });

/** The text under a key, or null. */
export const kvGet = (worker, key, binding = "BLACKLIST") => worker.ask("kvGet", { key, binding });

/** Writes a key, as another Worker with the binding could. */
export const kvPut = (worker, key, value, options = {}, binding = "BLACKLIST") =>
  worker.ask("kvPut", { key, value, options, binding });

/** Takes a key away, as expiry or a stale location would. */
export const kvDelete = (worker, key, binding = "BLACKLIST") => worker.ask("kvDelete", { key, binding });

class RunningWorker {
  #options;
  #process;
  #asked = 0;
  #output = "";
  #questions = new Map();
  #logFile = logFile();

  constructor(options) {
    this.#options = options;
    this.persistTo = options.persistTo;
  }

  async begin() {
    const { vars = {}, build = "build", without = [], beside = [], twins = [], reaches, braked, persistTo, port = 0 } = this.#options;
    noteSecrets(vars);
    // A group of its own, so that one signal ends the host and workerd at once.
    this.#process = spawn(wranglerNode(), [SERVE], {
      cwd: project,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...QUIET },
    });
    running.add(this);
    this.#process.on("message", (message) => this.#take(message));
    this.#process.once("exit", () => this.#gone());
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => this.#record(text));
    }
    const { url, beside: urls } = await this.ask(
      "start",
      { project, build, vars: { ENVIRONMENT: "development", ...vars }, without, beside, twins, reaches, braked, persistTo, port },
      STARTED_WITHIN,
    );
    this.url = url;
    this.beside = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, { url }]));
    // From here on a forgotten worker does not keep its test from ending.
    for (const handle of this.#handles()) handle.unref();
  }

  /** Everything the Worker and its host have printed. */
  log() {
    return this.#output;
  }

  /** The first match of `pattern` in the log, waited for. */
  async logged(pattern, within = 5000) {
    const patience = Date.now() + within;
    for (;;) {
      const match = this.#output.match(pattern);
      if (match) return match;
      if (Date.now() > patience) throw new Error(`not logged within ${within} ms: ${pattern}\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Asks the host process; see `answers` in serve.mjs. */
  ask(what, details = {}, within = STARTED_WITHIN) {
    if (!running.has(this)) return Promise.reject(new Error("the worker does not run"));
    this.#process.channel.ref();
    return new Promise((resolve, reject) => {
      const id = this.#asked++;
      const timer = setTimeout(
        () => this.#take({ id, error: `no answer to "${what}" within ${within} ms\n${this.#output}` }),
        within,
      );
      this.#questions.set(id, { resolve, reject, timer });
      this.#process.send({ id, ask: what, ...details });
    });
  }

  /** SIGKILL to workerd and its host, as when a machine dies. The state stays. */
  async kill() {
    if (!running.has(this)) return;
    const ended = this.#end();
    this.killNow();
    await ended;
  }

  killNow() {
    if (!this.#process || !running.delete(this)) return;
    try {
      process.kill(-this.#process.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }

  /** An orderly end; the state stays until the test file has ended. */
  async stop() {
    if (!running.has(this)) return;
    const ended = this.#end();
    try {
      await this.ask("stop", {}, STOPPED_WITHIN);
      await ended;
    } finally {
      this.killNow();
    }
  }

  /** The same Worker again on the same state, with `changes` to its options. */
  async restart(changes = {}) {
    await this.stop();
    return startWorker({ ...this.#options, ...changes });
  }

  /** When the process is gone and all of its output is read. */
  #end() {
    for (const handle of this.#handles()) handle.ref();
    return once(this.#process, "close");
  }

  #handles() {
    const { stdout, stderr, channel } = this.#process;
    return [this.#process, stdout, stderr, channel].filter(Boolean);
  }

  #take({ id, answer, error }) {
    const question = this.#questions.get(id);
    if (!question) return;
    this.#questions.delete(id);
    clearTimeout(question.timer);
    if (this.#questions.size === 0 && this.url) this.#process.channel?.unref();
    if (error) question.reject(new Error(error));
    else question.resolve(answer);
  }

  #gone() {
    // The host may have ended by itself and left its workerd.
    this.killNow();
    for (const { reject, timer } of this.#questions.values()) {
      clearTimeout(timer);
      reject(new Error(`the worker's process has ended\n${this.#output}`));
    }
    this.#questions.clear();
  }

  #record(text) {
    this.#output += text;
    appendFileSync(this.#logFile, text);
  }
}

// Nobody is told that a test runs, and nobody asked for updates.
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
  WRANGLER_LOG_PATH: inProject(".test", "wrangler-logs"),
};

// What no log may hold, for logs.last.test.mjs to look for.
function noteSecrets(vars) {
  const secrets = Object.entries(vars).filter(([name]) => /KEY|SECRET/.test(name));
  mkdirSync(inProject(".test"), { recursive: true });
  for (const [, value] of secrets) appendFileSync(inProject(".test", "secrets.jsonl"), `${JSON.stringify(value)}\n`);
}

function logFile() {
  const folder = inProject(".test", "logs");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${basename(process.argv[1] ?? "test", ".mjs")}.log`);
}
