// A deployment for a test: a wrangler.toml of its own, an account that a stand-in for wrangler plays, an address that answers as
// Hallpass would, and somebody before the terminal, if wanted.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { inProject } from "../../tools/project.mjs";
import { walk } from "../../tools/deploy/walk.mjs";
import { temporaryFolder } from "../support/worker.mjs";

const STANDIN = inProject("tests", "deploy", "standin_wrangler.mjs");

/** One that nobody has deployed yet, as far as a deployment has to do with it. Whoever runs these tests may have filled in theirs. */
const CONFIGURATION = `name = "hallpass" # a comment
main = ${JSON.stringify(inProject("crates", "issuer", "build", "index.js"))}
compatibility_date = "2026-10-23"

[[kv_namespaces]]
binding = "BLACKLIST"
id = "blacklist"
${["production", "staging"].map(environment).join("")}`;

function environment(name) {
  return `
[env.${name}]
name = "hallpass${name === "staging" ? "-staging" : ""}"

[[env.${name}.kv_namespaces]]
binding = "BLACKLIST"
id = "blacklist"
`;
}

const ONE = [{ id: "1".repeat(32), name: "Ann's" }];

/** `state`: what the account begins with. `change`: what becomes of the text of wrangler.toml. */
export async function deployment(t, { state = {}, change = (text) => text } = {}) {
  const folder = temporaryFolder();
  const [file, account] = [join(folder, "wrangler.toml"), join(folder, "account.json")];
  writeFileSync(file, change(CONFIGURATION));
  const server = await address(t, () => JSON.parse(readFileSync(account, "utf8")));
  writeFileSync(account, JSON.stringify({ accounts: ONE, namespaces: [], workers: {}, targets: [], ...state }));

  const deployed = {
    file,
    server,
    shown: [],
    text: () => readFileSync(file, "utf8"),
    account: () => JSON.parse(readFileSync(account, "utf8")),
    set: (changes) => writeFileSync(account, JSON.stringify({ ...deployed.account(), ...changes })),
    /** The commands so far, without the addition of what they are about. */
    calls: () => (existsSync(`${account}.calls`) ? readFileSync(`${account}.calls`, "utf8").trim().split("\n").map((line) => JSON.parse(line)) : []),
    /** Walks through it; `{ printed, pauses }`. */
    async run({ interactive = true, ...options } = {}) {
      const printed = [];
      const log = t.mock.method(console, "log", (...words) => void printed.push(words.join(" ")));
      let pauses = 0;
      const terminal = { interactive, show: (text) => deployed.shown.push(text), pause: async () => void pauses++ };
      const build = async () => {};
      const check = async () => {};
      const wrangler = (...args) => [process.execPath, [STANDIN, account, ...args]];
      try {
        const usual = { environment: "production", dryRun: false, url: server.url, env: {}, patience: 0, build, check };
        await walk({ ...usual, file, wrangler, terminal, ...options });
        return { printed: printed.join("\n"), pauses };
      } finally {
        deployed.printed = printed.join("\n");
        log.mock.restore();
      }
    },
  };
  return deployed;
}

/** What answers at the deployed address. It runs once the Worker has what it needs; `broken` is answered to everything else. */
async function address(t, account) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { status, json } = address.broken ?? answerOf(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  });
  const answerOf = ({ url, headers }) => {
    const secrets = account().workers.production?.secrets ?? {};
    if (!secrets.KEYRING_SECRET) return { status: 503, json: {} };
    const health = { status: "ok", version: "0.1.0", algorithm: "EdDSA" };
    switch (url) {
      case "/healthz":
        return { status: 200, json: health };
      case "/healthz?deep=1":
        if (headers.authorization !== `Bearer ${secrets.ADMIN_KEY}`) return { status: 401, json: {} };
        return { status: 200, json: { ...health, stores: { kv: { ok: true, ms: 1 } } } };
      case "/.well-known/jwks.json":
        return { status: 200, json: { keys: [{ kty: "OKP" }] } };
      default:
        return { status: 401, json: { code: "token_not_valid" } };
    }
  };
  const address = { asked, broken: undefined };
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  server.unref();
  return Object.assign(address, { url: `http://127.0.0.1:${server.address().port}` });
}
