// `npm run deploy`, with a stand-in for wrangler, and with wrangler itself as far as that goes without an account.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "node:test";
import { promisify } from "node:util";
import { Stop } from "../../tools/child.mjs";
import { checkSettings } from "../../tools/deploy/settings.mjs";
import { smoke } from "../../tools/deploy/smoke.mjs";
import { terminal } from "../../tools/deploy/terminal.mjs";
import { addressOf } from "../../tools/deploy/walk.mjs";
import { inProject, project } from "../../tools/project.mjs";
import { ADMIN_KEY, admin } from "../support/people.mjs";
import { freePort } from "../support/process.mjs";
import { startWorker } from "../support/worker.mjs";
import { deployment } from "./world.mjs";

const named = (calls) => calls.map((args) => args.filter((word) => !word.startsWith("--") && word !== "production").join(" "));

/** Runs it, and expects that it stops, saying so. */
function stops(deployed, saying, options) {
  return assert.rejects(deployed.run(options), (error) => error instanceof Stop && saying.test(error.message));
}

test("the first time: a namespace is made, its id written, the Worker uploaded, secrets made, shown and set, and all is asked for", async (t) => {
  const deployed = await deployment(t);
  const before = deployed.text();
  const { printed, pauses } = await deployed.run();

  const upload = ["kv namespace list", "kv namespace create hallpass-BLACKLIST", "kv namespace list", "deploy", "secret bulk"];
  assert.deepEqual(named(deployed.calls()), ["whoami", "secret list", ...upload]);
  const [{ id, title }] = deployed.account().namespaces;
  assert.equal(title, "hallpass-BLACKLIST");
  const section = '[[env.production.kv_namespaces]]\nbinding = "BLACKLIST"\nid = ';
  assert.equal(deployed.text(), before.replace(`${section}"blacklist"`, `${section}"${id}"`), "nothing else is touched");
  assert.notEqual(deployed.text(), before);

  const { secrets } = deployed.account().workers.production;
  assert.deepEqual(Object.keys(secrets), ["KEYRING_SECRET", "ADMIN_KEY"]);
  assert.equal(pauses, 1);
  for (const secret of Object.values(secrets)) {
    assert.match(secret, /^[\w-]{43}$/);
    assert.equal(deployed.shown.join("\n").split(secret).length, 2, "shown once");
    assert.ok(!printed.includes(secret), "and not printed where a log would keep it");
    assert.ok(!JSON.stringify(deployed.calls()).includes(secret), "nor handed over where others can read it");
  }
  assert.ok(deployed.server.asked.includes("GET /healthz?deep=1"));
  assert.match(printed, new RegExp(`Hallpass runs at ${deployed.server.url}`));
});

test("the second time nothing is made, written, shown or set", async (t) => {
  const deployed = await deployment(t);
  await deployed.run();
  const [before, text, calls] = [deployed.account(), deployed.text(), deployed.calls().length];
  deployed.shown.length = 0;
  const { pauses } = await deployed.run({ interactive: false });
  assert.deepEqual(named(deployed.calls().slice(calls)), ["whoami", "secret list", "kv namespace list", "deploy"]);
  assert.deepEqual([deployed.account(), deployed.text(), deployed.shown, pauses], [before, text, [], 0]);
});

test("interrupted anywhere, it goes on from there", async (t) => {
  const deployed = await deployment(t);
  for (const fails of ["kv namespace create", "kv namespace list", "deploy", "secret bulk"]) {
    deployed.set({ fails });
    await stops(deployed, /run this again/);
  }
  // Those were shown and not set: the next ones are others, and set before the upload, for the Worker is there by now.
  const worthless = [...deployed.shown];
  deployed.set({ fails: undefined });
  const calls = deployed.calls().length;
  await deployed.run();
  assert.deepEqual(named(deployed.calls().slice(calls)), ["whoami", "secret list", "kv namespace list", "secret bulk", "deploy"]);
  for (const secret of Object.values(deployed.account().workers.production.secrets)) {
    assert.ok(!worthless.join("\n").includes(secret));
    assert.ok(deployed.shown.join("\n").includes(secret));
  }
  assert.equal(deployed.account().namespaces.length, 1);
});

