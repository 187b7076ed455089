// A Worker of today on what the Workers before it have left on disk. A folder here is named for the
// version of the tables in it; record.mjs makes one, storage.mjs lays it back.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { BLACKLISTED } from "../support/client.mjs";
import { startFaultyWorker } from "../support/faults.mjs";
import { admin, info, login, refresh, registered, until, verify } from "../support/people.mjs";
import { bearer, request } from "../support/request.mjs";
import { keySet, setClock } from "../support/ring.mjs";
import { decodeToken } from "../support/token.mjs";
import { kvPut, temporaryFolder } from "../support/worker.mjs";
import { VARS } from "./record.mjs";
import { CLASSES, onEach, restore, tables } from "./storage.mjs";

const RELEASES = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** Today's Worker on a release's storages, a minute after they were recorded. */
async function after(t, name) {
  const folder = join(import.meta.dirname, name);
  const { at, people, kv } = JSON.parse(readFileSync(join(folder, "recorded.json"), "utf8"));
  const persistTo = temporaryFolder();
  restore(folder, persistTo);
  const worker = await startFaultyWorker({ vars: VARS, persistTo });
  t.after(() => worker.stop());
  await setClock(worker, at + 60);
  for (const { key, value, metadata } of kv) await kvPut(worker, key, value, { metadata });
  return { worker, people, at };
}

const tablesOf = (persistTo, className) => tables(persistTo, className)[0].filter(({ type }) => type === "table").map(({ name }) => name);
const statusOf = async (answer) => (await answer).status;

for (const { name } of RELEASES) {
  test(`${name}: who was signed in goes on, who was out stays out, and the keys verify`, async (t) => {
    const { worker, people } = await after(t, name);
    const { ann, ben, cleo } = people;
    const { kids } = await keySet(worker);
    assert.ok(kids.includes(decodeToken(ann.live.access).header.kid), "the key is still published");

    assert.equal(await statusOf(verify(worker, ann.live.access)), 200);
    assert.equal(await statusOf(info(worker, ann.ended.access)), 401);
    assert.deepEqual((await refresh(worker, ann.ended.refresh)).json, BLACKLISTED);
    const check = (access) => statusOf(request(worker, "GET", "/api/check/", { headers: bearer(access) }));
    assert.equal(await check(ann.live.access), 200);
    assert.equal(await check(ann.ended.access), 401);

    const next = await refresh(worker, ann.live.refresh);
    assert.equal(next.status, 200, next.text);
    assert.equal(decodeToken(next.json.access).payload.sid, decodeToken(ann.live.access).payload.sid);
    assert.equal(await statusOf(info(worker, next.json.access)), 200);
    // Spent before the release: a theft, and its session is over.
    assert.deepEqual((await refresh(worker, ann.spent)).json, BLACKLISTED);
    assert.equal(await statusOf(info(worker, next.json.access)), 401);
    assert.equal(await statusOf(login(worker, ann)), 200);

    assert.equal(await statusOf(info(worker, ben.access)), 401);
    assert.equal(await statusOf(login(worker, ben)), 401);
    assert.equal(await statusOf(refresh(worker, cleo.refresh)), 401);
    assert.equal(await statusOf(login(worker, { ...cleo, password: cleo.formerPassword })), 401);
    assert.equal(await statusOf(login(worker, cleo)), 200);
    assert.equal(await statusOf(refresh(worker, cleo.live.refresh)), 200);
  });

  test(`${name}: what administrators saw is still there, and goes on`, async (t) => {
    const { worker, people } = await after(t, name);
    const seen = async () => (await admin(worker, "GET", `events/?sub=${people.ann.sub}`)).json.events.map(({ kind }) => kind);
    assert.deepEqual(await seen(), ["logout", "login", "login"]);
    await login(worker, people.ann);
    await until(seen, (kinds) => kinds.length === 4);
    const { users } = (await admin(worker, "GET", "users/")).json;
    assert.equal(users.find(({ sub }) => sub === people.ben.sub).standing, "deactivated");
  });

  test(`${name}: its tables are those of a new storage afterwards`, async (t) => {
    const { worker, people } = await after(t, name);
    await login(worker, people.ann);
    const dora = await registered(worker, { email: "dora@example.com" });
    for (const { sub } of [dora, people.ann]) await until(() => admin(worker, "GET", `events/?sub=${sub}`), ({ json }) => json.events.length > 0);
    await worker.stop();
    const fresh = await startFaultyWorker({ vars: VARS });
    t.after(() => fresh.stop());
    await registered(fresh, { email: "ann@example.com" });
    await fresh.stop();
    for (const className of CLASSES) {
      const [wanted] = tables(fresh.persistTo, className);
      const brought = tables(worker.persistTo, className).filter((found) => JSON.stringify(found) === JSON.stringify(wanted));
      // Those of Ann and Dora, and the one there is of the others; who was not asked is as before.
      assert.ok(brought.length >= (["SubjectObject", "AccountObject"].includes(className) ? 2 : 1), className);
    }
  });
}

test("tables that the runtime has made in an object's storage are none of the object's", async (t) => {
  const worker = await startFaultyWorker({ vars: VARS });
  await registered(worker, { email: "ann@example.com" });
  await worker.stop();
  for (const [className, names] of [["AccountObject", ["account"]], ["SubjectObject", ["subject", "session", "revoked", "event", "outbox"]]]) {
    const drop = tablesOf(worker.persistTo, className).map((name) => `DROP TABLE ${name}`);
    assert.ok(names.every((name) => drop.includes(`DROP TABLE ${name}`)));
    onEach(worker.persistTo, className, "DROP VIEW IF EXISTS schema", ...drop, "CREATE TABLE of_the_runtime (name TEXT)");
  }
  const again = await worker.restart();
  t.after(() => again.stop());
  await registered(again, { email: "ann@example.com" });
});

test("tables of a later release are left alone, every command fails and the log says why", async (t) => {
  const worker = await startFaultyWorker({ vars: VARS });
  const ann = await registered(worker, { email: "ann@example.com" });
  await worker.stop();
  onEach(worker.persistTo, "SubjectObject", "DROP VIEW IF EXISTS schema", "CREATE VIEW schema AS SELECT 99 AS version");
  const before = onEach(worker.persistTo, "SubjectObject", "SELECT * FROM session");

  const older = await worker.restart();
  t.after(() => older.stop());
  assert.equal(await statusOf(refresh(older, ann.refresh)), 500);
  assert.equal(await statusOf(info(older, ann.access)), 500);
  await older.logged(/the tables are of version 99, and this release knows them up to \d+: deploy the release that was here before/);
  await older.stop();
  assert.deepEqual(onEach(older.persistTo, "SubjectObject", "SELECT * FROM session"), before);
});
