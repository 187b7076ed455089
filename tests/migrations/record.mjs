// Makes the storages of a release, for the releases after it: `node tests/migrations/record.mjs <name>`
// in a checkout of that release whose Worker is built, with injected faults. What is recorded is kept in tests/migrations/<name>.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { changePassword } from "../support/client.mjs";
import { startFaultyWorker } from "../support/faults.mjs";
import { admin, ADMIN_KEY, events, login, refresh, registered, signedIn } from "../support/people.mjs";
import { request } from "../support/request.mjs";
import { now } from "../support/token.mjs";
import { kvGet, kvKeys } from "../support/worker.mjs";
import { dump } from "./storage.mjs";

/** Of these storages alone. */
export const VARS = { KEYRING_SECRET: "a-secret-that-seals-recorded-keys-only", ADMIN_KEY };

if (import.meta.filename === process.argv[1]) await record(process.argv[2]);

async function record(name) {
  const folder = `${import.meta.dirname}/${name}`;
  const worker = await startFaultyWorker({ vars: VARS });
  const people = await live(worker);
  // Until KV and the directory have all.
  await sleep(7000);
  const keys = (await kvKeys(worker)).map(async ({ name: key, metadata }) => ({ key, value: await kvGet(worker, key), metadata }));
  const kv = await Promise.all(keys);
  await worker.stop();
  dump(worker.persistTo, folder);
  writeFileSync(`${folder}/recorded.json`, `${JSON.stringify({ at: now(), people, kv }, null, 2)}\n`);
}

/** Ann has a session that has ended, one that lives; Ben is deactivated, Cleo changed her password. */
async function live(worker) {
  const ann = await registered(worker, { email: "ann@example.com" });
  const second = await signedIn(worker, ann);
  const rotated = await refresh(worker, second.refresh);
  assert.equal(rotated.status, 200, rotated.text);
  const out = await request(worker, "POST", "/api/token/blacklist/", { json: { refresh: ann.refresh } });
  assert.equal(out.status, 200, out.text);

  const ben = await registered(worker, { email: "ben@example.com" });
  const { status, text } = await admin(worker, "POST", `users/${ben.sub}/deactivate/`);
  assert.ok(status < 300, text);

  const cleo = await registered(worker, { email: "cleo@example.com" });
  const password = "another password of theirs";
  const changed = await changePassword(worker, cleo.access, cleo.password, password);
  assert.ok(changed.status < 300, changed.text);
  const again = await login(worker, { email: cleo.email, password });
  assert.equal(again.status, 200, again.text);

  await events(worker, ann.sub, 3);
  return {
    ann: { ...ann, ended: { access: ann.access, refresh: ann.refresh }, live: rotated.json, spent: second.refresh },
    ben,
    cleo: { ...cleo, password, formerPassword: cleo.password, live: again.json },
  };
}
