// The package in a page without any bundler, and under a Content-Security-Policy.

import assert from "node:assert/strict";
import test from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { serveSite } from "../support/site.mjs";
import { project } from "./project.mjs";
import { OK_PAGE, visit } from "./run.mjs";

const browser = openBrowser();
const skip = browser.missing;

test("a page imports the package's files as they are", { skip }, async () => {
  assert.deepEqual(await seen("plain", "", {}), OK_PAGE);
});

test("a Content-Security-Policy with 'wasm-unsafe-eval' is enough", { skip }, async () => {
  assert.deepEqual(await seen("plain", "", policy("script-src 'self' 'wasm-unsafe-eval'")), OK_PAGE);
});

test("under one without it the import succeeds, and every call says what is missing", { skip }, async () => {
  const { said } = await seen("plain", "blocked.html", policy("script-src 'self'"));
  const [all, small] = JSON.parse(said.slice("hallpass: ".length));
  assert.deepEqual(Object.keys(all), ["decode", "expiresAt", "isExpired", "secondsLeft", "verifySync", "verify", "explain"]);
  assert.deepEqual(Object.keys(small), ["decode", "expiresAt", "isExpired", "secondsLeft"]);
  for (const answers of [all, small]) {
    for (const [name, answer] of Object.entries(answers)) assert.match(answer, /^wasm_blocked: .*'wasm-unsafe-eval'/, name);
  }
});

test("hallpass/slim takes the WebAssembly that a page has fetched", { skip }, async () => {
  assert.deepEqual(await seen("slim", "", {}), OK_PAGE);
});

const policy = (text) => ({ "Content-Security-Policy": `default-src 'none'; img-src data:; ${text}` });

async function seen(name, path, headers) {
  const site = await serveSite(project(name), { headers });
  try {
    return await visit(browser, `${site.url}${path}`);
  } finally {
    await site.close();
  }
}
