// A guard in Node.js that asks a real issuer by RFC 7662, with the package's real verifier.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { createGuard } from "../../crates/verifier/dist/edge.js";
import { Verifier } from "../../crates/verifier/dist/index.js";
import { BATCH, CLIENTS, clientToken, LOGIN, newSubject, openSession, revoke } from "../support/clients.mjs";
import { assertPass, assertRefused, asking } from "../support/guarded.mjs";
import { decodeToken, now } from "../support/token.mjs";
import { startWorker } from "../support/worker.mjs";

let worker;
let guard;
before(async () => {
  worker = await startWorker({ vars: { CLIENTS, ACCESS_TOKEN_LIFETIME: "60" } });
  guard = guardOf(LOGIN);
});
after(() => worker.stop());

const guardOf = ({ id, secret }) =>
  createGuard({
    verifier: new Verifier({ jwksUrl: `${worker.url}/.well-known/jwks.json` }),
    strict: { url: `${worker.url}/oauth/introspect`, clientId: id, clientSecret: secret },
  });

test("a good token passes, with its claims and as of now", async () => {
  const { access } = await openSession(worker, "ann", { claims: { role: "admin" } });
  const before = now();
  const { claims, header, checkedAt } = await assertPass(guard(asking(access)));
  assert.deepEqual([claims, header], [decodeToken(access).payload, decodeToken(access).header]);
  assert.equal(claims.role, "admin");
  assert.ok(checkedAt >= before && checkedAt <= now());
});

test("a client's own token passes", async () => {
  const { access_token } = await clientToken(worker, BATCH);
  assert.equal((await assertPass(guard(asking(access_token)))).claims.sub, `client:${BATCH.id}`);
});

test("what was called back is refused at once", async () => {
  const session = await openSession(worker, newSubject());
  await assertPass(guard(asking(session.access)));
  assert.equal((await revoke(worker, session.refresh)).status, 200);
  await assertRefused(guard(asking(session.access)), 401, "revoked");
});

test("a refresh token is none for a bearer, though it is active", async () => {
  const { refresh } = await openSession(worker, newSubject());
  await assertRefused(guard(asking(refresh)), 401, "wrong_kind");
});

test("a client whom the issuer does not know lets nobody in, and the answer says what it was", async () => {
  const { access } = await openSession(worker, newSubject());
  const stranger = guardOf({ ...LOGIN, secret: "another" });
  const { body } = await assertRefused(stranger(asking(access)), 503, "revocation_unknown");
  assert.equal(body.detail, "The issuer answered 401, and not whether the token is good.");
});

// Last, for it stops the issuer.
test("an issuer that is gone lets nobody in", async () => {
  const { access } = await openSession(worker, newSubject());
  await assertPass(guard(asking(access)));
  await worker.stop();
  const { body } = await assertRefused(guard(asking(access)), 503, "revocation_unknown");
  assert.equal(body.detail, "The issuer does not answer.");
});
