// The setting CLIENTS: what cannot be meant is refused by name, and never printed.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { basic, CLIENTS, LOGIN, tryOpenSession } from "./support/clients.mjs";
import { request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const secret = "a secret that no log may hold 5b7e";
const secret_sha256 = createHash("sha256").update(secret).digest("base64url");
const client = { id: "web", secret_sha256, scopes: ["sessions:open"] };

const REFUSED = {
  "no JSON": `[{"id":"web","secret_sha256":"${secret_sha256}"`,
  "not a list": JSON.stringify(client),
  "no secret": JSON.stringify([{ id: "web" }]),
  "the secret itself": JSON.stringify([{ ...client, secret_sha256: secret }]),
  "the hash in hex": JSON.stringify([{ ...client, secret_sha256: createHash("sha256").update(secret).digest("hex") }]),
  "the hash with padding": JSON.stringify([{ ...client, secret_sha256: `${secret_sha256}=` }]),
  "a secret under another name": JSON.stringify([{ ...client, secret }]),
  "two clients of one id": JSON.stringify([client, client]),
  "an id with a colon": JSON.stringify([{ ...client, id: "a:b" }]),
  "a scope with a space": JSON.stringify([{ ...client, scopes: ["a b"] }]),
};

for (const [what, setting] of Object.entries(REFUSED)) {
  test(`${what} in CLIENTS is refused by its name, and neither printed nor answered`, async () => {
    const worker = await startWorker({ vars: { CLIENTS: setting, ACCESS_TOKEN_TYP: "jwt" } });
    try {
      const { status, text } = await request(worker, "POST", "/oauth/token", { form: {}, headers: basic({ id: "web", secret }) });
      assert.equal(status, 503);
      assert.equal(text, '{"detail":"Service unavailable: it is not set up correctly."}');
      await worker.logged(/"detail":"CLIENTS: /);
      await worker.logged(/"detail":"ACCESS_TOKEN_TYP: is one of JWT, at\+jwt"/);
      for (const hidden of [secret, secret_sha256]) assert.ok(!worker.log().includes(hidden), worker.log());
    } finally {
      await worker.stop();
    }
  });
}

// wrangler.toml may say `[[vars.CLIENTS]]`, which comes as a value and not as text. It was once taken
// for no setting at all.
test("clients that are listed as tables in wrangler.toml are read like the text", async () => {
  const worker = await startWorker({ vars: { CLIENTS: JSON.parse(CLIENTS) } });
  try {
    assert.equal((await tryOpenSession(worker, { sub: "u7" }, LOGIN)).status, 201);
  } finally {
    await worker.stop();
  }
});

test("without CLIENTS nobody opens sessions, introspects or gets tokens, and revoking goes on", async () => {
  const worker = await startWorker();
  try {
    assert.equal((await tryOpenSession(worker, { sub: "u7" })).status, 401);
    for (const [path, form] of [["/oauth/introspect", { token: "x" }], ["/oauth/token", { grant_type: "client_credentials" }]]) {
      for (const headers of [{}, basic(LOGIN), basic({ id: "", secret: "" })]) {
        assert.equal((await request(worker, "POST", path, { form, headers })).status, 401, path);
      }
    }
    assert.equal((await request(worker, "POST", "/oauth/revoke", { form: { token: "x" } })).status, 200);
  } finally {
    await worker.stop();
  }
});
