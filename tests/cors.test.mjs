// The setting ALLOWED_ORIGINS: what an answer tells browsers about pages of other origins. What browsers make of it is in
// tests/pages/cors.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";
import { inProject } from "../tools/project.mjs";
import { blacklist, register } from "./support/client.mjs";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { codes, tableRows } from "./support/markdown.mjs";
import { bearer, request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const APP = "https://app.example.com";
const LOCAL = "http://localhost:5173";
const ADMIN_KEY = "an admin key of forty visible characters".replaceAll(" ", "-");
// Without keys of its own, two Workers publish the same.
const SETTINGS = { ALGORITHM: "HS256", SIGNING_KEY: "a key that both Workers of this test have", ADMIN_KEY };

const UNLISTED = {
  "no origin": undefined,
  null: "null",
  "an origin that says nothing": "",
  "a wildcard": "*",
  "another site": "https://evil.test",
  "a site that begins like it": "https://app.example.com.evil.test",
  "a site that ends like it": "https://evil-app.example.com",
  "a subdomain of it": "https://www.app.example.com",
  "what it is a subdomain of": "https://example.com",
  "another port of it": "https://app.example.com:8443",
  "its own port, written out": "https://app.example.com:443",
  "its host over http": "http://app.example.com",
  "it in capitals": "https://APP.EXAMPLE.COM",
  "its scheme in capitals": "HTTPS://app.example.com",
  "it with a slash": "https://app.example.com/",
  "it with a path": "https://app.example.com/login",
  "it with a dot": "https://app.example.com.",
  "its host alone": "app.example.com",
  "a part of it": "https://app.example.co",
  "it as a user's name": "https://app.example.com@evil.test",
  "two that are listed": `${APP}, ${LOCAL}`,
  "two that are listed, with a space between": `${APP} ${LOCAL}`,
  "the listed port with another digit": "http://localhost:51730",
};

let worker;
let without;
let faulty;
before(async () => {
  const vars = { ...SETTINGS, ALLOWED_ORIGINS: `${APP}, ${LOCAL}` };
  [worker, without, faulty] = await Promise.all([startWorker({ vars }), startWorker({ vars: SETTINGS }), startFaultyWorker({ vars })]);
});
after(() => Promise.all([worker, without, faulty].map((one) => one?.stop())));

const from = (origin, headers = {}) => (origin === undefined ? headers : { ...headers, origin });

/** What a browser asks before it sends `method` with a token and a JSON body. */
const preflight = (base, path, method, origin) =>
  request(base, "OPTIONS", path, {
    headers: from(origin, { "access-control-request-method": method, "access-control-request-headers": "authorization,content-type", accept: "*/*" }),
  });

const corsHeaders = ({ headers }) => Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-")));

/** The answer may be read by pages of `origin`. */
function assertReadable(answer, origin = APP, what = "") {
  const expected = { "access-control-allow-origin": origin, "access-control-expose-headers": "Hallpass-Reason, Hallpass-Request-Id, Retry-After, WWW-Authenticate" };
  assert.deepEqual(corsHeaders(answer), expected, what);
  assert.equal(answer.headers.vary, "Accept, Origin", what);
}

// Every rule has its cases beside it, in crates/issuer/src/config/allowed_origins.rs.
const REFUSED = [
  "*",
  "null",
  "https://*.example.com",
  "https://app.example.com/",
  "http://app.example.com",
  "https://app.example.com https://b.example.com",
  "https://app.example.com,",
  ["https://app.example.com"],
];

test("an ALLOWED_ORIGINS that browsers could not meet is refused by its name", async () => {
  // Two at a time, for each has a workerd of its own.
  const left = [...REFUSED];
  const refuse = async () => {
    for (let setting = left.pop(); setting !== undefined; setting = left.pop()) await assertRefused(setting);
  };
  await Promise.all([refuse(), refuse()]);
});

async function assertRefused(setting) {
  const refused = await startWorker({ vars: { ALLOWED_ORIGINS: setting } });
  try {
    const answer = await request(refused, "GET", "/healthz", { headers: { origin: "https://app.example.com" } });
    assert.equal(answer.status, 503, `${setting}`);
    // Of settings that cannot be worked with none is.
    assert.deepEqual(corsHeaders(answer), {});
    await refused.logged(/"detail":"ALLOWED_ORIGINS: /);
    assert.equal(refused.log().match(/"event":"setting"/g).length, 1, refused.log());
  } finally {
    await refused.stop();
  }
}

/** Each path of the README's table with the methods it takes. */
const ENDPOINTS = new Map();
for (const row of tableRows(readFileSync(inProject("README.md"), "utf8"), ["Method", "Path", "Who", "Body", "Answer"])) {
  const path = codes(row.Path)[0].replace("<sid>", "0123456789abcdef0123456789abcdef");
  ENDPOINTS.set(path, [...(ENDPOINTS.get(path) ?? []), row.Method]);
}
const FOR_EVERYBODY = [...ENDPOINTS.keys()].filter((path) => path.startsWith("/.well-known/"));

/** Every method of an endpoint, in a fixed order. */
function methodsOf(path) {
  const named = ENDPOINTS.get(path);
  const options = path.startsWith("/oauth/") || path === "/healthz" ? [] : ["OPTIONS"];
  return ["DELETE", "GET", "HEAD", "POST"].filter((method) => named.includes(method === "HEAD" ? "GET" : method)).concat(options).sort();
}

for (const path of ENDPOINTS.keys()) {
  if (FOR_EVERYBODY.includes(path)) continue;
  test(`a listed origin's preflight for ${path} is answered before anything else is asked`, async () => {
    for (const origin of [APP, LOCAL]) {
      for (const at of [path, path.replace(/\/$/, ""), `${path}?format=xml`]) {
        // Also for a method that it does not take: the browser reads the list, and the page the 405.
        for (const method of [...methodsOf(path), "PUT"]) {
          const { status, headers, text } = await preflight(worker, at, method, origin);
          assert.equal(status, 204, `${method} ${at}: ${text}`);
          assert.equal(text, "");
          const { "access-control-allow-methods": methods, ...others } = corsHeaders({ headers });
          assert.deepEqual(methods.split(", ").sort(), methodsOf(path));
          assert.deepEqual(others, {
            "access-control-allow-origin": origin,
            "access-control-allow-headers": "Authorization, Content-Type",
            "access-control-max-age": "7200",
          });
          assert.equal(headers.vary, "Accept, Origin");
          assert.equal(headers.allow, undefined);
        }
      }
    }
  });
}

test("OPTIONS that is no preflight is the endpoint's, and a preflight is one by its method", async () => {
  const options = await request(worker, "OPTIONS", "/api/token/", { headers: from(APP) });
  assert.equal(options.status, 200);
  assert.ok(options.json.actions.POST.password);
  assertReadable(options);
  const post = await request(worker, "POST", "/api/token/", { json: {}, headers: from(APP, { "access-control-request-method": "POST" }) });
  assert.equal(post.status, 400);
  assertReadable(post);
});

test("a preflight where nothing is gets the 404 that the request would", async () => {
  const answer = await preflight(worker, "/no/such/path", "POST", APP);
  assert.equal(answer.status, 404);
  assertReadable(answer);
});

test("a listed origin can read every answer, whatever it says", async () => {
  const user = await register(worker);
  const cases = [
    [200, "POST", "/api/token/", { json: { email: user.email, password: user.password } }],
    [200, "GET", "/api/v1/users/info/", { headers: bearer(user.access) }],
    [200, "HEAD", "/api/v1/users/info/", { headers: bearer(user.access) }],
    [200, "GET", "/api/sessions/", { headers: bearer(user.access) }],
    [200, "GET", "/healthz", {}],
    [400, "POST", "/api/token/", { json: {} }],
    [400, "POST", "/oauth/token", { form: {} }],
    [401, "POST", "/api/token/refresh/", { json: { refresh: "x" } }],
    [401, "GET", "/api/v1/users/info/", {}],
    [401, "GET", "/api/check/", {}],
    [401, "POST", "/oauth/introspect", { form: { token: "x" } }],
    [401, "POST", "/api/sessions/", { json: { sub: "x" } }],
    [404, "GET", "/no/such/path", {}],
    [404, "GET", "/api/token/?format=xml", {}],
    [404, "DELETE", "/api/sessions/0123456789abcdef0123456789abcdef/", { headers: bearer(user.access) }],
    [405, "GET", "/api/token/", {}],
    [405, "GET", "/oauth/token", {}],
    [405, "PUT", "/healthz", {}],
    [406, "POST", "/api/token/", { json: {}, headers: { accept: "text/csv" } }],
    [413, "POST", "/api/token/", { body: "x".repeat(65 * 1024), headers: { "content-type": "application/json" } }],
    [415, "POST", "/api/token/", { body: "x", headers: { "content-type": "text/plain" } }],
    [205, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(user.access) }],
  ];
  for (const [expected, method, path, options] of cases) {
    const answer = await request(worker, method, path, { ...options, headers: from(LOCAL, options.headers) });
    assert.equal(answer.status, expected, `${method} ${path}: ${answer.text}`);
    assertReadable(answer, LOCAL, `${method} ${path}`);
  }
});

test("why a session has ended stands where a listed origin can read it", async () => {
  const user = await register(worker);
  await blacklist(worker, user.refresh);
  const answer = await request(worker, "POST", "/api/token/refresh/", { json: { refresh: user.refresh }, headers: from(APP) });
  assert.equal(answer.status, 401);
  assert.equal(answer.headers["hallpass-reason"], "logout");
  assertReadable(answer);
});

test("a listed origin can read that something of ours failed", async () => {
  const user = await register(faulty);
  await plan(faulty, { failing_statement: "UPDATE session" });
  const failed = await request(faulty, "POST", "/api/token/refresh/", { json: { refresh: user.refresh }, headers: from(APP) });
  assert.equal(failed.status, 500);
  assertReadable(failed);
  await plan(faulty, { failing_reads: true });
  const blind = await request(faulty, "GET", "/api/check/", { headers: from(APP, bearer(user.access)) });
  await plan(faulty);
  assert.equal(blind.status, 503);
  assertReadable(blind);
});

/** Requests that are answered the same by two Workers with the same settings. */
const ANYWHERE = [
  ...[...ENDPOINTS].flatMap(([path, methods]) => ["OPTIONS", ...methods].map((method) => [method, path])),
  ["GET", "/no/such/path"],
  ["OPTIONS", "/no/such/path"],
  ["HEAD", "/api/v1/users/info/"],
  ["PUT", "/api/token/"],
];

/** What came over the wire, but for the Worker's own address, the time and how long it took. */
function wire({ url }, { status, headers, text }) {
  const { date: _, "server-timing": __, ...others } = headers;
  return { status, headers: others, text: text.replaceAll(url, "") };
}

for (const [what, origin] of Object.entries(UNLISTED)) {
  test(`from ${what} everything is answered as without the setting, but caches are told of it`, async () => {
    for (const asked of [{}, { "access-control-request-method": "POST", "access-control-request-headers": "authorization" }]) {
      for (const [method, path] of ANYWHERE) {
        const headers = from(origin, asked);
        const [now, else_] = await Promise.all([worker, without].map((one) => request(one, method, path, { headers })));
        const expected = wire(without, else_);
        if (!FOR_EVERYBODY.includes(path)) {
          assert.equal(expected.headers.vary, "Accept");
          expected.headers.vary = "Accept, Origin";
          assert.deepEqual(corsHeaders(now), {});
        }
        assert.deepEqual(wire(worker, now), expected, `${method} ${path}`);
      }
    }
  });
}

test("an unlisted origin is not refused: what it may do hangs on its token", async () => {
  const user = await register(worker);
  const { status } = await request(worker, "GET", "/api/v1/users/info/", { headers: from("https://evil.test", bearer(user.access)) });
  assert.equal(status, 200);
});

test("public keys and metadata stay everybody's, and do not vary by origin", async () => {
  for (const path of FOR_EVERYBODY) {
    for (const origin of [undefined, "null", "https://evil.test", APP]) {
      const answer = await request(worker, "GET", path, { headers: from(origin) });
      assert.equal(answer.status, 200);
      assert.deepEqual(corsHeaders(answer), { "access-control-allow-origin": "*" }, `${origin}`);
      assert.equal(answer.headers.vary, "Accept");
    }
  }
  assert.equal(FOR_EVERYBODY.length, 2);
});

test("the admin API knows no other origin, listed or not, with the key or without it", async () => {
  const paths = ["/admin/api/users/", "/admin/api/keys/", "/admin/api/no/such/", "/admin/api/"];
  for (const path of paths) {
    for (const key of [{}, bearer(ADMIN_KEY)]) {
      for (const method of ["GET", "OPTIONS", "DELETE"]) {
        const headers = from(APP, { ...key, "access-control-request-method": "GET" });
        const answer = await request(worker, method, path, { headers });
        assert.deepEqual(corsHeaders(answer), {}, `${method} ${path}`);
        assert.equal(answer.headers.vary, "Accept");
        assert.notEqual(answer.status, 204);
      }
    }
  }
});

test("pages and their files are their own origin's", async () => {
  for (const path of ["/", "/base.css", "/hallpass/session.js", "/admin/"]) {
    const [now, else_] = await Promise.all([worker, without].map((one) => request(one, "GET", path, { headers: from(APP) })));
    assert.equal(now.status, 200, path);
    assert.deepEqual(corsHeaders(now), {}, path);
    assert.equal(now.headers.vary, else_.headers.vary, path);
  }
});
