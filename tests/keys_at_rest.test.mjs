// What lies on disk of the signing keys, and what it takes to open it.

import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { startFaultyWorker } from "./support/faults.mjs";
import { objectFiles, objectRows } from "./support/object_storage.mjs";
import { info, refresh, registered } from "./support/people.mjs";
import { request } from "./support/request.mjs";
import { askRing, byState, keySet, ringAlarm, setClock } from "./support/ring.mjs";
import { startWorker } from "./support/worker.mjs";

const SECRET = "a keyring secret of more than 32 characters";
const OTHER = "another keyring secret of as many characters";
const PRODUCTION = { ENVIRONMENT: "production", KEYRING_SECRET: SECRET };
const WRONG_SECRET = /a signing key does not open: is KEYRING_SECRET another than before\?/;

/** One with the form of a token, of no key. */
const TOKEN = `${Buffer.from('{"alg":"EdDSA"}').toString("base64url")}.e30.AAAA`;

const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The public half of an Ed25519 private key of 32 bytes, as the `x` of a JWK. */
const publicX = (seed) =>
  createPublicKey(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" })).export({ format: "jwk" }).x;

/** The keys of `xs` whose private half stands somewhere in `bytes`. */
function foundPrivate(bytes, xs) {
  const found = [];
  for (let at = 0; at + 32 <= bytes.length; at++) {
    const seed = bytes.subarray(at, at + 32);
    // A random key has no eight zeros in a row, and most of a database's pages are nothing else.
    if (seed.readBigUInt64LE(0) === 0n || seed.readBigUInt64LE(24) === 0n) continue;
    const x = publicX(seed);
    if (xs.includes(x)) found.push(x);
  }
  return found;
}

test("no private key lies on disk in the plain", async () => {
  const worker = await startWorker({ vars: PRODUCTION });
  const { keys } = await keySet(worker);
  await worker.stop();
  const xs = keys.map(({ x }) => x);
  const files = objectFiles(worker.persistTo, "KeyringObject").flatMap((file) => [file, `${file}-wal`]);
  const bytes = Buffer.concat(files.filter(existsSync).map((file) => readFileSync(file)));
  for (const x of xs) assert.ok(bytes.includes(Buffer.from(x, "base64url")), "the public keys do: the right files are read");
  assert.deepEqual(foundPrivate(bytes, xs), []);

  const { privateKey } = generateKeyPairSync("ed25519");
  const { d, x } = privateKey.export({ format: "jwk" });
  const control = Buffer.concat([bytes.subarray(0, 1000), Buffer.from(d, "base64url"), bytes.subarray(0, 100)]);
  assert.deepEqual(foundPrivate(control, [x]), [x], "one that did would be found");
});

test("a leaked key's private half is deleted", async () => {
  const worker = await startFaultyWorker();
  const { signing } = byState((await askRing(worker, "Look")).keys);
  await askRing(worker, { Leaked: signing[0].kid });
  await worker.stop();
  const [rows] = objectRows(worker.persistTo, "KeyringObject", "SELECT kid FROM key WHERE sealed IS NULL");
  assert.deepEqual(rows.map(({ kid }) => kid), [signing[0].kid]);
});

test("production without KEYRING_SECRET serves nothing and names what is missing", async (t) => {
  const worker = await startWorker({ vars: { ENVIRONMENT: "production" } });
  t.after(() => worker.stop());
  assert.equal((await request(worker, "GET", "/.well-known/jwks.json")).status, 503);
  assert.equal((await request(worker, "GET", "/healthz")).status, 503);
  await worker.logged(/KEYRING_SECRET: missing/);
});

test("another KEYRING_SECRET opens nothing, makes no key, and is named in the log", async (t) => {
  const first = await startFaultyWorker({ vars: PRODUCTION });
  const before = (await askRing(first, "Look")).keys;
  const { keys } = await keySet(first);

  const wrong = await first.restart({ vars: { ...PRODUCTION, KEYRING_SECRET: OTHER } });
  assert.equal((await request(wrong, "GET", "/.well-known/jwks.json")).status, 500);
  await wrong.logged(WRONG_SECRET);
  assert.equal((await request(wrong, "POST", "/api/token/verify/", { json: { token: TOKEN } })).status, 500);
  // Not even when the next key is due.
  const [next] = byState(before).next;
  await setClock(wrong, next.signs_from + 10);
  await ringAlarm(wrong);
  await wrong.logged(/"event":"keyring"/);

  const right = await wrong.restart({ vars: PRODUCTION });
  t.after(() => right.stop());
  assert.deepEqual((await askRing(right, "Look")).keys, before);
  assert.deepEqual((await keySet(right)).keys, keys);
});

test("where KEYRING_SECRET is lost for good a shared secret signs, and nobody has to sign in again", async (t) => {
  const first = await startWorker({ vars: PRODUCTION });
  const ann = await registered(first);
  const { keys } = await keySet(first);

  const settings = { ALGORITHM: "HS256", SIGNING_KEY: "a shared secret of more than 32 characters", VERIFYING_KEYS: JSON.stringify(keys) };
  const shared = await first.restart({ vars: { ENVIRONMENT: "production", ...settings } });
  t.after(() => shared.stop());
  assert.equal((await info(shared, ann.access)).status, 200);
  const { status, json } = await refresh(shared, ann.refresh);
  assert.equal(status, 200);
  assert.equal((await info(shared, json.access)).status, 200);
  assert.equal((await refresh(shared, json.refresh)).status, 200);
});
