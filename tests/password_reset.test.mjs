// A forgotten password, reset by a mailed link: who gets one, what it is good for and how long, and that
// nobody learns from it who has an account.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test, { after, before, beforeEach } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertDead, changePassword, info, trySignIn } from "./support/client.mjs";
import { eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { objectFiles } from "./support/object_storage.mjs";
import { admin, ADMIN_KEY, address, events, registered, signedIn } from "./support/people.mjs";
import { startReceiver, WEBHOOK_SECRET } from "./support/receiver.mjs";
import { request } from "./support/request.mjs";
import { startWorker, temporaryFolder } from "./support/worker.mjs";

const RESET_URL = "https://app.example.com/reset";
const NEW = "what they will not forget";
const MINUTE = 60_000;

let receiver;
let worker;
before(async () => {
  receiver = await startReceiver();
  worker = await startFaultyWorker({ vars: vars(receiver), reaches: "receiver" });
});
after(async () => {
  await worker?.stop();
  receiver?.stop();
});
beforeEach(() => {
  receiver.answers = () => 204;
  return plan(worker);
});

const vars = ({ url }) => ({ MAIL_WEBHOOK_URL: url, WEBHOOK_SECRET, RESET_URL, ADMIN_KEY });

const ask = (email, on = worker) => request(on, "POST", "/api/v1/users/password/reset/", { json: { email } });

const confirm = (token, password = NEW, on = worker) =>
  request(on, "POST", "/api/v1/users/password/reset/confirm/", { json: { token, password } });

const mailTo = (email) => receiver.next(({ body }) => body?.to === email);

const tokenIn = ({ body }) => body.link.split("#token=")[1];

/** Asks for a link and has it. */
async function mailed(email) {
  const { status, text } = await ask(email);
  assert.deepEqual([status, text], [204, ""]);
  return tokenIn(await mailTo(email));
}

const mailsTo = (email) => receiver.received.filter(({ body }) => body?.to === email);

async function assertRefused(token, why) {
  const { status, json } = await confirm(token);
  assert.equal(status, 400, why);
  assert.equal(json.code, "reset_token_not_valid", why);
}

test("whoever opens the link sets a new password, and every session has ended", async () => {
  const ann = await registered(worker);
  const second = await signedIn(worker, ann);
  const before = Math.floor(Date.now() / 1000);
  await ask(ann.email);
  const { body, wrong } = await mailTo(ann.email);
  assert.ifError(wrong);
  const { link, expires_at, ...rest } = body;
  assert.deepEqual(rest, { type: "password_reset", to: ann.email, first_name: "Ann", last_name: "Lee" });
  assert.ok(link.startsWith(`${RESET_URL}#token=`), link);
  assert.ok(expires_at >= before + 1800 && expires_at <= before + 1810, `${expires_at}`);

  const { status, text } = await confirm(tokenIn({ body }));
  assert.deepEqual([status, text], [204, ""]);
  const tokens = { access: [ann.access, second.access], refresh: [ann.refresh, second.refresh] };
  await assertDead(worker, tokens, "opened with the forgotten password");
  assert.equal((await trySignIn(worker, ann)).status, 401, "the forgotten password");
  await signedIn(worker, { email: ann.email, password: NEW });
  const kinds = (await events(worker, ann.sub, 4)).map(({ kind }) => kind);
  assert.ok(kinds.includes("password_changed"), kinds.join());
});

test("a link is good once", async () => {
  const { email } = await registered(worker);
  const token = await mailed(email);
  assert.equal((await confirm(token)).status, 204);
  await assertRefused(token, "the second time");
  await signedIn(worker, { email, password: NEW });
});

test("of many who present one link at once, one sets the password", async () => {
  const { email } = await registered(worker);
  const token = await mailed(email);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, nth) => confirm(token, `${NEW} ${nth}`)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, ...Array(9).fill(400)]);
  const nth = answers.findIndex(({ status }) => status === 204);
  await signedIn(worker, { email, password: `${NEW} ${nth}` });
});

