// The README is a promise: every command in it is run, every answer it shows is compared.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { inProject } from "../tools/project.mjs";
import { assertLike } from "./support/example.mjs";
import { commandsOf, fencedBlocks } from "./support/markdown.mjs";
import { freePort, printed, startProcess } from "./support/process.mjs";
import { request } from "./support/request.mjs";
import { assertHelp, bash } from "./support/shell.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker, temporaryFolder } from "./support/worker.mjs";

const UP_WITHIN = 60_000;
const SCRIPTS = JSON.parse(readFileSync(inProject("package.json"), "utf8")).scripts;

const readme = readFileSync(inProject("README.md"), "utf8");
const blocks = fencedBlocks(readme);
const shell = blocks.filter(({ language }) => language === "sh").map(({ text }) => ({ text, commands: commandsOf(text) }));
const starts = shell.flatMap(({ commands }) => commands).filter((command) => /^npm start\b/.test(command));

/** What cannot be run here, why, and what is looked at instead. */
const NOT_RUN = {
  "npm test": {
    reason: "it is what runs this",
    look: () => assert.ok(SCRIPTS.test),
  },
  "npx wrangler login": {
    reason: "it needs a person with an account at Cloudflare",
    look: () => assertHelp("wrangler login"),
  },
  "npm run deploy": {
    reason: "it makes something at Cloudflare; tests/deploy has it with a stand-in",
    look: () => assert.ok(SCRIPTS.deploy),
  },
  "npx wrangler tail --env production": {
    reason: "it listens to a Worker at Cloudflare",
    look: () => assertHelp("wrangler tail [worker]"),
  },
};

for (const [command, { reason, look }] of Object.entries(NOT_RUN)) {
  test(`the README's "${command}" exists; it is not run, since ${reason}`, async () => {
    assert.ok(shell.some(({ commands }) => commands.includes(command)), "the README does not have it any more");
    await look();
  });
}

test("the README's walk gives the answers that it shows", async (t) => {
  assert.equal(starts[0], "npm start");
  const server = await documentedStart(t, starts[0]);
  const walk = blocks
    .map((block, at) => ({ ...block, shown: blocks[at + 1]?.language === "json" ? blocks[at + 1].text : undefined }))
    .filter(({ language, text }) => language === "sh" && commandsOf(text).every(isOfTheWalk) && !isAboutTheCookie(text));
  assert.ok(walk.filter(({ shown }) => shown).length >= 8, "the walk has its answers");

  // One shell for all, so that variables live on; after each block a line that nobody else prints.
  const MARK = "~~ end of block ~~";
  const script = walk.map(({ text }) => `${text}\necho; echo '${MARK}'`).join("\n");
  const { stdout } = await bash(`set -e\n${atServer(script, server)}`);
  const answers = stdout.split(MARK);
  assert.equal(answers.length, walk.length + 1);
  for (const [at, { text, shown }] of walk.entries()) {
    if (shown) assertLike(JSON.parse(answers[at]), JSON.parse(shown), text);
  }
});

test("the README's curl keeps a refresh token in a cookie", async (t) => {
  const [{ text }, ...others] = shell.filter(({ text }) => isAboutTheCookie(text));
  assert.deepEqual(others, []);
  const worker = await startWorker({ vars: { REFRESH_COOKIE: "true" } });
  t.after(() => worker.stop());
  const form = { email: "ann@example.com", password: "correct-horse" };
  await request(worker, "POST", "/api/v1/users/registration/", { form, headers: { "hallpass-cookie": "1" } });
  const here = text.replaceAll("localhost:8787", `localhost:${new URL(worker.url).port}`).replaceAll("cookies.txt", `${temporaryFolder()}/cookies.txt`);
  const { stdout } = await bash(`set -e\n${here}`);
  assert.match(stdout, /^(\{"access":"[\w.-]+"\}){2}$/);
});

for (const command of shell.filter(({ commands }) => !commands.every(isOfTheWalk)).flatMap(({ commands }) => commands)) {
  if (!isOfTheWalk(command)) continue;
  test(`the README's "${command}" works`, () => bash(command));
}

test("the README's npm start with arguments serves with them", async (t) => {
  for (const command of starts.slice(1)) {
    const server = await documentedStart(t, command);
    const account = { email: "bob@example.com", password: "correct-horse" };
    const { json } = await request(server.url, "POST", "/api/v1/users/registration/", { form: account });
    const { iss, iat, exp } = decodeToken(json.access_token).payload;
    assert.match(command, new RegExp(`--var ISSUER:${iss}( |$)`));
    assert.match(command, new RegExp(`--var ACCESS_TOKEN_LIFETIME:${exp - iat}( |$)`));
    assert.ok(existsSync(server.state), "the state lies where it was told to");
  }
});

function isOfTheWalk(command) {
  return !(command in NOT_RUN) && !starts.includes(command);
}

/** Those have a Worker of their own. */
function isAboutTheCookie(text) {
  return text.includes("Hallpass-Cookie");
}

/** Runs an `npm start` of the README, on a port and a state of the test's own. */
async function documentedStart(t, command) {
  const port = await freePort();
  const state = temporaryFolder();
  const [, , ...args] = command.replace(/ --(port|persist-to) \S+/g, "").split(" ").filter((word) => word !== "--");
  const npm = startProcess("npm", ["start", "--", "--port", String(port), "--persist-to", state, ...args]);
  npm.child.once("close", () => keepLog(npm.output));
  t.after(async () => {
    if (npm.child.exitCode === null) process.kill(-npm.child.pid, "SIGINT");
    await npm.ended;
  });
  await printed(npm, /Ready on http:\/\/localhost:/, UP_WITHIN);
  return { url: `http://localhost:${port}`, state };
}

/** The README's server is on 8787 and its state in the default folder; the test's is not. */
function atServer(script, { url, state }) {
  return script.replaceAll("http://localhost:8787", url).replaceAll(" --local ", ` --local --persist-to '${state}' `);
}

/** Where the other Workers' logs lie, to be searched with them. */
function keepLog(output) {
  mkdirSync(inProject(".test", "logs"), { recursive: true });
  appendFileSync(inProject(".test", "logs", "readme.test.npm-start.log"), output);
}
