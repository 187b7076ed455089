// `Server-Timing`: what an answer has waited for, for whoever develops and for nobody else.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { atOnce, info, register } from "./support/client.mjs";
import { bearer, request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const FORM = /^total;dur=(\d+), objects;dur=(\d+), kv;dur=(\d+)$/;
const KEYRING_SECRET = "a-secret-that-seals-keys-in-production";

let development;
let production;
before(async () => {
  [development, production] = await Promise.all([startWorker(), startWorker({ vars: { ENVIRONMENT: "production", KEYRING_SECRET } })]);
});
after(() => Promise.all([development?.stop(), production?.stop()]));

const asked = [
  ["GET", "/healthz"],
  ["GET", "/.well-known/jwks.json"],
  ["POST", "/api/token/verify/"],
  ["GET", "/nothing/"],
  ["GET", "/admin/api/users/"],
];

/** `[total, objects, kv]` */
const timing = ({ headers }) => (FORM.exec(headers["server-timing"]) ?? []).slice(1).map(Number);

test("in development each answer says what was waited for", async () => {
  for (const [method, path] of asked) {
    const [total, objects, kv] = timing(await request(development, method, path));
    assert.ok(objects <= total && kv <= total, `${path}: ${total} ${objects} ${kv}`);
  }
});

test("what one request waits for is not told of another", async () => {
  const { access } = await register(development);
  const strict = atOnce(10, () => info(development, access));
  await sleep(1);
  const byKv = atOnce(10, () => request(development, "GET", "/api/check/", { headers: bearer(access) }));
  for (const answer of await strict) assert.equal(timing(answer)[2], 0, "a strict check asks no KV");
  for (const answer of await byKv) assert.equal(timing(answer)[1], 0, "a check by KV asks no object");
});

test("in production no answer says it", async () => {
  for (const [method, path] of asked) {
    const { headers } = await request(production, method, path);
    assert.equal(headers["server-timing"], undefined, path);
  }
});
