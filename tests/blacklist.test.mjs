// What lies in KV after something was called back: the key, what it says, and until when.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import test, { after, before } from "node:test";
import { promisify } from "node:util";
import { inProject } from "../tools/project.mjs";
import { wrangler, WRANGLER_ENV } from "../tools/wrangler.mjs";
import { assertDead, BLACKLISTED, blacklist, changePassword, info, PASSWORD, refresh, register, resetAll, signIn } from "./support/client.mjs";
import { eventually } from "./support/faults.mjs";
import { mint, nowSeconds, SIGNING_KEY } from "./support/mint.mjs";
import { decodeToken } from "./support/token.mjs";
import { kvGet, kvKeys, startWorker } from "./support/worker.mjs";

// The most leeway a verifier of ours accepts.
const MAX_LEEWAY = 300;
const DAY = 86_400;

let worker;
before(async () => (worker = await startWorker()));
after(() => worker.stop());

const claims = (token) => decodeToken(token).payload;
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** An entry, once it is there: its expiration, and what its value and its metadata both say. */
async function entry(key, of = worker) {
  const found = await eventually(async () => (await kvKeys(of)).find(({ name }) => name === key));
  assert.deepEqual(JSON.parse(await kvGet(of, key)), found.metadata, "the metadata says what the value says");
  const { until, ...facts } = found.metadata;
  assert.equal(until, found.expiration, "a reader learns until when the entry stays");
  return { expiration: found.expiration, facts };
}

const names = async (of = worker) => (await kvKeys(of)).map(({ name }) => name);

async function refreshed(token, of = worker) {
  const { status, json, text } = await refresh(of, token);
  assert.equal(status, 200, text);
  return json;
}

/** A Worker for one test. */
async function other(t, vars) {
  const started = await startWorker({ vars });
  t.after(() => started.stop());
  return started;
}

test("a rotation puts the spent token's jti there until no verifier could accept it", async () => {
  const { refresh: spent } = await register(worker);
  const { jti, sub, sid, exp } = claims(spent);
  const { iat } = claims((await refreshed(spent)).refresh);
  assert.deepEqual(await entry(`jti:${jti}`), {
    expiration: exp + MAX_LEEWAY,
    facts: { sub, sid, kind: "refresh", reason: "rotated", at: iat },
  });
});

test("every rotation puts its own spent jti there", async () => {
  const spent = [(await register(worker)).refresh];
  for (let i = 0; i < 5; i++) spent.push((await refreshed(spent.at(-1))).refresh);
  const current = spent.pop();
  for (const token of spent) await entry(`jti:${claims(token).jti}`);
  assert.ok(!(await names()).includes(`jti:${claims(current).jti}`), "the unspent one is not there");
});

test("a logout puts the session's sid there until its last access token could not be accepted", async () => {
  const first = await register(worker);
  const { access, refresh: current } = await refreshed(first.refresh);
  assert.equal((await blacklist(worker, current)).status, 200);
  const { sub, sid, exp, iat } = claims(access);
  const { expiration, facts } = await entry(`sid:${sid}`);
  assert.equal(expiration, exp + MAX_LEEWAY);
  assert.deepEqual({ ...facts, at: 0 }, { sub, reason: "logout", at: 0 });
  assert.ok(facts.at >= iat && facts.at <= nowSeconds());
});

test("a logout everywhere puts the subject's cutoff there until its last token could not be accepted", async () => {
  const user = await register(worker);
  await signIn(worker, user);
  const { sub, iat } = claims(user.access);
  assert.equal((await resetAll(worker, user.access)).status, 205);
  const { expiration, facts } = await entry(`sub:${sub}`);
  assert.deepEqual(facts, { sub, reason: "end_all", at: facts.at, cutoff: facts.at + 1 });
  assert.ok(facts.at >= iat && facts.at <= nowSeconds());
  assert.equal(expiration, facts.at + DAY + MAX_LEEWAY);
  await assertDead(worker, { access: [user.access], refresh: [user.refresh] }, "logged out everywhere");

  // Again, later: the later cutoff replaces the earlier.
  const again = await signIn(worker, user);
  assert.ok(claims(again.access).iat >= facts.cutoff, "a later login is not hit");
  assert.equal((await resetAll(worker, again.access)).status, 205);
  await eventually(async () => (await entry(`sub:${sub}`)).facts.cutoff > facts.cutoff);
});

test("a change of password puts the subject's cutoff there, and its own fresh pair is not hit", async () => {
  const user = await register(worker);
  const { status, json, text } = await changePassword(worker, user.access, PASSWORD, "another long password");
  assert.equal(status, 200, text);
  const { sub } = claims(user.access);
  const { facts } = await entry(`sub:${sub}`);
  assert.deepEqual(facts, { sub, reason: "password_changed", at: facts.at, cutoff: facts.at + 1 });
  assert.ok(claims(json.access).iat >= facts.cutoff);
  assert.equal((await info(worker, json.access)).status, 200);
});

