// `/healthz?deep=1`: whether every store takes and gives, for whoever has the admin key.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { ADMIN_KEY, admin, registered } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { kvKeys, startWorker } from "./support/worker.mjs";

const STORES = ["kv", "subject", "account", "keyring", "directory"];
let worker;

before(async () => {
  worker = await startFaultyWorker({ vars: { ADMIN_KEY } });
});
after(() => worker?.stop());

const deep = (of = worker, headers = bearer(ADMIN_KEY)) => request(of, "GET", "/healthz?deep=1", { headers });
const failing = ({ stores }) => Object.keys(stores).filter((store) => !stores[store].ok);

test("where all is well each store says so, and nothing of it is left", async () => {
  const before = await kvKeys(worker);
  for (let i = 0; i < 3; i += 1) {
    const { status, json, headers } = await deep();
    assert.equal(status, 200);
    assert.deepEqual([json.status, json.algorithm, Object.keys(json.stores)], ["ok", "EdDSA", STORES]);
    for (const store of STORES) {
      const { ok, ms, ...more } = json.stores[store];
      assert.deepEqual([ok, more], [true, {}], store);
      assert.ok(Number.isInteger(ms) && ms >= 0);
    }
    assert.equal(headers["cache-control"], "no-store");
  }
  assert.deepEqual(await kvKeys(worker), before);
  const { json } = await admin(worker, "GET", "users/");
  assert.deepEqual(json.users, [], "and nobody came of it");
});

test("without the key it is 401, without ADMIN_KEY 404, and nothing is asked of a store", async (t) => {
  await plan(worker);
  for (const headers of [{}, bearer("another-key-of-at-least-32-characters"), { authorization: `Basic ${ADMIN_KEY}` }]) {
    const { status, json } = await deep(worker, headers);
    assert.deepEqual([status, json], [401, { detail: "The admin key is needed." }]);
  }
  const { json: counters } = await request(worker, "GET", "/__faults/");
  assert.deepEqual([counters.object_requests, counters.puts, counters.reads], [0, 0, 0]);
  for (const path of ["/healthz", "/healthz?deep=0", "/healthz?deep="]) {
    assert.deepEqual(Object.keys((await request(worker, "GET", path)).json), ["status", "version", "algorithm"]);
  }
  const without = await startWorker();
  t.after(() => without.stop());
  assert.equal((await deep(without)).status, 404);
});

test("KV that takes no write, or gives none back, is told by name, and the others are well", async () => {
  for (const faults of [{ failing_puts: 1 }, { failing_reads: true }]) {
    await plan(worker, faults);
    const { status, json } = await deep();
    assert.deepEqual([status, json.status, failing(json)], [503, "failing", ["kv"]]);
    assert.match(json.stores.kv.error, /^KV (PUT|GET) failed/);
  }
  await plan(worker);
  assert.equal((await deep()).status, 200, "and it is well again");
});

test("a storage that fails is told by the object that stands on it, and what was half written is taken back", async () => {
  const ann = await registered(worker);
  for (const statement of ["INSERT INTO probe", "SELECT at FROM probe", "DROP TABLE probe"]) {
    await plan(worker, { failing_statement: statement });
    const { status, json } = await deep();
    assert.deepEqual([status, failing(json)], [503, STORES.slice(1)]);
    for (const store of STORES.slice(1)) assert.match(json.stores[store].error, /^[A-Z_]+: a statement fails, as planned$/);
    await worker.logged(/"route":"\/healthz","status":503.*"error":"subject: SUBJECTS: a statement fails/);
    await plan(worker);
    assert.equal((await deep()).status, 200, "it can be written anew");
  }
  assert.equal((await request(worker, "GET", "/api/v1/users/info/", { headers: bearer(ann.access) })).status, 200);
});
