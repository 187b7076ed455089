// Security events: each kind with its facts, none of a single refresh, none lost while the directory
// is down, and no more than a bound while somebody presses on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { admin, ADMIN_KEY, events, info, login, refresh, registered, signedIn, until } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { startWorker } from "./support/worker.mjs";

const REFRESH_TOKEN_LIFETIME = "864000";
let worker;
let offset = 0;

before(async () => {
  worker = await startWorker({ build: "build-faults", vars: { ADMIN_KEY, REFRESH_TOKEN_LIFETIME } });
});
after(() => worker?.stop());

/** Sets what goes wrong from now on; the clock stays where it was put. */
async function plan(faults = {}) {
  const json = { clock_offset_ms: offset, ...faults };
  assert.equal((await request(worker, "POST", "/__faults/", { json })).status, 200);
}

const counters = async () => (await request(worker, "GET", "/__faults/")).json;

async function pass(seconds) {
  offset += seconds * 1000;
  await plan();
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, 300));
const kinds = (found) => found.map(({ kind, reuse }) => (reuse ? `${kind}:${reuse.kind}` : kind));

test("a session's life: login, logout, end of all, change of password, revocation", async () => {
  const agent = { "user-agent": "phone" };
  const ann = await registered(worker, { headers: agent });
  const second = await signedIn(worker, ann, { "user-agent": "laptop" });
  const third = await signedIn(worker, ann);
  const { json: listed } = await request(worker, "GET", "/api/sessions/", { headers: bearer(ann.access) });
  assert.equal(listed.length, 3);
  await request(worker, "POST", "/logout_token/", { headers: bearer(ann.access), json: { refresh_token: ann.refresh } });
  await request(worker, "DELETE", `/api/sessions/${second.sid}/`, { headers: bearer(third.access) });
  await request(worker, "POST", "/oauth/revoke", { form: { token: third.access } });
  await request(worker, "POST", "/logout_token/", { headers: bearer(third.access), json: { all: true } });
  await pass(1);
  const fourth = await signedIn(worker, ann);
  const passwords = { old_password: ann.password, new_password: "a new one of theirs" };
  const changed = await request(worker, "POST", "/api/v1/users/password/", { headers: bearer(fourth.access), json: passwords });
  assert.equal(changed.status, 200);
  const found = await events(worker, ann.sub, 10);
  const expected = ["login", "login", "login", "logout", "logout", "revoked", "end_all", "login", "password_changed", "login"];
  assert.deepEqual(kinds(found), expected);
  const [first, , , out, over, revoked, all] = found;
  assert.deepEqual([first.sid, first.client, first.by_admin, first.reuse], [ann.sid, "phone", false, null]);
  assert.deepEqual([out.sid, over.sid, over.client], [ann.sid, second.sid, "laptop"]);
  assert.deepEqual([revoked.sid, all.sid], [third.sid, null]);
  assert.ok(found.every(({ sub, at, profile }) => sub === ann.sub && at > 1e9 && profile === undefined));
});

test("reuse: a lost race, a theft, and what comes after the end, each with its facts", async () => {
  const ann = await registered(worker, { headers: { "user-agent": "phone" } });
  const { json: one } = await refresh(worker, ann.refresh);
  await pass(3);
  assert.equal((await refresh(worker, ann.refresh)).status, 401);
  await pass(100);
  const { json: two } = await refresh(worker, one.refresh);
  await pass(30);
  assert.equal((await refresh(worker, ann.refresh)).status, 401);
  await pass(70);
  assert.equal((await refresh(worker, one.refresh)).status, 401);
  await pass(70);
  assert.equal((await refresh(worker, two.refresh)).status, 401, "unspent, of a session that has ended");
  const found = await events(worker, ann.sub, 4);
  assert.deepEqual(kinds(found), ["login", "reuse:race", "reuse:stale", "reuse:ended"]);
  const facts = found.slice(1).map(({ reuse, client, sid }) => ({ ...reuse, client, mine: sid === ann.sid }));
  assert.deepEqual(facts, [
    { kind: "race", behind: 1, seconds_since_rotation: 3, client: "phone", mine: true },
    { kind: "stale", behind: 2, seconds_since_rotation: 30, client: "phone", mine: true },
    { kind: "ended", behind: 1, seconds_since_rotation: 100, client: "phone", mine: true },
  ]);
  await quiet();
  assert.equal((await events(worker, ann.sub, 4)).length, 4, "who does not know of the end yet is no event");
});

test("whoever presents a spent token again and again is one event a minute", async () => {
  const ann = await registered(worker);
  await refresh(worker, ann.refresh);
  for (let i = 0; i < 10; i += 1) await refresh(worker, ann.refresh);
  await plan();
  await refresh(worker, ann.refresh);
  assert.equal((await counters()).rows_written, 0, "and costs no row meanwhile");
  for (let i = 0; i < 10; i += 1) {
    const { status } = await request(worker, "POST", "/logout_token/", { headers: bearer(ann.access), json: { all: true } });
    assert.equal(status, 200);
  }
  for (let i = 0; i < 10; i += 1) await refresh(worker, ann.refresh);
  await pass(61);
  for (let i = 0; i < 10; i += 1) await refresh(worker, ann.refresh);
  const found = await events(worker, ann.sub, 4);
  assert.deepEqual(kinds(found), ["login", "reuse:race", "end_all", "reuse:ended"]);
});

