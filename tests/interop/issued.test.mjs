// What the issuer signs, other implementations verify; what they sign with its key, it takes, and spends once.

import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import test, { after, before, describe } from "node:test";
import { calculateJwkThumbprint, decodeProtectedHeader } from "jose";
import { atOnce, info, refresh, register, statuses } from "../support/client.mjs";
import { request } from "../support/request.mjs";
import { decodeToken, now } from "../support/token.mjs";
import { startWorker } from "../support/worker.mjs";
import { HMAC, makeKey, secretKey } from "./keys.mjs";
import { peersForTests } from "./opened.mjs";
import { PEERS } from "./peers.mjs";

const NAMES = { ISSUER: "https://issuer.example", AUDIENCE: "https://api.example" };
const SECRET = Buffer.from("a shared secret that is sixty-four bytes long, as HS512 wants it");

const asked = peersForTests();

/** Starts a Worker around the tests of a block. */
function startedFor(vars) {
  const worker = {};
  before(async () => Object.assign(worker, { running: await startWorker({ vars: { ...NAMES, ...vars } }) }));
  after(() => worker.running.stop());
  return () => worker.running;
}

async function assertVerified(peer, key, token) {
  assert.deepEqual(await asked(peer).verify(key, token), decodeToken(token).payload);
  const forged = token.replace(/.(?=[^.]*$)/, (first) => (first === "A" ? "Q" : "A"));
  await assert.rejects(asked(peer).verify(key, forged), `${peer.name} takes a forged token`);
}

const pemOf = (jwk) => createPublicKey({ key: jwk, format: "jwk" }).export({ format: "pem", type: "spki" });

/** The claims of a token that somebody else issued a moment ago. */
const foreign = (token_type, claims) => ({
  token_type,
  iat: now() - 1,
  exp: now() + 600,
  jti: `of ${token_type}, ${Math.random()}`,
  iss: NAMES.ISSUER,
  aud: [NAMES.AUDIENCE, "https://other.example"],
  ...claims,
});

describe("EdDSA", () => {
  const older = makeKey("EdDSA");
  const worker = startedFor({ VERIFYING_KEYS: JSON.stringify([older.publicJwk]) });
  const keySet = async () => (await request(worker(), "GET", "/.well-known/jwks.json")).json.keys;
  const tokens = async () => {
    const user = await register(worker());
    return [user.access, user.refresh, ...Object.values((await refresh(worker(), user.refresh)).json)];
  };

  test("the published keys are public, and their ids are thumbprints", async () => {
    const { headers } = await request(worker(), "GET", "/.well-known/jwks.json");
    assert.match(headers["cache-control"], /max-age=\d+/);
    const keys = await keySet();
    assert.ok(keys.length > 0);
    for (const jwk of keys) {
      const { kty, crv, alg, use, kid, ...rest } = jwk;
      assert.deepEqual({ kty, crv, alg, use }, { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" });
      assert.deepEqual(Object.keys(rest), ["x"], "nothing else of the key is shown");
      assert.equal(kid, await calculateJwkThumbprint(jwk));
    }
  });

  for (const peer of PEERS) {
    test(`${peer.name} verifies our tokens with the key that they name`, { skip: peer.missing }, async () => {
      const keys = await keySet();
      for (const token of await tokens()) {
        const { kid, alg } = decodeProtectedHeader(token);
        const publicJwk = keys.find((jwk) => jwk.kid === kid);
        assert.equal(alg, "EdDSA");
        await assertVerified(peer, { algorithm: alg, publicJwk, publicPem: pemOf(publicJwk) }, token);
      }
    });

    test(
      `an access token that ${peer.name} signs is taken while its key is among VERIFYING_KEYS`,
      { skip: peer.missing },
      async () => {
        const { payload } = decodeToken((await register(worker())).access);
        const header = { alg: "EdDSA", typ: "JWT", kid: older.publicJwk.kid };
        assert.equal((await info(worker(), await asked(peer).sign(older, header, payload))).status, 200);
        assert.equal((await info(worker(), await asked(peer).sign(makeKey("EdDSA"), header, payload))).status, 401);
      },
    );
  }
});

for (const algorithm of HMAC) {
  describe(algorithm, () => {
    const key = secretKey(algorithm, SECRET);
    const worker = startedFor({ ALGORITHM: algorithm, SIGNING_KEY: SECRET.toString(), ADOPT_FOREIGN_TOKENS: "true" });

    test("a token names no key, and none is published", async () => {
      const { access } = await register(worker());
      assert.deepEqual(decodeProtectedHeader(access), { typ: "JWT", alg: algorithm });
      assert.deepEqual((await request(worker(), "GET", "/.well-known/jwks.json")).json, { keys: [] });
    });

    for (const peer of PEERS) {
      test(`${peer.name} verifies our tokens with the secret`, { skip: peer.missing }, async () => {
        const user = await register(worker());
        for (const token of [user.access, user.refresh, ...Object.values((await refresh(worker(), user.refresh)).json)]) {
          await assertVerified(peer, key, token);
        }
      });

      test(
        `an access token that ${peer.name} signs is taken by its algorithm and its secret`,
        { skip: peer.missing },
        async () => {
          const { payload } = decodeToken((await register(worker())).access);
          const signed = (key) => asked(peer).sign(key, { alg: key.algorithm, typ: "JWT" }, payload);
          for (const alg of HMAC) {
            const { status } = await info(worker(), await signed(secretKey(alg, SECRET)));
            assert.equal(status, alg === algorithm ? 200 : 401, alg);
          }
          assert.equal((await info(worker(), await signed(makeKey(algorithm)))).status, 401, "another secret");
        },
      );

      test(
        `a refresh token that ${peer.name} signs is exchanged once, whoever asks at once`,
        { skip: peer.missing },
        async () => {
          const claims = foreign("refresh", { user_id: peer.name });
          const signed = await asked(peer).sign(key, { alg: algorithm, typ: "JWT" }, claims);
          const answers = await atOnce(5, () => refresh(worker(), signed));
          assert.deepEqual(statuses(answers), { 200: 1, 401: 4 }, answers[0].text);
          const { json } = answers.find(({ status }) => status === 200);
          const claimsOfOurs = await asked(peer).verify(key, json.access);
          assert.deepEqual([claimsOfOurs.sub, claimsOfOurs.user_id], [peer.name, peer.name]);
          assert.equal((await refresh(worker(), json.refresh)).status, 200, "its successor");
        },
      );
    }
  });
}
