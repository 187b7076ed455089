// A bad or missing setting or binding: the Worker serves nothing, and the log says which.

import assert from "node:assert/strict";
import test from "node:test";
import { register } from "./support/client.mjs";
import { request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const PATHS = [
  ["POST", "/api/token/"],
  ["POST", "/api/token/refresh/"],
  ["POST", "/api/v1/users/registration/"],
  ["GET", "/api/v1/users/info/"],
  ["GET", "/.well-known/jwks.json"],
  ["GET", "/healthz"],
  ["GET", "/no/such/path"],
];

/** Starts a Worker and asserts that it serves nothing and logs exactly these names. */
async function assertRefuses(options, names) {
  const worker = await startWorker(options);
  try {
    for (const [method, path] of PATHS) {
      const { status, text, headers } = await request(worker, method, path);
      assert.equal(status, 503, `${method} ${path}: ${text}`);
      assert.equal(headers["content-type"], "application/json");
      assert.equal(text, '{"detail":"Service unavailable: it is not set up correctly."}');
    }
    for (const name of names) await worker.logged(new RegExp(`"detail":"${name}: `));
    const logged = [...worker.log().matchAll(/"detail":"(\w+): /g)].map(([, name]) => name);
    assert.deepEqual(logged.sort(), [...names].sort(), worker.log());
    return worker.log();
  } finally {
    await worker.stop();
  }
}

test("several bad settings and missing bindings at once are all named in the log, and none in the answer", async () => {
  const vars = {
    ALGORITHM: "HS256",
    SIGNING_KEY: "only thirty-one bytes, one short",
    LEEWAY: "301",
    ACCESS_TOKEN_LIFETIME: "5m",
    REFRESH_TOKEN_LIFETIME: "0",
    REFRESH_GRACE_SECONDS: "-1",
    ROTATE_REFRESH_TOKENS: "maybe",
    AUTH_TOKEN_CLASSES: "access,refresh",
    AUTH_HEADER_TYPES: "Bearer,,JWT",
    USER_ID_CLAIM: "exp",
    ENVIRONMENT: "laptop",
  };
  vars.SIGNING_KEY = vars.SIGNING_KEY.slice(0, 31);
  const without = ["BLACKLIST", "SUBJECTS", "ACCOUNTS_BY_EMAIL", "KEYRING"];
  const { ALGORITHM: _, ...bad } = vars;
  const log = await assertRefuses({ vars, without }, [...Object.keys(bad), ...without]);
  assert.ok(!log.includes(vars.SIGNING_KEY), "the secret stands in the log");
});

for (const binding of ["BLACKLIST", "SUBJECTS"]) {
  test(`a missing ${binding} binding is named in the log`, () => assertRefuses({ without: [binding] }, [binding]));
}

test("a shared secret is counted in bytes: 32 are enough, 31 are not", async () => {
  const vars = (SIGNING_KEY) => ({ ALGORITHM: "HS256", SIGNING_KEY });
  await assertRefuses({ vars: vars("k".repeat(31)) }, ["SIGNING_KEY"]);
  const worker = await startWorker({ vars: vars("é".repeat(16)) });
  try {
    await register(worker);
  } finally {
    await worker.stop();
  }
});

test("production without KEYRING_SECRET is refused, production with it and nothing else works", async () => {
  // Production is what a Worker is in when nobody says so.
  await assertRefuses({ without: ["ENVIRONMENT"] }, ["KEYRING_SECRET"]);
  const worker = await startWorker({ vars: { KEYRING_SECRET: "s".repeat(32) }, without: ["ENVIRONMENT"] });
  try {
    await register(worker);
  } finally {
    await worker.stop();
  }
});
