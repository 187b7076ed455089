// What every answer tells a browser to refrain from, whatever was asked and whatever becomes of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";
import { inProject } from "../tools/project.mjs";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { codes, tableRows } from "./support/markdown.mjs";
import { admin, ADMIN_KEY, refresh, registered } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const APP = "https://app.example.com";

/** Of every answer, pages and their files included. */
const EVERYWHERE = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "same-origin",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
/** What is no page of ours does nothing when it is opened as one. */
const NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Each endpoint of the README's tables: `[method, path]`. */
const readme = readFileSync(inProject("README.md"), "utf8");
const ENDPOINTS = tableRows(readme, ["Method", "Path", "Who", "Body", "Answer"]).map((row) => [
  row.Method,
  codes(row.Path)[0].replace("<sid>", "0123456789abcdef0123456789abcdef"),
]);
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

let worker;
before(async () => {
  worker = await startWorker({ vars: { ADMIN_KEY, ALLOWED_ORIGINS: APP } });
});
after(() => worker?.stop());

function assertForbidding({ status, headers }, what) {
  const said = Object.fromEntries(Object.keys(EVERYWHERE).map((name) => [name, headers[name]]));
  assert.deepEqual(said, EVERYWHERE, `${what}: ${status}`);
}

function assertNoPage(answer, what) {
  assertForbidding(answer, what);
  assert.equal(answer.headers["content-security-policy"], NO_PAGE, what);
}

test("every endpoint says so by every method, from wherever it is asked", async () => {
  for (const [, path] of ENDPOINTS) {
    for (const method of METHODS) {
      for (const headers of [{}, { origin: APP }, { origin: APP, "access-control-request-method": "POST" }, { accept: "text/csv" }]) {
        assertNoPage(await request(worker, method, path, { headers }), `${method} ${path}`);
      }
    }
  }
});

test("so do answers that are good", async () => {
  const person = await registered(worker);
  assertNoPage(await refresh(worker, person.refresh), "a pair");
  for (const path of ["/api/v1/users/info/", "/api/sessions/", "/healthz", "/.well-known/jwks.json"]) {
    const answer = await request(worker, "GET", path, { headers: bearer(person.access) });
    assert.equal(answer.status, 200, path);
    assertNoPage(answer, path);
  }
  const ended = await request(worker, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(person.access) });
  assert.equal(ended.status, 205);
  assertNoPage(ended, "without a body");
});

test("so does the admin API, with the key and without it", async () => {
  for (const path of ["users/", "events/", "keys/", "stats/", "no/such/"]) {
    assertNoPage(await admin(worker, "GET", path), path);
    assertNoPage(await request(worker, "GET", `/admin/api/${path}`), path);
  }
});

test("so do refusals of what cannot be read, and of what is not there", async () => {
  const type = { "content-type": "application/json" };
  const cases = [
    [400, "POST", "/api/token/", { body: "{", headers: type }],
    [404, "GET", "/no/such/path", {}],
    [413, "POST", "/api/token/", { body: "x".repeat(65 * 1024), headers: type }],
    [415, "POST", "/api/token/", { body: "x", headers: { "content-type": "text/plain" } }],
  ];
  for (const [expected, method, path, options] of cases) {
    const answer = await request(worker, method, path, options);
    assert.equal(answer.status, expected);
    assertNoPage(answer, path);
  }
});

test("so does a Worker of which something fails, or all", async (t) => {
  const faulty = await startFaultyWorker();
  t.after(() => faulty.stop());
  const person = await registered(faulty);
  await plan(faulty, { failing_statement: "UPDATE session" });
  const failed = await refresh(faulty, person.refresh);
  await plan(faulty);
  assert.equal(failed.status, 500);
  assertNoPage(failed, "500");
  const unusable = await startWorker({ without: ["BLACKLIST"] });
  t.after(() => unusable.stop());
  const unavailable = await request(unusable, "GET", "/healthz");
  assert.equal(unavailable.status, 503);
  assertNoPage(unavailable, "503");
});

test("pages and their files say so too, under a policy of their own", async () => {
  for (const path of ["/", "/inspect/", "/admin/", "/base.css", "/demo/main.js", "/hallpass/session.js", "/icon.svg"]) {
    const answer = await request(worker, "GET", path);
    assert.equal(answer.status, 200, path);
    assertForbidding(answer, path);
    assert.match(answer.headers["content-security-policy"], /^default-src 'none'; script-src 'self'/);
  }
});
