// The README's tables against the sources they tell of: a setting or an endpoint that comes, goes or
// changes has to do so in both.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";
import { inProject } from "../tools/project.mjs";
import { codes, tableRows } from "./support/markdown.mjs";
import { request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const source = (...path) => readFileSync(inProject("crates", ...path), "utf8").split("#[cfg(test)]")[0];
const settingsSource = source("issuer", "src", "config", "settings.rs") + source("issuer", "src", "config", "reading.rs");
const readme = readFileSync(inProject("README.md"), "utf8");

test("the settings table has every setting that is read, with its default and what is allowed", () => {
  const rows = tableRows(readme, ["Name", "Default", "Allowed", "Meaning"]);
  const told = Object.fromEntries(rows.map((row) => [codes(row.Name)[0], row]));
  const read = settingsRead(settingsSource);
  assert.deepEqual(Object.keys(told).sort(), Object.keys(read).sort());
  for (const [name, { kind, value, range }] of Object.entries(read)) {
    const { Default, Allowed } = told[name];
    assert.equal(codes(Default)[0] ?? "", value, `default of ${name}`);
    if (value === "") assert.equal(Default, "–", name);
    if (range) assert.equal(Allowed, range.join(" to "), name);
    if (kind === "boolean") assert.match(Allowed, /^boolean\b/, name);
    if (kind === "list") assert.match(Allowed, /^list\b/, name);
    if (kind === "name") assert.equal(Allowed, "at most 64 characters", name);
  }
});

test("the settings table names every algorithm and environment", async (t) => {
  const rows = tableRows(readme, ["Name", "Default", "Allowed", "Meaning"]);
  const allowed = (name) => codes(rows.find((row) => codes(row.Name)[0] === name).Allowed);
  const worker = await startWorker({ vars: { ALGORITHM: "RS256", ENVIRONMENT: "staging" } });
  t.after(() => worker.stop());
  assert.equal((await request(worker, "GET", "/healthz")).status, 503);
  for (const name of ["ALGORITHM", "ENVIRONMENT"]) {
    const [, words] = await worker.logged(new RegExp(`${name}: is one of ([\\w, ]+)`));
    assert.deepEqual(allowed(name).sort(), words.split(", ").sort());
  }
});

test("the settings in the text exist", () => {
  const exist = Object.keys(settingsRead(settingsSource));
  const others = ["BLACKLIST", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN", "HALLPASS_TOOLS", "LOGIN_BRAKE", "XDG_CACHE_HOME"];
  const named = new Set([...readme.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name));
  for (const name of named) assert.ok([...exist, ...others].includes(name), name);
});

const endpoints = tableRows(readme, ["Method", "Path", "Who", "Body", "Answer"]).map((row) => ({
  method: row.Method,
  path: codes(row.Path)[0],
  who: row.Who,
  fields: codes(row.Body),
  needsAccounts: row.Path.includes("¹"),
}));

test("the endpoints table has every endpoint there is", () => {
  const fixed = endpoints.map(({ path }) => path.replace(/\/$/, "")).filter((path) => !path.includes("<"));
  const paths = [...new Set(fixed)];
  const inFootnotes = codes(/^².*$/m.exec(readme)[0]).map((path) => path.replace(/\/$/, ""));
  const at = /fn at\(path[^]*?_ => return None/.exec(source("issuer", "src", "routes", "endpoint.rs"))[0];
  const there = [...at.matchAll(/"(\/[^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual([...paths, ...inFootnotes].sort(), there.sort());
});

test("the log names the endpoints as the table does", () => {
  const pattern = /fn pattern\(self[^]*?\n    }\n/.exec(source("issuer", "src", "routes", "endpoint.rs"))[0];
  const named = [...pattern.matchAll(/"(\/[^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(named.sort(), [...new Set(endpoints.map(({ path }) => path))].sort());
});

let worker;
let withoutAccounts;

before(async () => {
  // What is there with these settings alone is there.
  const vars = { RESET_URL: "https://app.example.com/reset", SECOND_FACTOR: "optional" };
  [worker, withoutAccounts] = await Promise.all([startWorker({ vars }), startWorker({ vars: { ...vars, ACCOUNTS: "false" } })]);
});
after(() => Promise.all([worker?.stop(), withoutAccounts?.stop()]));

// What asks for a client, or names a session, has tests of its own with both.
const alone = endpoints.filter(({ who, path }) => !/client|token/.test(who) && !path.includes("<"));
for (const { method, path, who, fields, needsAccounts } of alone) {
  test(`${method} ${path} is what the endpoints table says`, async () => {
    const { status, headers, json } = await request(worker, method, path);
    assert.notEqual(status, 405);
    assert.notEqual(status, 404);
    assert.equal((await request(worker, method, path.replace(/\/$/, ""))).status, status, "without its last slash");
    assert.equal((await request(worker, method === "GET" ? "POST" : "GET", path)).status, who.startsWith("bearer") ? 401 : 405);

    const noBearer = "Authentication credentials were not provided.";
    assert.equal(json?.detail === noBearer, who.startsWith("bearer"), "who may");
    const badBearer = await request(worker, method, path, { headers: { authorization: "Bearer x" } });
    assert.equal(badBearer.status === 401, !/^anyone$/.test(who), "a bearer that is not good");

    // What is missing in an empty body is what has to be sent.
    if (status === 400) assert.deepEqual(Object.keys(json), fields.slice(0, Object.keys(json).length));
    if (who === "anyone" && method === "POST") assert.equal(status, 400);
    if (headers.allow) assert.ok(headers.allow.split(", ").includes(method));

    const gone = (await request(withoutAccounts, method, path)).status === 404;
    assert.equal(gone, needsAccounts, "with ACCOUNTS=false");
  });
}

/** Every setting that is asked for: how, with which default, in which range. */
function settingsRead(config) {
  const asked = /self\s*\.(word|seconds|days|attempts|boolean|list|name|get)\(\s*"([A-Z_]+)"(?:,\s*("[^"]*"|[\w]+))?(?:,\s*(\d+)\.\.=(\w+))?/g;
  const settings = {};
  for (const [, kind, name, value = "", from, to] of config.matchAll(asked)) {
    const range = from && [from, String(numberOf(to))];
    settings[name] = { kind, value: value.replace(/"|(?<=\d)_(?=\d)/g, ""), range };
  }
  return settings;
}

/** A number as it stands in Rust, or the constant of that name. */
function numberOf(text) {
  if (/^\d/.test(text)) return Number(text.replaceAll("_", ""));
  const constants = settingsSource + source("core", "src", "lib.rs");
  const [, product] = new RegExp(`const ${text}: u64 = ([\\d_* ]+);`).exec(constants);
  return product.split("*").reduce((whole, factor) => whole * Number(factor.trim().replaceAll("_", "")), 1);
}
