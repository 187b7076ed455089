// Calling back what another issuer had revoked: POST /admin/api/import/blacklist/, and the command that reads a file for it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before, describe } from "node:test";
import { BLACKLISTED, refresh, statuses, verify } from "./support/client.mjs";
import { admin, ADMIN_KEY, until } from "./support/people.mjs";
import { startProcess } from "./support/process.mjs";
import { request } from "./support/request.mjs";
import { decodeToken, now, signToken } from "./support/token.mjs";
import { kvKeys, startWorker, temporaryFolder } from "./support/worker.mjs";

const KEY = "the other issuer's secret, thirty-two bytes or more";
const NOT_YET = { ALGORITHM: "HS256", SIGNING_KEY: KEY, ADMIN_KEY };
const VARS = { ...NOT_YET, ADOPT_FOREIGN_TOKENS: "true" };

const id = () => randomUUID().replaceAll("-", "");
const foreign = (claims = {}) =>
  signToken({ token_type: "refresh", exp: now() + 80_000, iat: now() - 3600, jti: id(), user_id: "42", ...claims }, KEY);
const payloadOf = (token) => decodeToken(token).payload;
const entry = (token) => {
  const { jti, exp, user_id } = payloadOf(token);
  return { jti, exp, sub: user_id === undefined ? undefined : String(user_id) };
};
const imported = (worker, tokens) => admin(worker, "POST", "import/blacklist/", { json: { tokens } });
const statusOf = async (worker, tokens) => (await imported(worker, tokens)).json.results.map(({ status }) => status);

let worker;
before(async () => (worker = await startWorker({ vars: VARS })));
after(() => worker?.stop());

const OWNERS = { "a user": { user_id: "u1" }, "a user with a number": { user_id: 7 }, nobody: { user_id: undefined } };
for (const [owner, claims] of Object.entries(OWNERS)) {
  test(`a token of ${owner} that was revoked elsewhere is never adopted, and one beside it is`, async () => {
    const [revoked, other] = [foreign(claims), foreign(claims)];
    assert.deepEqual(await statusOf(worker, [entry(revoked)]), ["called_back"]);
    for (let nth = 0; nth < 2; nth += 1) assert.deepEqual((await refresh(worker, revoked)).json, BLACKLISTED);
    assert.equal((await verify(worker, revoked)).status, 400);
    assert.equal((await refresh(worker, other)).status, 200);
  });
}

test("it holds before tokens are adopted, through a crash, and once they are", async (t) => {
  let early = await startWorker({ vars: NOT_YET });
  t.after(() => early.stop());
  const [revoked, other] = [foreign(), foreign()];
  assert.deepEqual(await statusOf(early, [entry(revoked)]), ["called_back"]);
  await early.kill();
  early = await early.restart({ vars: VARS });
  assert.deepEqual((await refresh(early, revoked)).json, BLACKLISTED);
  assert.equal((await refresh(early, other)).status, 200);
});

test("told again it is known, with a later date it is called back until then", async () => {
  const token = foreign({ user_id: "again" });
  const one = entry(token);
  assert.deepEqual(await statusOf(worker, [one, one]), ["called_back", "known"]);
  assert.deepEqual(await statusOf(worker, [one]), ["known"]);
  assert.deepEqual(await statusOf(worker, [{ ...one, exp: one.exp - 5 }, { ...one, exp: one.exp + 5 }]), ["known", "called_back"]);
});

test("a session that was opened with it ends, with the tokens it was exchanged for; told again that is known", async () => {
  const token = foreign({ user_id: "late" });
  const pair = (await refresh(worker, token)).json;
  assert.deepEqual(await statusOf(worker, [entry(token)]), ["called_back"]);
  assert.deepEqual((await refresh(worker, pair.refresh)).json, BLACKLISTED);
  assert.equal((await verify(worker, pair.access)).status, 400);
  assert.deepEqual(await statusOf(worker, [entry(token)]), ["known"]);
});

test("other Workers find it in KV", async () => {
  const one = entry(foreign({ user_id: "kv" }));
  await imported(worker, [one]);
  const found = (await until(() => kvKeys(worker), (keys) => keys.some(({ name }) => name === `jti:${one.jti}`))).find(({ name }) => name === `jti:${one.jti}`);
  assert.deepEqual([found.metadata.sub, found.metadata.reason], ["kv", "admin"]);
  assert.ok(found.expiration >= one.exp + 300);
});

