// The package through bundlers, each as it comes: no plug-in, no setting that is there for the package.

import assert from "node:assert/strict";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { build as viteBuild, createServer as viteServer } from "vite";
import webpack from "webpack";
import { openBrowser } from "../support/chromium.mjs";
import { freePort } from "../support/process.mjs";
import { serveSite } from "../support/site.mjs";
import { project } from "./project.mjs";
import { OK, OK_PAGE, run, visit } from "./run.mjs";

const browser = openBrowser();
const skip = browser.missing;

test("Vite builds it, and Chromium runs what was built", { skip }, async () => {
  assert.deepEqual(await seen(await vited("imported")), OK_PAGE);
});

test("Vite puts the WebAssembly of hallpass/slim beside the script", { skip }, async () => {
  const folder = await vited("fetched");
  assert.equal(globSync("**/*.wasm", { cwd: folder }).length, 1);
  assert.deepEqual(await seen(folder), OK_PAGE);
});

test("Vite serves it while one develops", { skip }, async () => {
  const root = project("imported");
  const server = { host: "127.0.0.1", port: await freePort(), strictPort: true };
  const vite = await viteServer({ root, configFile: false, logLevel: "silent", server });
  try {
    await vite.listen();
    assert.deepEqual(await visit(browser, `http://127.0.0.1:${server.port}/`), OK_PAGE);
  } finally {
    await vite.close();
  }
});

test("webpack 5 bundles it for browsers", { skip }, async () => {
  assert.deepEqual(await seen(withPage(await webpacked("web"))), OK_PAGE);
});

test("webpack 5 bundles it for Node.js", async () => {
  const cwd = await webpacked("node");
  assert.deepEqual(await run(process.execPath, ["main.js"], { cwd }), OK);
});

test("esbuild bundles it for browsers", { skip }, async () => {
  assert.deepEqual(await seen(withPage(await esbuilt("browser"))), OK_PAGE);
});

test("esbuild bundles it for Node.js", async () => {
  assert.deepEqual(await run(process.execPath, ["main.js"], { cwd: await esbuilt("node") }), OK);
});

/** The folder with the page that Vite has made of the project's own. */
async function vited(name) {
  const root = project(name);
  const complaints = [];
  const listen = { logLevel: "info", onLog: (level, log) => complaints.push(`${level}: ${log.message}`) };
  await viteBuild({ root, configFile: false, logLevel: "silent", build: { rolldownOptions: listen } });
  assert.deepEqual(complaints, []);
  return join(root, "dist");
}

/** The folder with `main.js`. */
async function webpacked(target) {
  const context = project("imported");
  const path = join(context, "dist");
  const compiler = webpack({
    context,
    target,
    mode: "production",
    entry: "./main.mjs",
    output: { path },
    // How large a bundle may be is for its owner to say.
    performance: false,
  });
  const stats = await promisify(compiler.run).call(compiler);
  await promisify(compiler.close).call(compiler);
  const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
  assert.deepEqual([...errors, ...warnings].map(({ message }) => message), []);
  return path;
}

async function esbuilt(platform) {
  const absWorkingDir = project("imported");
  const path = join(absWorkingDir, "dist");
  const outfile = join(path, "main.js");
  const { warnings } = await esbuild({
    absWorkingDir,
    platform,
    outfile,
    bundle: true,
    minify: true,
    entryPoints: ["main.mjs"],
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  return path;
}

/** The same folder, with a page that loads `main.js`. */
function withPage(folder) {
  writeFileSync(join(folder, "index.html"), `<!doctype html><link rel="icon" href="data:," /><script src="main.js"></script>`);
  return folder;
}

/** What the page in `folder` says. */
async function seen(folder) {
  const site = await serveSite(folder);
  try {
    return await visit(browser, site.url);
  } finally {
    await site.close();
  }
}