test("an entry outlives a token of one second by the leeway, far above the minute KV asks for", async (t) => {
  const short = await other(t, { REFRESH_TOKEN_LIFETIME: "1", ACCESS_TOKEN_LIFETIME: "1" });
  // The token lives for what is left of this second and the next.
  const { jti, exp } = await eventually(async () => {
    const { refresh: token } = await register(short);
    return (await refresh(short, token)).status === 200 && claims(token);
  });
  assert.equal((await entry(`jti:${jti}`, short)).expiration, exp + MAX_LEEWAY);
});

test("with BLACKLIST_AFTER_ROTATION=false a rotation is single-use and writes nothing, a logout does", async (t) => {
  const quiet = await other(t, { BLACKLIST_AFTER_ROTATION: "false" });
  const { refresh: spent } = await register(quiet);
  const { access, refresh: current } = await refreshed(spent, quiet);
  assert.deepEqual((await refresh(quiet, spent)).json, BLACKLISTED);
  assert.equal((await blacklist(quiet, current)).status, 200);
  const { sid } = claims(access);
  await entry(`sid:${sid}`, quiet);
  assert.deepEqual(await names(quiet), [`sid:${sid}`]);
});

const FOREIGN = { ALGORITHM: "HS256", SIGNING_KEY, ADOPT_FOREIGN_TOKENS: "true" };

test("a foreign token that is called back is there by its own jti, for it has no sid", async (t) => {
  const adopting = await other(t, FOREIGN);
  const logout = mint("refresh", "alice");
  assert.equal((await blacklist(adopting, logout)).status, 200);
  const { jti, exp } = claims(logout);
  const { expiration, facts } = await entry(`jti:${jti}`, adopting);
  assert.equal(expiration, exp + MAX_LEEWAY);
  assert.deepEqual({ ...facts, sid: "", at: 0 }, { sub: "alice", sid: "", kind: "refresh", reason: "logout", at: 0 });
  assert.deepEqual((await refresh(adopting, logout)).json, BLACKLISTED);

  const rotated = mint("refresh", "alice");
  const { access } = await refreshed(rotated, adopting);
  assert.equal((await entry(`jti:${claims(rotated).jti}`, adopting)).facts.reason, "rotated");

  // One that was never seen here is hit by the cutoff, one that was by its jti as well.
  const unseen = mint("refresh", "alice");
  assert.equal((await resetAll(adopting, access)).status, 205);
  await entry("sub:alice", adopting);
  for (const token of [unseen, rotated]) assert.deepEqual((await refresh(adopting, token)).json, BLACKLISTED);
});

test("a subject that is long or not ASCII is hashed, in keys and in what they say", async (t) => {
  const adopting = await other(t, FOREIGN);
  for (const sub of ["x".repeat(300), "müller", "two words", "ab".repeat(32)]) {
    const { access } = await refreshed(mint("refresh", sub), adopting);
    assert.equal(claims(access).sub, sub);
    assert.equal((await resetAll(adopting, access)).status, 205);
    assert.equal((await entry(`sub:${sha256(sub)}`, adopting)).facts.sub, sha256(sub));
  }
  const longest = "x".repeat(128);
  const { access } = await refreshed(mint("refresh", longest), adopting);
  assert.equal((await resetAll(adopting, access)).status, 205);
  await entry(`sub:${longest}`, adopting);
});

test("a foreign jti that is long is hashed, and another spelling of a hash is no way around it", async (t) => {
  const adopting = await other(t, FOREIGN);
  for (const jti of ["j".repeat(300), "straße", "{a jti} with spaces"]) {
    const token = mint("refresh", "bob", { jti });
    assert.equal((await blacklist(adopting, token)).status, 200);
    await entry(`jti:${sha256(jti)}`, adopting);
    assert.deepEqual((await refresh(adopting, token)).json, BLACKLISTED);
  }
});

// Last, for it stops the worker.
test("wrangler kv key list shows what was called back", async () => {
  const spent = await register(worker);
  const left = await register(worker);
  const everywhere = await register(worker);
  await refreshed(spent.refresh);
  assert.equal((await blacklist(worker, left.refresh)).status, 200);
  assert.equal((await resetAll(worker, everywhere.access)).status, 205);
  const expected = [
    `jti:${claims(spent.refresh).jti}`,
    `sid:${claims(left.access).sid}`,
    `sub:${claims(everywhere.access).sub}`,
  ];
  for (const key of expected) await entry(key);
  await worker.stop();

  const [command, args] = wrangler("kv", "key", "list", "--local", "--persist-to", worker.persistTo, "--binding", "BLACKLIST");
  const env = { ...process.env, ...WRANGLER_ENV };
  const { stdout } = await promisify(execFile)(command, args, { cwd: inProject(), env });
  const listed = JSON.parse(stdout);
  for (const key of expected) {
    const { expiration, metadata } = listed.find(({ name }) => name === key) ?? assert.fail(`${key} is not in ${stdout}`);
    assert.ok(expiration >= nowSeconds() + 60);
    assert.equal(typeof metadata.reason, "string");
  }
});
