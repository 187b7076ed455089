// The hook: whoever is at EVENTS_WEBHOOK_URL is told of urgent events, at least once, whatever fails.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { afterEach, beforeEach } from "node:test";
import { inProject } from "../tools/project.mjs";
import { onEach } from "./migrations/storage.mjs";
import { refresh } from "./support/client.mjs";
import { CLIENTS, newSubject, openSession } from "./support/clients.mjs";
import { eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { fencedBlocks } from "./support/markdown.mjs";
import { objectRows } from "./support/object_storage.mjs";
import { admin, ADMIN_KEY, login, registered, until } from "./support/people.mjs";
import { startReceiver, WEBHOOK_SECRET } from "./support/receiver.mjs";
import { temporaryModule } from "./support/temporary_module.mjs";

const DAY = 86_400;
const MOST_WAITING = 1000;

let receiver;
beforeEach(async () => (receiver = await startReceiver()));
afterEach(() => receiver.stop());

async function running(t, options) {
  const vars = { ADMIN_KEY, CLIENTS, EVENTS_WEBHOOK_URL: `${receiver.url}/hook`, WEBHOOK_SECRET };
  const worker = await startFaultyWorker({ vars, reaches: "receiver", ...options });
  t.after(() => worker.stop());
  return worker;
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, 300));

/** Somebody's token is copied and used; the event, as administrators see it. */
async function theft(worker, faults = {}) {
  const sub = newSubject();
  await plan(worker, faults);
  const session = await openSession(worker, sub);
  assert.equal((await refresh(worker, session.refresh)).status, 200);
  assert.equal((await refresh(worker, session.refresh)).status, 401, "a lost race");
  await plan(worker, { ...faults, clock_offset_ms: (faults.clock_offset_ms ?? 0) + 20_000 });
  assert.equal((await refresh(worker, session.refresh)).status, 401);
  const thefts = async () => (await events(worker, `sub=${sub}`)).filter(({ reuse }) => reuse?.kind === "stale");
  return (await until(thefts, (found) => found.length === 1))[0];
}

const events = async (worker, query = "") => (await admin(worker, "GET", `events/?${query}`)).json.events;

/** What is posted of an event. */
const bodyOf = ({ kind, ...event }) => ({ ...event, type: kind });

const waiting = (worker) => objectRows(worker.persistTo, "DirectoryObject", "SELECT id, tries FROM hook").flat();

test("a theft arrives once, signed, as administrators see it; a login, a lost race and a refresh do not", async (t) => {
  const worker = await running(t);
  const event = await theft(worker);
  const message = await receiver.next();
  assert.ifError(message.wrong);
  assert.equal(message.path, "/hook");
  assert.equal(message.id, event.id);
  assert.deepEqual(message.body, bodyOf(event));
  assert.deepEqual([message.body.type, message.body.reuse.kind, message.body.kid], ["reuse", "stale", null]);
  await quiet();
  assert.equal(receiver.received.length, 1);
  await worker.stop();
  assert.deepEqual(waiting(worker), [], "what has arrived is kept no longer");
});

test("that somebody guesses at a password arrives once", async (t) => {
  const worker = await running(t);
  const { email, sub } = await registered(worker);
  for (let wrong = 0; wrong < 5; wrong++) assert.equal((await login(worker, { email, password: "wrong" })).status, 401);
  const message = await receiver.next();
  assert.ifError(message.wrong);
  assert.deepEqual([message.body.type, message.body.sub], ["lockout", sub]);
  await quiet();
  assert.equal(receiver.received.length, 1);
});

test("what happens to keys arrives, two events of one moment as two messages in their order", async (t) => {
  const worker = await running(t);
  await theft(worker);
  await receiver.next();
  assert.equal((await admin(worker, "POST", "keys/roll/", { json: { leaked: "current" } })).status, 200);
  const told = [await receiver.next(), await receiver.next()];
  assert.deepEqual(told.map(({ body }) => body.type).sort(), ["key_leaked", "key_signs"]);
  assert.ok(told[0].id < told[1].id);
  const leaked = await events(worker, "kind=key_leaked");
  assert.deepEqual(told.find(({ body }) => body.type === "key_leaked").body, bodyOf(leaked[0]));

  const other = await theft(worker);
  assert.deepEqual((await receiver.next()).body, bodyOf(other), "a second theft");
});

test("what does not arrive is posted again, later and later, with the same id and the same bytes", async (t) => {
  const worker = await running(t);
  receiver.answers = (_, nth) => [500, 410, 204][nth - 1] ?? 204;
  const { id } = await theft(worker);
  await eventually(() => receiver.received.length === 3, 60_000);
  const [first, second, third] = receiver.received;
  for (const message of receiver.received) assert.deepEqual([message.id, message.text], [id, first.text]);
  assert.ok(second.at - first.at >= 5, "not at once");
  assert.ok(third.at - second.at >= 10, "and later each time");
  await worker.logged(/"event":"hook","detail":"webhook: answered 500"/);
  await quiet();
  assert.equal(receiver.received.length, 3);
});

test("a message that its receiver never takes keeps no other back", async (t) => {
  const worker = await running(t);
  let bad;
  receiver.answers = ({ id }) => (id === (bad ??= id) ? 400 : 204);
  await theft(worker);
  await receiver.next();
  const other = await theft(worker);
  assert.equal((await receiver.next(({ id }) => id !== bad, 30_000)).id, other.id);
});