test("a link is good for half an hour", async () => {
  const { email } = await registered(worker);
  const first = await mailed(email);
  await plan(worker, { clock_offset_ms: 29 * MINUTE });
  const second = await mailed(email);
  await plan(worker, { clock_offset_ms: 31 * MINUTE });
  await assertRefused(first, "after half an hour");
  assert.equal((await confirm(second)).status, 204, "after two minutes");
});

test("a change of password, or another link's use, makes a link worthless", async () => {
  const ann = await registered(worker);
  const first = await mailed(ann.email);
  const changed = await changePassword(worker, ann.access, ann.password, NEW);
  assert.equal(changed.status, 200, changed.text);
  await assertRefused(first, "after a change");

  await plan(worker, { clock_offset_ms: 1 * MINUTE });
  const second = await mailed(ann.email);
  await plan(worker, { clock_offset_ms: 2 * MINUTE });
  const third = await mailed(ann.email);
  assert.equal((await confirm(second)).status, 204, "a further link does not replace the one before");
  await assertRefused(third, "after another's use");
});

test("who deletes an account takes its links along", async () => {
  const ann = await registered(worker);
  const token = await mailed(ann.email);
  assert.equal((await admin(worker, "DELETE", `users/${ann.sub}/`)).status, 204);
  await eventually(async () => (await registeredAgain(ann.email)) === 201);
  await assertRefused(token, "the address is somebody else's now");
});

const registeredAgain = async (email) => {
  const json = { email, password: "somebody else's password" };
  return (await request(worker, "POST", "/api/v1/users/registration/", { json })).status;
};

test("nobody makes a link up, and no other text is taken for one", async () => {
  const { email, access } = await registered(worker);
  const token = await mailed(email);
  const last = token.at(-1) === "A" ? "B" : "A";
  for (const bad of [`${token}A`, token.slice(0, -2), `A${token.slice(1)}`, token.slice(0, -1) + last, access, "x", "A".repeat(5000)]) {
    await assertRefused(bad, bad.slice(0, 20));
  }
  assert.equal((await confirm(token)).status, 204);
});

test("an unknown address gets the same answer and no mail, and leaves nothing", async () => {
  const { email } = await registered(worker);
  const nobody = address();
  const answers = await Promise.all([email, nobody].map((address) => ask(address)));
  const told = answers.map(({ status, text, headers: { date, "server-timing": waited, ...headers } }) => ({ status, text, headers }));
  assert.deepEqual(told[0], told[1]);
  await mailTo(email);
  await sleep(200);
  assert.deepEqual(mailsTo(nobody), []);
});

test("the fields are looked at", async () => {
  const bad = await ask("no address");
  assert.deepEqual([bad.status, bad.json], [400, { email: ["Enter a valid email address."] }]);
  const short = await confirm("x", "short");
  assert.deepEqual([short.status, short.json], [400, { password: ["Ensure this field has at least 8 characters."] }]);
});

test("no more than five mails in a row, half a minute apart, and then five an hour", async () => {
  const { email } = await registered(worker);
  let sent = 0;
  for (const [second, more] of [[0, 1], [10, 0], [31, 1], [62, 1], [93, 1], [124, 1], [155, 0], [600, 0], [850, 1]]) {
    await plan(worker, { clock_offset_ms: second * 1000 });
    assert.equal((await ask(email)).status, 204, `${second}`);
    sent += more;
    await eventually(() => mailsTo(email).length >= sent);
    await sleep(more ? 0 : 200);
    assert.equal(mailsTo(email).length, sent, `at ${second} s`);
  }
});

test("a mail that is not taken comes again, with the same id, until it is", async () => {
  const { email } = await registered(worker);
  await plan(worker, { alarms_within_ms: 100 });
  receiver.answers = ({ body }) => (body?.to === email && mailsTo(email).length < 3 ? 503 : 204);
  await ask(email);
  const mails = await eventually(() => mailsTo(email).length >= 3 && mailsTo(email), 20_000);
  assert.equal(new Set(mails.map(({ id }) => id)).size, 1);
  assert.equal(new Set(mails.map(({ text }) => text)).size, 1);
  assert.equal((await confirm(tokenIn(mails[0]))).status, 204);
  await sleep(500);
  assert.equal(mailsTo(email).length, 3, "and then no more");
});

