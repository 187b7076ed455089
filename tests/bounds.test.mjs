// What is sent may be as large, as deep or as many as it likes: it is refused or read, never a 5xx, and the Worker goes on answering.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, afterEach, before } from "node:test";
import { inProject } from "../tools/project.mjs";
import { codes, tableRows } from "./support/markdown.mjs";
import { ADMIN_KEY, admin, info, registered } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const KIB = 1024;
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };
const MULTIPART = { "content-type": "multipart/form-data; boundary=x" };

let worker;
let ann;
before(async () => {
  // With every endpoint there is.
  const all = { RESET_URL: "https://app.example.com/reset", SECOND_FACTOR: "optional" };
  worker = await startWorker({ vars: { ...all, ADMIN_KEY, ALLOWED_ORIGINS: "https://app.example.com" } });
  ann = await registered(worker);
});
after(() => worker.stop());

// After each test: a good request gets a good answer, and nothing of ours failed on the way.
afterEach(async () => {
  assert.equal((await info(worker, ann.access)).status, 200);
  assert.doesNotMatch(worker.log(), /"level":"error"|panicked|RuntimeError/);
});

/** Every endpoint of the README's table, with something in the place of an id. */
const endpoints = tableRows(readFileSync(inProject("README.md"), "utf8"), ["Method", "Path", "Who", "Body", "Answer"]).map((row) => ({
  method: row.Method,
  path: codes(row.Path)[0].replace(/<\w+>/, "x"),
}));
const posts = endpoints.filter(({ method }) => method === "POST").map(({ path }) => path);
/** These read no body. */
const BODILESS = ["/api/v1/users/reset-all-token/"];

const members = (count) => `{${Array.from({ length: count }, (_, nth) => `"${nth.toString(36)}":1`).join(",")}}`;
const part = (name) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n\r\n`;
const parts = (count) => `${Array.from({ length: count }, (_, nth) => part(nth.toString(36))).join("")}--x--\r\n`;

/** More than is read, and as much of it as is. */
const BODIES = {
  "arrays 100,000 deep": [JSON_TYPE, "[".repeat(100_000), [413]],
  "arrays 60,000 deep": [JSON_TYPE, "[".repeat(60_000), [400]],
  "objects 12,000 deep": [JSON_TYPE, '{"a":'.repeat(12_000), [400]],
  "arrays 121 deep, closed": [JSON_TYPE, `{"a":${"[".repeat(121)}${"]".repeat(121)}}`, [400]],
  "100,000 members": [JSON_TYPE, members(100_000), [413]],
  "7,500 members": [JSON_TYPE, members(7500), [400, 401]],
  "the same member 10,000 times": [JSON_TYPE, `{${'"a":1,'.repeat(10_000)}"b":1}`, [400, 401]],
  "20,000 objects in a list": [JSON_TYPE, `{"a":[${"{},".repeat(20_000)}{}]}`, [400, 401]],
  "a number of 60,000 digits": [JSON_TYPE, `{"a":${"9".repeat(60_000)}}`, [400, 401]],
  "a form of 100,000 fields": [FORM_TYPE, "a&".repeat(100_000), [413]],
  "a form of 32,000 fields": [FORM_TYPE, "a&".repeat(32_000), [400]],
  "a form of 1,001 fields": [FORM_TYPE, "a=1&".repeat(1001), [400]],
  "10,000 parts": [MULTIPART, parts(10_000), [413]],
  "1,001 parts": [MULTIPART, parts(1001), [400]],
};

for (const [name, [type, body, expected]] of Object.entries(BODIES)) {
  test(`${name}: refused by every endpoint that reads a body`, async () => {
    for (const path of posts.filter((path) => !BODILESS.includes(path))) {
      const answer = await request(worker, "POST", path, { body, headers: { ...type, ...bearer(ann.access) } });
      // Whoever has to be a client is asked for that first.
      const allowed = path === "/api/sessions/" || path.startsWith("/oauth/") ? [...expected, 400, 401] : expected;
      assert.ok(allowed.includes(answer.status), `${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
    }
  });
}

test("a form of a thousand fields is read, and its last of a name counts", async () => {
  const body = `${"refresh=x&".repeat(999)}refresh=${ann.refresh}`;
  const { status, json } = await request(worker, "POST", "/api/token/refresh/", { body, headers: FORM_TYPE });
  assert.equal(status, 200);
  ann.refresh = json.refresh;
  const more = await request(worker, "POST", "/api/token/refresh/", { body: `a=1&${body}`, headers: FORM_TYPE });
  assert.deepEqual([more.status, more.json], [400, { detail: "The form has more than 1000 fields." }]);
});

