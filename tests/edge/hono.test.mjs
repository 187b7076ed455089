// The guard as middleware of a real Hono, which comes with the projects of tests/packaging.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { forHono } from "../../crates/verifier/js/hono.js";
import { inProject } from "../../tools/project.mjs";
import { bearer } from "../support/request.mjs";
import { CLAIMS, FakeKv, guarding } from "../support/guarded.mjs";

const { resolve } = createRequire(inProject("tests", "packaging", "package.json"));
const { Hono } = await import(pathToFileURL(resolve("hono")).href);
const { cors } = await import(pathToFileURL(resolve("hono/cors")).href);

const guarded = (makeGuard) => {
  const app = new Hono();
  app.use("/api/*", forHono(makeGuard));
  app.get("/api/me", async (c) => {
    await new Promise(setImmediate);
    return c.json({ sub: c.get("pass").claims.sub });
  });
  app.get("/", (c) => c.text("for everybody"));
  return app;
};

test("whoever is let in reaches the handler, with the pass in the context", async () => {
  const app = guarded((env) => guarding({ blacklist: env.BLACKLIST }));
  const response = await app.request("/api/me", { headers: bearer("a-token") }, { BLACKLIST: new FakeKv() });
  assert.deepEqual([response.status, await response.json()], [200, { sub: CLAIMS.sub }]);
});

test("whoever is not gets the guard's answer, and the handler is not reached", async () => {
  const app = new Hono();
  app.use(forHono(() => guarding({ blacklist: new FakeKv() })));
  app.get("/", () => assert.fail("reached"));
  const response = await app.request("/");
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("www-authenticate"), "Bearer");
  assert.deepEqual(await response.json(), { detail: "Authentication credentials were not provided." });
});

test("other paths are left alone, and no guard is made before it is needed", async () => {
  const app = guarded(() => assert.fail("made"));
  assert.equal(await (await app.request("/")).text(), "for everybody");
});

test("the guard is made once, of the first request's bindings", async () => {
  const made = [];
  const app = guarded((env) => (made.push(env), guarding({ blacklist: env.BLACKLIST })));
  const env = { BLACKLIST: new FakeKv() };
  for (let i = 0; i < 3; i++) assert.equal((await app.request("/api/me", { headers: bearer("a-token") }, env)).status, 200);
  assert.deepEqual(made, [env]);
  assert.equal(env.BLACKLIST.reads.length, 1, "and remembers what it has read");
});

test("a guard that cannot be made is an error of the app, at every request", async () => {
  const app = guarded((env) => guarding({ blacklist: env.BLACKLIST }));
  const seen = [];
  app.onError((error, c) => (seen.push(error.code), c.text("not set up", 500)));
  for (let i = 0; i < 2; i++) assert.equal((await app.request("/api/me", { headers: bearer("a-token") }, {})).status, 500);
  assert.deepEqual(seen, ["bad_option", "bad_option"]);
});

test("CORS middleware before the guard answers preflights, and its headers stand on refusals too", async () => {
  const app = new Hono();
  app.use(cors({ origin: "https://app.example" }));
  app.use(forHono(() => guarding({ blacklist: new FakeKv() })));
  const headers = { origin: "https://app.example", "access-control-request-method": "GET" };
  const preflight = await app.request("/", { method: "OPTIONS", headers });
  assert.equal(preflight.status, 204);
  const refused = await app.request("/", { headers });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("access-control-allow-origin"), "https://app.example");
});