test("a namespace that an interrupted run has made is found by its name", async (t) => {
  const namespaces = [{ id: "b".repeat(32), title: "hallpass-BLACKLIST" }, { id: "c".repeat(32), title: "hallpass-staging-BLACKLIST" }];
  const deployed = await deployment(t, { state: { namespaces } });
  await deployed.run();
  assert.deepEqual(deployed.account().namespaces, namespaces);
  assert.ok(deployed.text().includes("b".repeat(32)) && !deployed.text().includes("c".repeat(32)));
});

test("whoever is not logged in hears how that is done, and nothing else is asked", async (t) => {
  const deployed = await deployment(t, { state: { accounts: null } });
  await stops(deployed, /npx wrangler login[^]*CLOUDFLARE_API_TOKEN/);
  assert.deepEqual(named(deployed.calls()), ["whoami"]);
});

test("of several accounts one has to be named", async (t) => {
  const accounts = [{ id: "1".repeat(32), name: "Ann's" }, { id: "2".repeat(32), name: "Bob's" }];
  const deployed = await deployment(t, { state: { accounts } });
  await stops(deployed, /CLOUDFLARE_ACCOUNT_ID[^]*Ann's[^]*2{32} {2}Bob's/);
  const { printed } = await deployed.run({ env: { CLOUDFLARE_ACCOUNT_ID: "2".repeat(32) } });
  assert.match(printed, /account Bob's/);
});

test("where nobody sits before it no secret is made, and it says how to set them", async (t) => {
  const deployed = await deployment(t);
  await stops(deployed, /openssl rand -base64 32 \| tee \/dev\/tty \| npx wrangler secret put KEYRING_SECRET --env production/, { interactive: false });
  assert.deepEqual(named(deployed.calls()), ["whoami", "secret list"]);
  assert.throws(() => terminal({ stdin: {}, stdout: { write: () => assert.fail("written") } }).show("a secret"));
});

test("an id of another account's namespace is not taken, nor replaced", async (t) => {
  const id = "d".repeat(32);
  const deployed = await deployment(t, { change: (text) => text.replaceAll('id = "blacklist"', `id = "${id}"`) });
  const before = deployed.text();
  await stops(deployed, new RegExp(`no KV namespace ${id}`));
  assert.equal(deployed.text(), before);
  assert.ok(!named(deployed.calls()).includes("deploy"));
});

const withVars = (vars) => ({ change: (text) => text.replace("[[env.production.kv_namespaces]]", `[env.production.vars]\n${vars}\n\n$&`) });

test("what is missing of a Worker that runs is set before the upload, and what is there stays", async (t) => {
  const secrets = { KEYRING_SECRET: "k".repeat(43) };
  const state = { workers: { production: { secrets } } };
  const deployed = await deployment(t, { state, ...withVars('MAIL_WEBHOOK_URL = "https://mail.example.com/"') });
  await deployed.run();
  const calls = named(deployed.calls());
  assert.ok(calls.indexOf("secret bulk") < calls.indexOf("deploy"));
  const now = deployed.account().workers.production.secrets;
  assert.deepEqual(Object.keys(now), ["KEYRING_SECRET", "WEBHOOK_SECRET"], "an admin key that was left out is not put back");
  assert.equal(now.KEYRING_SECRET, secrets.KEYRING_SECRET);
});

test("a shared key is asked for, not made", async (t) => {
  const deployed = await deployment(t, withVars('ALGORITHM = "HS256"'));
  await stops(deployed, /npx wrangler secret put SIGNING_KEY --env production/);
  deployed.set({ workers: { production: { secrets: { SIGNING_KEY: "s".repeat(43) } } } });
  await stops(deployed, /503/);
  assert.deepEqual(Object.keys(deployed.account().workers.production.secrets), ["SIGNING_KEY", "ADMIN_KEY"]);
});

test("settings that the Worker does not take stop it before anything is made, with all their names", async (t) => {
  const deployed = await deployment(t, withVars('ACCESS_TOKEN_LIFETIME = "0"\nALLOWED_ORIGINS = "https://*.example.com"'));
  await stops(deployed, /settings of \[env\.production\][^]*ACCESS_TOKEN_LIFETIME[^]*ALLOWED_ORIGINS/, { check: checkSettings });
  assert.deepEqual(named(deployed.calls()), ["whoami", "secret list"]);
  assert.deepEqual(deployed.shown, []);
});

test("a deployment that does not answer right is not called one that runs", async (t) => {
  const deployed = await deployment(t);
  const health = { status: "ok", version: "0.1.0", algorithm: "EdDSA" };
  const broken = [
    [{ status: 503, json: {} }, /503[^]*npx wrangler tail --env production/],
    [{ status: 200, json: { hello: "world" } }, /not Hallpass that answers/],
    [{ status: 404, json: "none" }, /not Hallpass that answers/],
    [{ status: 200, json: health }, /key set has its keys[^]*KEYRING_SECRET/],
  ];
  for (const [answer, saying] of broken) {
    deployed.server.broken = answer;
    await stops(deployed, saying);
    assert.doesNotMatch(deployed.printed, /Hallpass runs/);
  }
  await stops(deployed, /does not answer \(ECONNREFUSED\)/, { url: `http://127.0.0.1:${await freePort()}` });
  deployed.server.broken = undefined;
  await deployed.run();
});

test("the address is the first one that wrangler names, or a domain of one's own", () => {
  const [own, workers] = ["id.example.com (custom domain)", "https://hallpass.ann.workers.dev"];
  assert.equal(addressOf([own, workers]), workers);
  assert.equal(addressOf([own, "example.com/* (zone name: example.com)"]), "https://id.example.com");
  assert.equal(addressOf(["schedule: 1 * * * *"]), undefined);
});

test("what wrangler names is asked, if nothing else is", async (t) => {
  const deployed = await deployment(t, { state: { targets: ["https://hallpass.invalid"] } });
  await stops(deployed, /https:\/\/hallpass\.invalid does not answer/, { url: undefined });
});

test("without an address to be seen nothing is asked there, and it says so", async (t) => {
  const deployed = await deployment(t, { state: { targets: ["schedule: 1 * * * *"] } });
  const { printed } = await deployed.run({ url: undefined });
  assert.match(printed, /add --url/);
  assert.deepEqual(deployed.server.asked, []);
});

for (const REFRESH_COOKIE of ["false", "true"]) {
  test(`a user that is thrown away lives through it at a real Worker with REFRESH_COOKIE=${REFRESH_COOKIE}, and is deleted`, async (t) => {
    const worker = await startWorker({ vars: { ADMIN_KEY, REFRESH_COOKIE } });
    t.after(() => worker.stop());
    const log = t.mock.method(console, "log", () => {});
    await smoke({ url: worker.url, environment: "production", adminKey: ADMIN_KEY, smokeUser: true, patience: 0 });
    assert.match(log.mock.calls.map((call) => call.arguments[0]).join("\n"), /is exchanged[^]*again is refused[^]*user is deleted/);
    const { users } = (await admin(worker, "GET", "users/?query=")).json;
    assert.deepEqual(users.map(({ standing, email }) => [standing, email]), [["deleted", null]]);
  });
}

test("a user to be thrown away needs somebody who may delete it", async (t) => {
  const deployed = await deployment(t, { state: { workers: { production: { secrets: { KEYRING_SECRET: "k", ADMIN_KEY: "a" } } } } });
  await stops(deployed, /set ADMIN_KEY in the environment/, { smokeUser: true });
});

const command = (...args) => promisify(execFile)(process.execPath, [inProject("tools", "deploy.mjs"), ...args], { cwd: project });

test("the command itself rehearses both environments without an account, and writes nothing", async () => {
  const before = readFileSync(inProject("wrangler.toml"), "utf8");
  for (const environment of ["staging", "production"]) {
    const { stdout } = await command("--env", environment, "--dry-run");
    assert.match(stdout, /env\.BLACKLIST[^]*--dry-run: exiting now[^]*Nothing was sent or written/);
  }
  assert.equal(readFileSync(inProject("wrangler.toml"), "utf8"), before);
});

test("the command says how it is used", async () => {
  for (const args of [["--env", "moon"], ["--force"], ["--url", "http://id.example.com"], ["--url", "https://id.example.com/path"]]) {
    await assert.rejects(command(...args), ({ code, stderr }) => code === 1 && /Usage: npm run deploy/.test(stderr));
  }
});
