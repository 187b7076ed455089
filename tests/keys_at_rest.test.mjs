// What lies on disk of the signing keys, and what it takes to open it.

import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { startFaultyWorker } from "./support/faults.mjs";
import { objectFiles, objectRows } from "./support/object_storage.mjs";
import { ADMIN_KEY, admin, info, refresh, registered, until } from "./support/people.mjs";
import { request } from "./support/request.mjs";
import { askRing, byState, keySet, ringAlarm, setClock } from "./support/ring.mjs";
import { decodeToken } from "./support/token.mjs";
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

test("where KEYRING_SECRET is lost for good the ring goes on under another, and nobody has to sign in again", async (t) => {
  const first = await startWorker({ vars: PRODUCTION });
  const ann = await registered(first);
  const before = await keySet(first);

  const second = await first.restart({ vars: { ...PRODUCTION, KEYRING_SECRET: OTHER, ADMIN_KEY } });
  assert.equal((await info(second, ann.access)).status, 500);
  const { status, json: ring, headers } = await admin(second, "POST", "keys/roll/", { form: { secret: "lost" } });
  // The endpoint and what stands around it both say so.
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(status, 200);
  const { signing, next, retiring } = byState(ring);
  assert.deepEqual(retiring.map(({ kid }) => kid).sort(), before.kids.toSorted());

  const after = await keySet(second);
  assert.deepEqual(after.kids.toSorted(), [...before.kids, signing[0].kid, next[0].kid].sort());
  for (const key of before.keys) assert.deepEqual(after.keys.find(({ kid }) => kid === key.kid), key);
  assert.equal((await info(second, ann.access)).status, 200, "what the former keys signed is good");
  const { json } = await refresh(second, ann.refresh);
  assert.equal(decodeToken(json.access).header.kid, signing[0].kid);
  assert.equal((await refresh(second, json.refresh)).status, 200);
  const kinds = (await until(async () => (await admin(second, "GET", "events/?kind=key_signs")).json.events, (found) => found.length > 0)).map(({ kid }) => kid);
  assert.deepEqual(kinds, [signing[0].kid]);

  const third = await second.restart();
  t.after(() => third.stop());
  assert.deepEqual((await keySet(third)).keys, after.keys, "it is stored");
  const again = await admin(third, "POST", "keys/roll/", { form: { secret: "lost" } });
  assert.deepEqual([again.status, again.json], [409, { detail: "KEYRING_SECRET opens the keys: nothing is lost." }]);
  assert.deepEqual((await admin(third, "GET", "keys/")).json, ring);
  for (const form of [{ secret: "found" }, { secret: "lost", leaked: "current" }]) {
    assert.equal((await admin(third, "POST", "keys/roll/", { form })).status, 400);
  }
});

test("what is said to be lost is not touched while its secret is there, and its private half is gone once it is not", async () => {
  const first = await startFaultyWorker({ vars: PRODUCTION });
  const before = (await askRing(first, "Look")).keys;
  assert.deepEqual(await askRing(first, "Lost"), { nothing_lost: true });
  assert.deepEqual((await askRing(first, "Look")).keys, before);

  const second = await first.restart({ vars: { ...PRODUCTION, KEYRING_SECRET: OTHER } });
  const { signing, next, retiring } = byState((await askRing(second, "Lost")).keys);
  assert.equal(retiring.length, 2);
  // They turn as any others.
  await setClock(second, next[0].signs_from);
  assert.deepEqual(byState((await askRing(second, "Look")).keys).signing[0].kid, next[0].kid);
  await second.stop();
  const [rows] = objectRows(second.persistTo, "KeyringObject", "SELECT kid FROM key WHERE sealed IS NOT NULL");
  const kids = rows.map(({ kid }) => kid);
  assert.ok(kids.includes(signing[0].kid) && kids.includes(next[0].kid));
  for (const { kid } of before) assert.ok(!kids.includes(kid), "nobody could open it");
});
