// Stands in for wrangler: plays an account at Cloudflare that lies in a file, and writes down what it was asked.
//
//   node standin_wrangler.mjs STATE.json deploy --env production
//
// The state: `accounts` (null: nobody is logged in), `namespaces`, `workers` by environment `{ secrets }`, `targets` of a deployment,
// `fails`: the command that fails.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

const [file, ...args] = process.argv.slice(2);
const state = JSON.parse(readFileSync(file, "utf8"));
const save = () => writeFileSync(file, JSON.stringify(state));
appendFileSync(`${file}.calls`, `${JSON.stringify(args)}\n`);

const at = args.indexOf("--env");
const environment = at < 0 ? undefined : args[at + 1];
const command = args.slice(0, args[0] === "kv" ? 3 : ["secret"].includes(args[0]) ? 2 : 1).join(" ");

function fail(message) {
  console.error(`✘ [ERROR] ${message}`);
  process.exit(1);
}

const commands = {
  whoami() {
    if (state.accounts === null) fail("Not logged in.");
    console.log(JSON.stringify({ loggedIn: true, accounts: state.accounts }));
  },
  "kv namespace list"() {
    console.log(JSON.stringify(state.namespaces));
  },
  "kv namespace create"() {
    state.namespaces.push({ id: state.namespaces.length.toString(16).padStart(32, "a"), title: args[3] });
    save();
    console.log("✨ Success!");
  },
  "secret list"() {
    const worker = state.workers[environment];
    if (!worker) fail(`Worker "hallpass" (env: ${environment}) not found.`);
    console.log(JSON.stringify(Object.keys(worker.secrets).map((name) => ({ name, type: "secret_text" }))));
  },
  "secret bulk"() {
    Object.assign(state.workers[environment].secrets, JSON.parse(readFileSync(0, "utf8")));
    save();
    console.log("✨ Success!");
  },
  deploy() {
    state.workers[environment] ??= { secrets: {} };
    save();
    const report = { type: "deploy", targets: state.targets };
    appendFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, `{"type":"wrangler-session"}\n${JSON.stringify(report)}\n`);
  },
};

if (state.fails === command) fail(`A request to the Cloudflare API failed (${command}).`);
commands[command]();
