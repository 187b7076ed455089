// docs/bring-your-own-login.md, as it stands there: its settings, its server, its page, in a browser.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { inProject } from "../../tools/project.mjs";
import { openBrowser } from "../support/chromium.mjs";
import { fencedBlocks } from "../support/markdown.mjs";
import { watch } from "../support/pages.mjs";
import { admin, ADMIN_KEY, until } from "../support/people.mjs";
import { freePort, printed, startProcess } from "../support/process.mjs";
import { request } from "../support/request.mjs";
import { decodeToken } from "../support/token.mjs";
import { startWorker, temporaryFolder } from "../support/worker.mjs";

const blocks = fencedBlocks(readFileSync(inProject("docs", "bring-your-own-login.md"), "utf8"));
const only = (language, holding = "") => {
  const found = blocks.filter((block) => block.language === language && block.text.includes(holding));
  assert.equal(found.length, 1, `${language} with ${holding}`);
  return found[0].text;
};

const browser = openBrowser();
let worker, server, url;

before(async () => {
  const port = await freePort();
  url = `http://localhost:${port}`;
  const printedSettings = execFileSync("bash", ["--norc", "-ec", `${only("sh", "LOGIN_SECRET")}\necho "LOGIN_SECRET=$LOGIN_SECRET"`], { encoding: "utf8" });
  const { LOGIN_SECRET, ...vars } = Object.fromEntries(printedSettings.trim().split("\n").map((line) => line.match(/^(\w+)=(.*)$/).slice(1)));
  assert.equal(vars.ALLOWED_ORIGINS, "http://localhost:3000");
  worker = await startWorker({ vars: { ...vars, ALLOWED_ORIGINS: url, ADMIN_KEY } });

  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  cpSync(inProject("crates", "verifier", "dist"), join(folder, "node_modules", "hallpass"), { recursive: true });
  writeFileSync(join(folder, "server.mjs"), only("js"));
  writeFileSync(join(folder, "index.html"), only("html"));
  writeFileSync(join(folder, "main.mjs"), only("mjs"));
  const [command, ...args] = only("sh", "node server").trim().split(" ");
  server = startProcess(command, args, { cwd: folder, env: { LOGIN_SECRET, PORT: String(port), HALLPASS: worker.url } });
  await printed(server, /Ready on/, 10_000);
});
after(async () => {
  if (server?.child.exitCode === null) process.kill(-server.child.pid, "SIGTERM");
  await Promise.all([server?.ended, worker?.stop()]);
});

const ANN = { name: "ann", password: "correct horse battery" };
const login = (json) => request(url, "POST", "/login", { json });

test("whoever the login lets in has a session of Hallpass, with the claims that the login gives", async () => {
  const { status, json, headers, text } = await login(ANN);
  assert.equal(status, 200, text);
  const { sub, role } = decodeToken(json.access).payload;
  assert.deepEqual([sub, role, headers["cache-control"]], ["user-1", "reader", "no-store"]);
  const hello = await request(url, "GET", "/hello", { headers: { authorization: `Bearer ${json.access}` } });
  assert.deepEqual(hello.json, { hello: "user-1", role: "reader" });
  assert.equal((await request(worker, "POST", "/api/token/", { json: { email: "ann", password: ANN.password } })).status, 404, "Hallpass has no login");
});

test("nobody else has", async () => {
  for (const wrong of [{ ...ANN, password: "correct horse" }, { ...ANN, name: "bob" }, { name: "__proto__", password: "" }, {}]) {
    assert.equal((await login(wrong)).status, 401);
  }
  assert.equal((await request(url, "POST", "/login", { form: ANN })).status, 415, "a form of another site");
  for (const headers of [{}, { authorization: "Bearer x.y.z" }]) assert.equal((await request(url, "GET", "/hello", { headers })).status, 401);
  for (const path of ["/server.mjs", "/hallpass/../server.mjs", "/hallpass/package.json", "/nothing"]) {
    assert.equal((await request(url, "GET", path)).status, 404, path);
  }
  await admin(worker, "POST", "users/user-1/deactivate/");
  assert.equal((await login(ANN)).status, 401);
  await admin(worker, "POST", "users/user-1/reactivate/");
  assert.equal((await login(ANN)).status, 200);
});

test("in a browser: sign in, be greeted, go on after a reload, refresh at Hallpass, sign out", { skip: browser.missing }, async () => {
  const page = await browser.newPage();
  const watched = watch(page);
  await page.goto(url);
  const shows = (text) => page.locator("[role=status]", { hasText: text }).waitFor();
  await shows("Signed out.");
  const signIn = async (password) => {
    await page.getByLabel("Name").fill(ANN.name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn("wrong");
  await shows("That is not right.");
  await signIn(ANN.password);
  await shows("Hello user-1, reader.");
  await page.reload();
  await shows("Hello user-1, reader.");
  const asked = page.waitForRequest(`${worker.url}/api/token/refresh/`);
  await page.evaluate(async (issuer) => {
    const { createSession } = await import("/hallpass/session.js");
    await createSession({ issuer }).refresh();
  }, worker.url);
  await asked;
  await shows("Hello user-1, reader.");
  await page.getByRole("button", { name: "Sign out" }).click();
  await shows("Signed out.");
  const inBrowsers = async () => (await admin(worker, "GET", "users/user-1/")).json.sessions.filter(({ client }) => client.includes("Chrom"));
  await until(inBrowsers, ({ length }) => length === 0);
  watched.assertQuiet({ elsewhere: [worker.url] });
  await page.close();
});