test("a mail whose sending was cut short is sent when the account's object wakes", async (t) => {
  const persistTo = temporaryFolder();
  const options = { vars: vars(receiver), reaches: "receiver", persistTo };
  let one = await startFaultyWorker(options);
  t.after(() => one.stop());
  const { email } = await registered(one);
  receiver.answers = () => 503;
  await plan(one, { alarms_get_lost: true });
  await ask(email, one);
  await eventually(() => mailsTo(email).length === 1);
  await one.kill();

  receiver.answers = () => 204;
  one = await startFaultyWorker(options);
  await plan(one, { alarms_within_ms: 100, clock_offset_ms: 1 * MINUTE });
  assert.equal((await trySignIn(one, { email, password: "which wakes it" })).status, 401);
  await eventually(() => mailsTo(email).length === 2);
  assert.equal((await confirm(tokenIn(mailsTo(email)[1]), NEW, one)).status, 204);
});

test("what waits is sealed, and what was mailed is a hash", async (t) => {
  const one = await startFaultyWorker({ vars: vars(receiver), reaches: "receiver" });
  t.after(() => one.stop());
  const { email } = await registered(one);
  receiver.answers = () => 503;
  await plan(one, { alarms_get_lost: true });
  await ask(email, one);
  const token = tokenIn(await mailTo(email));
  await one.stop();
  const files = ["", "-wal"].flatMap((end) => objectFiles(one.persistTo, "AccountObject").map((file) => file + end));
  const bytes = files.filter(existsSync).map((file) => readFileSync(file, "latin1"));
  assert.ok(bytes.some((text) => text.includes("CREATE TABLE mail")), "the tables");
  for (const part of [token, token.slice(10, 40), "password_reset", "#token="]) {
    assert.ok(!bytes.some((text) => text.includes(part)), part);
  }
});

test("no log holds a link", async () => {
  const { email } = await registered(worker);
  const token = await mailed(email);
  await confirm(`${token}A`);
  await confirm(token);
  assert.ok(!worker.log().includes(token.slice(0, 40)));
});

test("without RESET_URL there is no reset, and without a mailer no RESET_URL", async (t) => {
  const none = await startWorker();
  const wrong = await startWorker({ vars: { ENVIRONMENT: "production", KEYRING_SECRET: "k".repeat(32), RESET_URL } });
  t.after(() => Promise.all([none.stop(), wrong.stop()]));
  assert.equal((await ask("ann@example.com", none)).status, 404);
  assert.equal((await confirm("x", NEW, none)).status, 404);
  assert.equal((await request(wrong, "GET", "/healthz")).status, 503);
  await wrong.logged(/RESET_URL: needs a MAIL_WEBHOOK_URL/);
});

test("on a laptop without a mailer the mail is printed and shown", async (t) => {
  const laptop = await startWorker({ vars: { RESET_URL } });
  t.after(() => laptop.stop());
  const { email } = await registered(laptop);
  assert.deepEqual((await request(laptop, "GET", "/api/development/mail/")).json, { mails: [] });
  await ask(email, laptop);
  const mails = await eventually(async () => {
    const { json } = await request(laptop, "GET", "/api/development/mail/");
    return json.mails.length > 0 && json.mails;
  });
  assert.deepEqual([mails.length, mails[0].to, mails[0].type], [1, email, "password_reset"]);
  assert.equal((await confirm(tokenIn({ body: mails[0] }), NEW, laptop)).status, 204);
  await laptop.logged(/"event":"mail"/);
  assert.equal((await info(laptop, (await signedIn(laptop, { email, password: NEW })).access)).status, 200);
  assert.equal((await request(worker, "GET", "/api/development/mail/")).status, 404, "with a mailer it is not there");
});