test("of a batch each is decided by itself, in its place", async () => {
  const exp = now() + 1000;
  const good = () => ({ jti: id(), sub: "batch", exp });
  const rows = [
    [good(), "called_back"],
    [{ ...good(), jti: undefined }, "jti"],
    [{ ...good(), jti: "" }, "jti"],
    [{ ...good(), jti: "x".repeat(256) }, "jti"],
    [{ ...good(), sub: ["batch"] }, "sub"],
    [{ ...good(), sub: "x".repeat(256) }, "sub"],
    [{ ...good(), exp: undefined }, "exp"],
    [{ ...good(), exp: "soon" }, "exp"],
    [{ ...good(), exp: -1 }, "exp"],
    [{ ...good(), exp: 1e300 }, "exp"],
    [{ ...good(), exp: now() + 11 * 365 * 86_400 }, "exp"],
    [{ ...good(), exp: 0 }, "expired"],
    [{ ...good(), exp: now() - 301 }, "expired"],
    [{ ...good(), exp: now() - 200 }, "called_back"],
    [{ ...good(), sub: 12 }, "called_back"],
    [null, "non_field_errors"],
    ["text", "non_field_errors"],
    [[], "non_field_errors"],
    [good(), "called_back"],
  ];
  const { status, json, text } = await imported(worker, rows.map(([item]) => item));
  assert.equal(status, 200, text);
  const found = json.results.map(({ status, errors }) => (status === "refused" ? Object.keys(errors)[0] : status));
  assert.deepEqual(found, rows.map(([, expected]) => expected));
});

test("an item in which a member stands twice is refused", async () => {
  const body = `{"tokens":[{"jti":"a","sub":"x","exp":${now() + 99},"sub":"y"}]}`;
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" };
  const { json } = await request(worker, "POST", "/admin/api/import/blacklist/", { body, headers });
  assert.deepEqual(json.results, [{ status: "refused", errors: { non_field_errors: ["A member stands twice."] } }]);
});

test("what is no list, or too long a one, is refused whole", async () => {
  for (const json of [{}, { tokens: null }, { tokens: {} }, { tokens: Array(201).fill({ jti: "x", exp: now() + 9 }) }]) {
    const { status, json: errors } = await admin(worker, "POST", "import/blacklist/", { json });
    assert.deepEqual([status, errors], [400, { tokens: ["A list of at most 200 is needed."] }]);
  }
  assert.equal((await admin(worker, "POST", "import/blacklist/", { body: "[", headers: {} })).status, 415);
  assert.equal((await request(worker, "POST", "/admin/api/import/blacklist/", { json: { tokens: [] } })).status, 401);
  assert.equal((await admin(worker, "GET", "import/blacklist/")).status, 405);
});

test("of refreshes and an import at the same time the import has the last word", async () => {
  for (let round = 0; round < 10; round += 1) {
    const token = foreign({ user_id: "races" });
    const calls = Array.from({ length: 6 }, (_, nth) => (nth === round % 6 ? imported(worker, [entry(token)]) : refresh(worker, token)));
    const pairs = (await Promise.all(calls)).filter(({ status, json }) => status === 200 && json.refresh);
    assert.ok(pairs.length <= 1);
    for (const { json } of pairs) assert.deepEqual((await refresh(worker, json.refresh)).json, BLACKLISTED, `round ${round}`);
    assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED, `round ${round}`);
  }
});