test("a receiver that does not answer keeps the directory from nothing", async (t) => {
  const worker = await running(t);
  const held = [];
  receiver.answers = () => (response) => held.push(response);
  const one = await theft(worker);
  await receiver.next();
  const two = await theft(worker);
  assert.equal((await events(worker, "kind=reuse")).length, 4, "it takes events and shows them");
  assert.equal(held.length, 1, "and posts one message at a time");
  receiver.answers = () => 204;
  held[0].writeHead(204).end();
  assert.equal((await receiver.next()).id, two.id);
  assert.equal(receiver.received.filter(({ id }) => id === one.id).length, 1);
});

test("what had not arrived when workerd was killed arrives after its next start", async (t) => {
  const worker = await running(t);
  receiver.answers = () => () => {};
  const { id } = await theft(worker);
  await receiver.next();
  await worker.kill();
  receiver.answers = () => 204;
  await running(t, { persistTo: worker.persistTo });
  const again = await receiver.next(undefined, 60_000);
  assert.deepEqual([again.id, again.text], [id, receiver.received[0].text]);
});

test("an event and its message are stored as one: where the second fails, both are delivered later, and once", async (t) => {
  const worker = await running(t);
  await theft(worker);
  await receiver.next();
  await plan(worker, { fault_after: "INSERT INTO hook" });
  await admin(worker, "POST", "keys/roll/");
  await worker.logged(/"event":"events","detail":"DIRECTORY: a fault after a statement, as planned"/);
  assert.deepEqual(await events(worker, "kind=key_signs_earlier"), []);
  await plan(worker);
  const message = await receiver.next(({ body }) => body.type === "key_signs_earlier", 30_000);
  const [event, ...more] = await events(worker, "kind=key_signs_earlier");
  assert.deepEqual([message.body, more], [bodyOf(event), []]);
  await quiet();
  assert.equal(receiver.received.length, 2);
});

test("no more than a thousand wait, the least important gives way, and the log says which", async (t) => {
  const worker = await running(t);
  receiver.answers = () => 503;
  await theft(worker);
  await worker.stop();
  onEach(
    worker.persistTo,
    "DirectoryObject",
    `WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${MOST_WAITING - 1})
     INSERT INTO hook (id, weight, queued_at, body, tries, not_before)
     SELECT printf('%032x', n), iif(n = 7, 4, 5), unixepoch(), '{}', 0, unixepoch() + ${DAY} FROM number`,
  );
  assert.equal(waiting(worker).length, MOST_WAITING);

  const again = await running(t, { persistTo: worker.persistTo });
  const event = await theft(again);
  const [, gone] = await again.logged(/"event":"hook","detail":"event (\w+) is given up: too many wait"/);
  assert.equal(gone, "7".padStart(32, "0"), "the lightest");
  await again.stop();
  const left = waiting(again);
  assert.equal(left.length, MOST_WAITING);
  assert.ok(left.some(({ id }) => id === event.id));
});

test("what nobody has taken in three days is given up, and the log says so", async (t) => {
  const worker = await running(t);
  receiver.answers = () => 500;
  const { id } = await theft(worker);
  await receiver.next();
  const later = { clock_offset_ms: 3 * DAY * 1000 + 60_000, alarms_within_ms: 100 };
  const other = await theft(worker, later);
  await worker.logged(new RegExp(`"level":"error","event":"hook","detail":"event ${id} is given up: nobody has taken it"`), 20_000);
  await worker.stop();
  assert.deepEqual(waiting(worker).map((message) => message.id), [other.id]);
});

test("without the setting nothing is kept for it, and what happened before it is not sent", async (t) => {
  const worker = await running(t, { vars: { ADMIN_KEY, CLIENTS } });
  await theft(worker);
  await worker.stop();
  assert.deepEqual(waiting(worker), []);
  const again = await running(t, { persistTo: worker.persistTo });
  const event = await theft(again);
  assert.equal((await receiver.next()).id, event.id);
  assert.equal(receiver.received.length, 1);
});

test("the README's receiver takes what is ours, once, and nothing else", async (t) => {
  const readme = readFileSync(inProject("README.md"), "utf8");
  const [block, ...more] = fencedBlocks(readme).filter(({ language, text }) => language === "js" && text.includes("createHmac"));
  assert.deepEqual(more, []);
  process.env.WEBHOOK_SECRET = WEBHOOK_SECRET;
  const { server, known } = await temporaryModule(
    block.text.replace("const known", "export const known").replace("createServer(async", "export const server = createServer(async").replace(/listen\(.*\)/, "listen(0)"),
  );
  t.after(() => server.close());
  await eventually(() => server.address());
  const url = `http://127.0.0.1:${server.address().port}`;

  const worker = await running(t);
  const event = await theft(worker);
  const { headers, text } = await receiver.next();
  const arrives = async (changes = {}, body = text) => {
    const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("webhook-")));
    return (await fetch(url, { method: "POST", headers: { ...signed, ...changes }, body })).status;
  };
  const told = t.mock.method(console, "log", () => {});
  assert.deepEqual([await arrives(), await arrives()], [204, 204]);
  assert.deepEqual(told.mock.calls.map((call) => call.arguments), [["Look at this:", bodyOf(event)]]);
  assert.deepEqual([...known], [event.id]);
  for (const [why, answer] of Object.entries({
    "another body": arrives({}, text.replace("stale", "race")),
    "another id": arrives({ "webhook-id": "msg_2" }),
    "another time": arrives({ "webhook-timestamp": String(headers["webhook-timestamp"] - 1) }),
    "no time": arrives({ "webhook-timestamp": "" }),
    "no signature": arrives({ "webhook-signature": "" }),
    "an odd signature": arrives({ "webhook-signature": `v1,${"é".repeat(44)}` }),
  })) {
    assert.equal(await answer, 401, why);
  }
});