test("the session that gives way to the hundred-and-first is an event", async () => {
  const ann = await registered(worker);
  for (let i = 0; i < 100; i += 1) await signedIn(worker, ann);
  const evicted = async () => (await admin(worker, "GET", `events/?kind=evicted&sub=${ann.sub}`)).json.events;
  const [event] = await until(evicted, (found) => found.length === 1);
  assert.equal(event.sub, ann.sub);
});

test("a refresh writes at most two rows, sets no alarm of its own and is no event", async () => {
  const ann = await registered(worker);
  await events(worker, ann.sub, 1);
  // The first one to be blacklisted sets the alarm that looks after the blacklist.
  const { json: one } = await refresh(worker, ann.refresh);
  await quiet();
  await plan();
  const { status } = await refresh(worker, one.refresh);
  assert.equal(status, 200);
  await quiet();
  const { rows_written: rows, records } = await counters();
  assert.ok(rows <= 2, `${rows} rows`);
  assert.equal(records, 0);
  assert.deepEqual(kinds(await events(worker, ann.sub, 1)), ["login"]);
});

test("what a login costs: rows in its object and in the directory, one delivery", async (t) => {
  const ann = await registered(worker);
  // The first of a day from an address is written down there.
  await signedIn(worker, ann);
  await events(worker, ann.sub, 2);
  await quiet();
  await plan();
  await signedIn(worker, ann);
  await events(worker, ann.sub, 3);
  const found = await counters();
  t.diagnostic(`a login: ${JSON.stringify(found)}`);
  assert.equal(found.records, 1);
  assert.equal(found.puts, 0);
  // Session, event, its deletion; event, count of the day, the user's last login.
  assert.ok(found.rows_written <= 6, JSON.stringify(found));
});

test("a directory that is down for a while loses nothing, and what comes twice counts once", async () => {
  const ann = await registered(worker);
  await events(worker, ann.sub, 1);
  const today = async () => (await admin(worker, "GET", "stats/?days=1")).json.days[0].logins;
  const before = await today();
  await plan({ failing_records: 3 });
  await signedIn(worker, ann);
  const second = await signedIn(worker, ann);
  assert.equal((await info(worker, second.access)).status, 200, "nobody waits for the directory");
  await request(worker, "POST", "/logout_token/", { headers: bearer(second.access), json: { refresh_token: second.refresh } });
  const found = await events(worker, ann.sub, 4, 40_000);
  assert.deepEqual(kinds(found), ["login", "login", "login", "logout"]);
  assert.equal(await today(), before + 2);
});

test("an event waits for a directory that is down alone, behind a blacklist that is down too", async () => {
  const ann = await registered(worker);
  await events(worker, ann.sub, 1);
  await plan({ failing_puts: 1000 });
  await request(worker, "POST", "/logout_token/", { headers: bearer(ann.access), json: { all: true } });
  assert.deepEqual(kinds(await events(worker, ann.sub, 2)), ["login", "end_all"], "KV failing keeps nothing back");
  await plan();
});

test("what a killed machine had not delivered is delivered after its next start", async () => {
  const ann = await registered(worker);
  await events(worker, ann.sub, 1);
  await plan({ failing_records: 1_000_000 });
  await signedIn(worker, ann);
  await worker.kill();
  worker = await worker.restart();
  offset = 0;
  assert.deepEqual(kinds(await events(worker, ann.sub, 2, 30_000)), ["login", "login"]);
});

test("at most a hundred events wait, and lost races give way first", async () => {
  const ann = await registered(worker);
  await events(worker, ann.sub, 1);
  await plan({ failing_records: 1_000_000 });
  const { json: next } = await refresh(worker, ann.refresh);
  await refresh(worker, ann.refresh); // a lost race
  for (let i = 0; i < 60; i += 1) {
    const one = await signedIn(worker, ann);
    await request(worker, "POST", "/logout_token/", { headers: bearer(one.access), json: { refresh_token: one.refresh } });
  }
  await pass(20);
  await plan({ failing_records: 1_000_000 });
  assert.equal((await refresh(worker, ann.refresh)).status, 401);
  assert.equal((await refresh(worker, next.refresh)).status, 401, "the theft has ended the session");
  await plan();
  assert.equal((await login(worker, ann)).status, 200);
  const all = async () => {
    const first = (await admin(worker, "GET", `events/?sub=${ann.sub}`)).json;
    if (!first.cursor) return first.events;
    const second = (await admin(worker, "GET", `events/?sub=${ann.sub}&cursor=${first.cursor}`)).json;
    const third = (await admin(worker, "GET", `events/?sub=${ann.sub}&cursor=${second.cursor}`)).json;
    return [...first.events, ...second.events, ...third.events];
  };
  const found = await until(all, (some) => some.length > 1, 30_000);
  assert.equal(found.length, 101, "the first login, and the hundred that waited");
  assert.equal(found.filter(({ reuse }) => reuse?.kind === "race").length, 0);
  assert.equal(found.filter(({ reuse }) => reuse?.kind === "stale").length, 1);
});

test("a deletion that the account's object could not hear of yet is heard of later", async () => {
  const ann = await registered(worker);
  await plan({ failing_statement: "DELETE FROM account" });
  assert.equal((await admin(worker, "DELETE", `users/${ann.sub}/`)).status, 204);
  const again = () => request(worker, "POST", "/api/v1/users/registration/", { json: { email: ann.email, password: "another one" } });
  assert.equal((await again()).status, 400, "the address is not free yet");
  await plan();
  const { status } = await until(again, (answer) => answer.status === 201, 30_000);
  assert.equal(status, 201);
});