test("a form of a thousand parts is read", async () => {
  const refreshed = `--x\r\nContent-Disposition: form-data; name="refresh"\r\n\r\n${ann.refresh}\r\n`;
  const { status, json, text } = await request(worker, "POST", "/api/token/refresh/", { body: refreshed + parts(999), headers: MULTIPART });
  assert.equal(status, 200, text);
  ann.refresh = json.refresh;
});

const LONG = 64 * KIB;
const HEADERS = {
  "a bearer": { authorization: `Bearer ${"a".repeat(LONG)}` },
  "a bearer of dots": { authorization: `Bearer ${".".repeat(LONG)}` },
  "another scheme": { authorization: `${"A".repeat(LONG)} x` },
  "a client's secret": { authorization: `Basic ${"YTph".repeat(LONG / 4)}` },
  "what is accepted": { accept: "a/b;q=0.1,".repeat(LONG / 10) },
  "the type of the body": { "content-type": `application/json;${"a=b;".repeat(LONG / 4)}` },
  "the boundary": { "content-type": `multipart/form-data; boundary=${"b".repeat(LONG)}` },
  "the origin": { origin: `https://${"a".repeat(LONG)}` },
  "the client's name": { "user-agent": "a".repeat(LONG) },
  "cookies": { cookie: "a=b; ".repeat(LONG / 5) },
  "a header that nobody knows": { "x-anything": "a".repeat(LONG) },
};

for (const [name, headers] of Object.entries(HEADERS)) {
  test(`64 KiB of ${name}: no endpoint fails`, async () => {
    for (const { method, path } of endpoints) {
      const { status, text } = await request(worker, method, path, { headers, ...(method === "POST" ? { body: "{}" } : {}) });
      assert.ok(status < 500, `${method} ${path}: ${status} ${text.slice(0, 200)}`);
    }
  });
}

test("a long query is read, and changes nothing", async () => {
  for (const { method, path } of endpoints) {
    for (const query of ["a".repeat(30_000), "a=b&".repeat(7000), "format=json&".repeat(2500), "%ff".repeat(10_000), "deep&".repeat(6000)]) {
      const { status, text } = await request(worker, method, `${path}?${query}`);
      assert.ok(status < 500, `${method} ${path}: ${status} ${text.slice(0, 200)}`);
    }
  }
});

const LONG_TEXT = "a".repeat(20_000);
const ASKED = [
  ["GET", `users/?query=${LONG_TEXT}`],
  ["GET", `users/?cursor=${LONG_TEXT}`],
  ["GET", `users/${LONG_TEXT}/`],
  ["DELETE", `users/${LONG_TEXT}/sessions/${LONG_TEXT}/`],
  ["GET", `blacklist/?prefix=${"a".repeat(512)}`],
  ["GET", `blacklist/?prefix=${"a".repeat(513)}`],
  ["GET", `blacklist/?prefix=${LONG_TEXT}`],
  ["GET", `events/?kind=${LONG_TEXT}`],
  ["GET", `events/?sub=${LONG_TEXT}`],
  ["GET", `events/?cursor=${LONG_TEXT}`],
  ["GET", `stats/?days=${"9".repeat(20_000)}`],
  ["POST", "keys/roll/", { leaked: LONG_TEXT }],
  ["POST", "blacklist/", { token: LONG_TEXT }],
  ["POST", "blacklist/", { jti: LONG_TEXT, sub: LONG_TEXT }],
  ["POST", "import/users/", { users: Array.from({ length: 20_000 }, () => ({})) }],
  ["POST", "import/blacklist/", { tokens: Array.from({ length: 20_000 }, () => ({})) }],
];

test("whoever has the admin key may ask for something long, and is answered", async () => {
  for (const [method, path, json] of ASKED) {
    const { status, text } = await admin(worker, method, path, { json });
    assert.ok(status < 500, `${method} ${path.slice(0, 40)}: ${status} ${text.slice(0, 200)}`);
  }
  const { status, json } = await admin(worker, "GET", `blacklist/?prefix=${LONG_TEXT}`);
  assert.deepEqual([status, json], [200, { entries: [], cursor: null }]);
});