describe("the command", () => {
  const folder = temporaryFolder();
  const file = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const run = async (args, { env = { ADMIN_KEY }, url = worker.url } = {}) => {
    const npm = startProcess("npm", ["--silent", "run", "import-blacklist", "--", ...args, "--url", url], { env });
    const { code } = await npm.ended;
    return { code, output: npm.output };
  };
  const at = (seconds) => new Date(seconds * 1000).toISOString();
  let pk = 0;
  /** A token as dumpdata has it, and that it is blacklisted. */
  const outstanding = (token, { user = 1, ...fields } = {}) => {
    const { jti, exp } = payloadOf(token);
    pk += 1;
    return { model: "token_blacklist.outstandingtoken", pk, fields: { user, jti, token, created_at: null, expires_at: at(exp), ...fields } };
  };
  const blacklisted = (record) => ({ model: "token_blacklist.blacklistedtoken", pk, fields: { token: record.pk, blacklisted_at: at(now()) } });

  test("reads Django's dump, as lines and as an array, and calls back what is blacklisted and what is of users who are gone", async () => {
    for (const form of ["jsonl", "json"]) {
      const [revoked, live, gone, old] = [foreign({ user_id: 1 }), foreign({ user_id: 1 }), foreign({ user_id: 2 }), foreign({ exp: now() - 1000 })];
      const slides = foreign({ token_type: "sliding", iat: now() - 900, exp: now() - 600, refresh_exp: now() + 9000, user_id: 1 });
      const records = [outstanding(revoked), outstanding(live), outstanding(gone, { user: null }), outstanding(old), outstanding(slides)];
      const dump = [...records, ...[records[0], records[3], records[4]].map(blacklisted)];
      const path = file(`dump.${form}`, form === "json" ? JSON.stringify(dump) : dump.map((one) => JSON.stringify(one)).join("\n"));
      const { code, output } = await run([path]);
      assert.deepEqual([code, output], [0, "3 called back, 1 expired already, 0 refused.\n"], form);
      for (const token of [revoked, gone]) assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED);
      // The same sliding token, after it slid on.
      const slid = signToken({ ...payloadOf(slides), exp: now() + 300 }, KEY);
      const again = await request(worker, "POST", "/api/token/sliding/refresh/", { json: { token: slid } });
      assert.deepEqual(again.json, BLACKLISTED);
      assert.deepEqual(await statusOf(worker, [{ ...entry(slides), exp: now() + 9299 }]), ["known"]);
      assert.equal((await refresh(worker, live)).status, 200);
      assert.equal((await run([path])).output, "3 called back before, 1 expired already, 0 refused.\n");
    }
  });

  test("takes a large number for what it is", async () => {
    const token = foreign({ user_id: 0 });
    const [header, , signature] = token.split(".");
    const payload = Buffer.from(JSON.stringify(payloadOf(token)).replace(/"user_id":0/, '"user_id":9007199254740993')).toString("base64url");
    const record = outstanding([header, payload, signature].join("."));
    await run([file("large.jsonl", [record, blacklisted(record)].map((one) => JSON.stringify(one)).join("\n"))]);
    const { jti, exp } = payloadOf(token);
    assert.deepEqual(await statusOf(worker, [{ jti, exp, sub: "9007199254740993" }]), ["known"]);
  });

  test("tells of bad lines by their numbers, goes on, and says so in its exit code", async () => {
    const line = () => JSON.stringify({ jti: id(), sub: "lines", exp: now() + 900 });
    const broken = outstanding(foreign(), { user: null, token: "", jti: "x" });
    const lines = [line(), "", "not json", "[]", '{"jti":"a"}', JSON.stringify(broken), `{"jti":"${"x".repeat(17_000)}"}`, line(), '{"jti":"a","jti":"b","exp":1}'];
    const path = file("bad.jsonl", lines.join("\n"));
    const { code, output } = await run([path]);
    assert.equal(code, 2);
    const told = output.trim().split("\n");
    assert.deepEqual(told.slice(0, -1).sort(), [
      "line 3: not JSON",
      "line 4: not an object of JSON",
      "line 5: exp: Seconds since the epoch, within ten years, are needed.",
      "line 6: an outstanding token that does not say whose it is",
      "line 7: longer than 16384 characters",
      "line 9: A member stands twice.",
    ]);
    assert.equal(told.at(-1), "2 called back, 6 refused, as said above.");
    assert.equal((await run([path, "--from", "8"])).output.split("\n").at(-2), "1 called back before, 1 refused, as said above.");
  });

  test("says what keeps it from working, and sends the key nowhere else", async () => {
    const path = file("one.jsonl", JSON.stringify({ jti: id(), exp: now() + 900 }));
    const wrong = await run([path], { env: { ADMIN_KEY: "another-key-that-is-long-enough-for-it" } });
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, /^The admin key is not that of the deployment\.\nStopped\. .*--from 1\.\n$/);
    assert.match((await run([path], { env: { ADMIN_KEY: "" } })).output, /^The admin key is missing/);
    assert.match((await run([path], { url: "http://id.example.com" })).output, /^--url is https/);
    assert.match((await run([join(folder, "none")])).output, /^There is no file/);
    assert.match((await run([])).output, /^Usage: npm run import-blacklist/);
    assert.match((await run([path, "--key", "x"])).output, /Usage:/);
    const dry = await run([path, "--dry-run"], { env: { ADMIN_KEY: "" }, url: "http://localhost:1" });
    assert.deepEqual([dry.code, dry.output], [0, "Nothing was sent. 1 read, 0 refused.\n"]);
  });

  test("more than fit into a request go through in several, and again", async () => {
    const items = Array.from({ length: 500 }, (_, nth) => ({ jti: id(), sub: `many-${nth % 50}`, exp: now() + 900 }));
    const path = file("many.jsonl", items.map((one) => JSON.stringify(one)).join("\n"));
    assert.equal((await run([path])).output, "500 called back, 0 refused.\n");
    assert.equal((await run([path])).output, "500 called back before, 0 refused.\n");
    const token = foreign({ jti: items[434].jti, user_id: "many-34", exp: items[434].exp });
    assert.deepEqual(statuses([await refresh(worker, token)]), { 401: 1 });
  });
});
