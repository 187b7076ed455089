// Cloudflare, by wrangler: what is asked of it, and what is made of its answers.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stop } from "../child.mjs";
import { project } from "../project.mjs";
import { WRANGLER_ENV } from "../wrangler.mjs";

// Where somebody is logged in stands in the home folder, unlike what a test or a laptop leaves behind.
const { XDG_CONFIG_HOME: _, ...QUIET } = WRANGLER_ENV;

const NO_WORKER = /Worker "[^"]*".* not found/;

export class Cloudflare {
  #wrangler;
  #environment;
  #interactive;

  /** `wrangler(...args)` gives the command and the arguments that run it; `interactive`: it may ask back. */
  constructor(wrangler, environment, interactive) {
    this.#wrangler = wrangler;
    this.#environment = environment;
    this.#interactive = interactive;
  }

  /** The accounts of whoever is logged in, `[{ id, name }]`; undefined: nobody is. */
  async accounts() {
    const { code, stdout } = await this.#ask(["whoami", "--json"]);
    if (code !== 0) return undefined;
    return parsed(stdout, "{", "wrangler whoami")?.accounts;
  }

  /** Every namespace of the account: `[{ id, title }]`. */
  async namespaces() {
    return parsed(await this.#mustAsk(["kv", "namespace", "list"]), "[", "wrangler kv namespace list");
  }

  async createNamespace(title) {
    await this.#mustAsk(["kv", "namespace", "create", title, "--update-config=false"]);
  }

  /** The names of the Worker's secrets; undefined: there is no such Worker yet. */
  async secrets() {
    const { code, stdout, stderr } = await this.#ask(["secret", "list", ...this.#inEnvironment()]);
    if (code !== 0 && NO_WORKER.test(stdout + stderr)) return undefined;
    if (code !== 0) throw failed("wrangler secret list", stdout + stderr);
    return parsed(stdout, "[", "wrangler secret list").map(({ name }) => name);
  }

  /** Hands secrets over, by standard input: arguments and files can be read by others. */
  async putSecrets(secrets) {
    const { code, stdout, stderr } = await this.#ask(["secret", "bulk", ...this.#inEnvironment()], JSON.stringify(secrets));
    if (code !== 0) throw failed("wrangler secret bulk", stdout + stderr);
  }

  /** Deploys what is built; where the Worker is to be found, as wrangler names it. */
  async deploy() {
    const folder = mkdtempSync(join(tmpdir(), "hallpass-deploy-"));
    try {
      const report = join(folder, "report.ndjson");
      const code = await this.#show(["deploy", ...this.#inEnvironment()], { WRANGLER_OUTPUT_FILE_PATH: report });
      if (code !== 0) throw new Stop("wrangler deploy failed; what it says stands above. When that is mended, run this again.");
      const lines = readFileSync(report, "utf8").trim().split("\n").map((line) => JSON.parse(line));
      return lines.find(({ type }) => type === "deploy")?.targets ?? [];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Does all of it but the upload. */
  async rehearse() {
    const code = await this.#show(["deploy", "--dry-run", ...this.#inEnvironment()]);
    if (code !== 0) throw new Stop("wrangler deploy --dry-run failed; what it says stands above.");
  }

  #inEnvironment() {
    return ["--env", this.#environment];
  }

  async #mustAsk(args) {
    const { code, stdout, stderr } = await this.#ask(args);
    if (code !== 0) throw failed(`wrangler ${args.slice(0, 3).join(" ")}`, stdout + stderr);
    return stdout;
  }

  /** Runs wrangler unseen: `{ code, stdout, stderr }`. */
  #ask(args, input = "") {
    const child = this.#run(args, ["pipe", "pipe", "pipe"]);
    const output = { stdout: "", stderr: "" };
    for (const name of Object.keys(output)) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
    // It may have ended without having read.
    child.stdin.on("error", () => {}).end(input);
    return ended(child).then((code) => ({ code, ...output }));
  }

  /** Runs wrangler for all to see, and lets it ask where somebody can answer. */
  #show(args, env = {}) {
    return ended(this.#run(args, [this.#interactive ? "inherit" : "ignore", "inherit", "inherit"], env));
  }

  #run(args, stdio, env = {}) {
    const [command, all] = this.#wrangler(...args);
    return spawn(command, all, { cwd: project, stdio, env: { ...process.env, ...QUIET, ...env } });
  }
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** The JSON in an output that may begin with something else. */
function parsed(output, opening, what) {
  try {
    return JSON.parse(output.slice(output.indexOf(opening)));
  } catch {
    throw failed(what, output);
  }
}

const failed = (what, output) => new Stop(`${what} failed:\n${output.trim()}\n\nWhen that is mended, run this again: it goes on from here.`);
