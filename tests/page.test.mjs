// The page at `/`, as any HTTP client sees it: what it shows, what it loads, what it forbids.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";
import { gzipSync } from "node:zlib";
import { inProject } from "../tools/project.mjs";
import { fencedBlocks } from "./support/markdown.mjs";
import { request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const FIRST_LOAD = 80 * 1024;

const POLICY = {
  ...Object.fromEntries(["default-src", "base-uri", "form-action", "frame-ancestors", "trusted-types"].map((name) => [name, "'none'"])),
  ...Object.fromEntries(["style-src", "connect-src", "img-src"].map((name) => [name, "'self'"])),
  "script-src": "'self' 'wasm-unsafe-eval'",
  "require-trusted-types-for": "'script'",
};

const TYPES = { css: "text/css", js: "text/javascript", svg: "image/svg+xml" };

let worker;
let page;
/** What the page names, and what that imports: path → answer. */
let files;

before(async () => {
  worker = await startWorker();
  page = await request(worker, "GET", "/", { headers: { accept: "text/html" } });
  files = await firstLoad();
});
after(() => worker?.stop());

test("a browser gets a page at /", () => {
  assert.equal(page.status, 200);
  assert.match(page.headers["content-type"], /^text\/html\b/);
  assert.match(page.text, /<html lang="en">/);
  assert.match(page.text, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
});

test("the page and its files forbid everything that is not from their own origin", () => {
  for (const [path, { headers }] of [["/", page], ...files]) {
    assert.deepEqual(directives(headers["content-security-policy"]), POLICY, path);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
    assert.equal(headers["x-frame-options"], "DENY", path);
  }
});

test("nothing stands in the page that its policy forbids", () => {
  assert.doesNotMatch(page.text, /<style|\sstyle=|\son\w+=|javascript:/i);
  for (const [, attributes, content] of page.text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
    assert.match(attributes, /\ssrc="\//);
    assert.equal(content, "");
  }
});

test("every file that the page names or imports is there, and the first load is small", () => {
  for (const path of ["/base.css", "/demo/main.js", "/hallpass/session.js", "/icon.svg"]) assert.ok(files.has(path), path);
  let bytes = gzipSync(page.text).length;
  for (const [path, { status, headers, text }] of files) {
    assert.equal(status, 200, path);
    assert.equal(headers["content-type"].split(";")[0], TYPES[path.split(".").pop()], path);
    bytes += gzipSync(text).length;
  }
  assert.ok(bytes <= FIRST_LOAD, `${bytes} bytes gzipped`);
});

test("every link of the page leads somewhere", async () => {
  const links = [...page.text.matchAll(/<a href="([^"]+)"/g)].map(([, path]) => path);
  assert.ok(links.includes("/.well-known/jwks.json") && links.includes("/healthz"), links.join());
  for (const path of links) assert.equal((await request(worker, "GET", path)).status, 200, path);
});

test("the page shows the first three requests of the README, without a script at the address of npm start", () => {
  const shown = [...page.text.matchAll(/<pre><code>([^]*?)<\/code><\/pre>/g)].map(([, html]) => textOf(html));
  const readme = fencedBlocks(readFileSync(inProject("README.md"), "utf8"));
  const requests = readme.filter(({ language, text }) => language === "sh" && text.includes("curl "));
  assert.deepEqual(shown, requests.slice(0, 3).map(({ text }) => text.trimEnd()));
  assert.equal(page.text.match(/<span class="origin">http:\/\/localhost:8787<\/span>/g).length, 3);
});

test("a Worker that is not set up still shows its page, and tells it by a 503 at /healthz", async (t) => {
  const unusable = await startWorker({ without: ["BLACKLIST"] });
  t.after(() => unusable.stop());
  assert.equal((await request(unusable, "GET", "/")).status, 200);
  assert.equal((await request(unusable, "GET", "/healthz")).status, 503);
  const script = await request(unusable, "GET", "/demo/health.js");
  assert.match(script.text, /"\/healthz"/);
  assert.match(script.text, /status === 503/);
});

test("where there is no file the Worker answers", async () => {
  const { status, json } = await request(worker, "GET", "/page");
  assert.equal(status, 404);
  assert.deepEqual(json, { detail: "Not found." });
});

async function firstLoad() {
  const named = page.text.matchAll(/<(?:link|script|img)\b[^>]*?\s(?:href|src)="([^"]+)"/g);
  const paths = new Set([...named].map(([, path]) => path));
  const answers = new Map();
  // A set goes on to what was added meanwhile.
  for (const path of paths) {
    assert.match(path, /^\/[\w.-][\w./-]*$/, "of this origin");
    const answer = await request(worker, "GET", path);
    answers.set(path, answer);
    if (path.endsWith(".js")) for (const name of importsOf(answer.text)) paths.add(new URL(name, new URL(path, worker.url)).pathname);
  }
  return answers;
}

/** What a module needs before it runs; what it imports later on is no part of the first load. */
function importsOf(module) {
  const found = module.matchAll(/^(?:import|export)\b[^"';]*?\sfrom\s*"([^"]+)"|^import\s*"([^"]+)"/gm);
  return [...found].map(([, from, bare]) => from ?? bare);
}

function directives(policy) {
  return Object.fromEntries(policy.split(";").map((directive) => directive.trim().split(/\s+(.*)/).slice(0, 2)));
}

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' };
const textOf = (html) => html.replace(/<[^>]+>/g, "").replace(/&\w+;/g, (entity) => ENTITIES[entity]);
