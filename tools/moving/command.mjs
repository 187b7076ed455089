// A command that moves something over: its arguments, the admin key, and how it ends.
//
// The key comes from the environment or from standard input, and never from an argument, which everybody on the machine
// could read in the list of processes.

import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { LOOPBACK } from "../../crates/verifier/js/loopback.js";
import { Stop } from "../child.mjs";

const OPTIONS = {
  url: { type: "string", default: "http://localhost:8787" },
  from: { type: "string", default: "1" },
  "dry-run": { type: "boolean", default: false },
};

/** Everything went through; it stopped before the end; the end was reached, and some lines were refused. */
export const EXIT = { done: 0, stopped: 1, refused: 2 };

/** `{ file, url, from, dryRun, …further }` of the command line. */
export function commandLine(name, further = {}, args = process.argv.slice(2)) {
  const usage = `Usage: npm run ${name} -- FILE [--url https://id.example.com] [--from LINE] [--dry-run]${usageOf(further)}`;
  let parsed;
  try {
    parsed = parseArgs({ args, options: { ...OPTIONS, ...further }, allowPositionals: true });
  } catch (error) {
    throw new Stop(`${error.message}\n${usage}`);
  }
  const { values, positionals } = parsed;
  if (positionals.length !== 1) throw new Stop(usage);
  const [file] = positionals;
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Stop(`There is no file ${file}.`);
  if (!/^[1-9]\d{0,14}$/.test(values.from)) throw new Stop(`--from is the number of a line, from 1.\n${usage}`);
  const { from, "dry-run": dryRun, url, ...rest } = values;
  return { file, url: addressOf(url), from: Number(from), dryRun, ...rest };
}

const usageOf = (options) => Object.keys(options).map((name) => ` [--${name} …]`).join("");

/** The key would be read on its way by whoever is in between. */
function addressOf(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname))) return url.origin;
  throw new Stop(`--url is https://…, or http://… of this machine, not ${text}.`);
}

/** `ADMIN_KEY` of the environment; else the first line of standard input, asked for where somebody sits before it. */
export async function adminKey(env = process.env) {
  const key = (env.ADMIN_KEY ?? (process.stdin.isTTY ? await asked() : readFileSync(0, "utf8").split("\n")[0])).trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Stop("The admin key is missing: set ADMIN_KEY in the environment, or give it on standard input.");
}

function asked() {
  process.stderr.write("ADMIN_KEY: ");
  const nowhere = new Writable({ write: (_text, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    terminal.once("line", (line) => (process.stderr.write("\n"), terminal.close(), resolve(line)));
    terminal.once("SIGINT", () => (process.stderr.write("\n"), process.exit(130)));
  });
}

/** Runs a command, whose result is its exit code. */
export async function command(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    process.exitCode = EXIT.stopped;
  }
}
