// The second factor: a mailed code after the right password, at every door that a password opens.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test, { after, before, beforeEach } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { changePassword, info, refresh } from "./support/client.mjs";
import { eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { objectFiles, objectRows } from "./support/object_storage.mjs";
import { admin, ADMIN_KEY, address, login, registered } from "./support/people.mjs";
import { startReceiver, WEBHOOK_SECRET } from "./support/receiver.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker } from "./support/worker.mjs";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WRONG_PASSWORD = { password: ["Your password was entered incorrectly. Please enter it again."] };

let receiver;
let optional;
let required;
before(async () => {
  receiver = await startReceiver();
  const vars = { MAIL_WEBHOOK_URL: receiver.url, WEBHOOK_SECRET, ADMIN_KEY, RESET_URL: "https://app.example.com/reset" };
  const start = (SECOND_FACTOR) => startFaultyWorker({ vars: { ...vars, SECOND_FACTOR }, reaches: "receiver" });
  [optional, required] = await Promise.all([start("optional"), start("required")]);
});
after(async () => {
  await Promise.all([optional?.stop(), required?.stop()]);
  receiver?.stop();
});
beforeEach(() => Promise.all([plan(optional), plan(required)]));

const later = (worker, ms) => plan(worker, { clock_offset_ms: ms });

const mailsTo = (email) => receiver.received.filter(({ body }) => body?.to === email);

/** The code of the next mail to somebody. */
const codeTo = async (email) => (await receiver.next(({ body }) => body?.to === email && body.type === "otp")).body.code;

const otp = (worker, challenge, code) => request(worker, "POST", "/api/token/otp/", { json: { challenge, code } });

const factor = (worker, method, access, json) =>
  request(worker, method, "/api/v1/users/second-factor/", { headers: bearer(access), json });

/** Shows the password, and is asked for a code. */
async function challenged(worker, user) {
  const { status, json, text } = await login(worker, user);
  assert.deepEqual([status, json?.code], [401, "otp_required"], text);
  return json.challenge;
}

const another = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

async function assertAnswer(answer, status, code, why) {
  const { status: found, json, text } = await answer;
  assert.deepEqual([found, json?.code], [status, code], `${why}: ${text}`);
}

async function assertWaits(answer, seconds, why) {
  const { status, headers, json, text } = await answer;
  assert.equal(status, 429, `${why}: ${text}`);
  const wait = Number(headers["retry-after"]);
  assert.ok(wait <= seconds && wait > seconds - 10, `${why}: ${wait} s`);
  assert.equal(json.detail, `Request was throttled. Expected available in ${wait} seconds.`);
}

/** Somebody who has turned it on. */
async function withFactor(worker = optional) {
  const user = await registered(worker);
  const { status, text } = await factor(worker, "POST", user.access, { password: user.password });
  assert.equal(status, 202, text);
  const code = await codeTo(user.email);
  const on = await factor(worker, "POST", user.access, { password: user.password, code });
  assert.deepEqual([on.status, on.json], [200, { second_factor: true }]);
  // So that the next mail does not have to wait for the one before.
  await later(worker, 1 * MINUTE);
  return user;
}

test("a right password gets a challenge, and with the mailed code the pair", async () => {
  const user = await withFactor();
  const answer = await login(optional, user);
  assert.equal(answer.status, 401);
  const { challenge, ...rest } = answer.json;
  assert.deepEqual(rest, {
    detail: "A code has been sent by e-mail. Send it to /api/token/otp/, with this challenge.",
    code: "otp_required",
  });
  assert.match(answer.headers["www-authenticate"], /^Bearer /);
  assert.equal(answer.headers["cache-control"], "no-store");

  const { body, wrong } = await receiver.next(({ body }) => body?.to === user.email);
  assert.ifError(wrong);
  const { code, expires_at, ...mail } = body;
  assert.deepEqual(mail, { type: "otp", to: user.email, first_name: "Ann", last_name: "Lee" });
  assert.match(code, /^\d{6}$/);
  const inTenMinutes = Date.now() / 1000 + 60 + 600;
  assert.ok(Math.abs(expires_at - inTenMinutes) < 10, `${expires_at - inTenMinutes}`);

  const { status, json, text } = await otp(optional, challenge, `${code.slice(0, 3)} ${code.slice(3)}`);
  assert.equal(status, 200, text);
  assert.equal(decodeToken(json.access).payload.sub, user.sub);
  assert.equal((await info(optional, json.access)).status, 200);
  assert.equal((await refresh(optional, json.refresh)).status, 200);
});

test("who signs in for a sliding token gets one", async () => {
  const { email, password } = await withFactor();
  const { status, json } = await request(optional, "POST", "/api/token/sliding/", { json: { email, password } });
  assert.deepEqual([status, json.code], [401, "otp_required"]);
  const answer = await otp(optional, json.challenge, await codeTo(email));
  assert.deepEqual(Object.keys(answer.json), ["token"]);
  assert.equal(decodeToken(answer.json.token).payload.token_type, "sliding");
});

test("a code is good once", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  const answers = await Promise.all(Array.from({ length: 5 }, () => otp(optional, challenge, code)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401]);
  await assertAnswer(otp(optional, challenge, code), 401, "otp_over", "afterwards");
});

test("code and challenge are good for ten minutes", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  await later(optional, 12 * MINUTE);
  await assertAnswer(otp(optional, challenge, code), 401, "otp_over", "after eleven minutes");
  const fresh = await challenged(optional, user);
  const next = await codeTo(user.email);
  await assertAnswer(otp(optional, challenge, next), 401, "otp_over", "the former challenge");
  assert.equal((await otp(optional, fresh, next)).status, 200);
});

test("after five wrong codes none is looked at for half an hour, however many are mailed", async () => {
  const user = await withFactor();
  let challenge = await challenged(optional, user);
  let code = await codeTo(user.email);
  for (let nth = 1; nth <= 3; nth++) await assertAnswer(otp(optional, challenge, another(code)), 401, "otp_wrong", `${nth}`);
  await later(optional, 2 * MINUTE);
  challenge = await challenged(optional, user);
  code = await codeTo(user.email);
  for (let nth = 4; nth <= 5; nth++) await assertAnswer(otp(optional, challenge, another(code)), 401, "otp_wrong", `${nth}`);
  await assertWaits(otp(optional, challenge, code), 1800, "the right one");
  const mails = mailsTo(user.email).length;
  await assertWaits(login(optional, user), 1800, "the password, which would mail another");
  assert.equal(mailsTo(user.email).length, mails);

  await later(optional, 33 * MINUTE);
  challenge = await challenged(optional, user);
  code = await codeTo(user.email);
  await assertAnswer(otp(optional, challenge, another(code)), 401, "otp_wrong", "the sixth");
  await assertWaits(otp(optional, challenge, code), 3600, "twice as long");

  await later(optional, 2 * HOUR);
  challenge = await challenged(optional, user);
  code = await codeTo(user.email);
  assert.equal((await otp(optional, challenge, code)).status, 200);
  await later(optional, 3 * HOUR);
  challenge = await challenged(optional, user);
  code = await codeTo(user.email);
  for (let nth = 1; nth <= 4; nth++) await assertAnswer(otp(optional, challenge, another(code)), 401, "otp_wrong", "all forgotten");
  assert.equal((await otp(optional, challenge, code)).status, 200);
});

test("an administrator lets somebody in who has to wait for wrong codes", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  for (let nth = 1; nth <= 5; nth++) await otp(optional, challenge, another(code));
  await assertWaits(otp(optional, challenge, code), 1800, "the right one");
  assert.equal((await admin(optional, "POST", `users/${user.sub}/unlock/`)).status, 204);
  assert.equal((await otp(optional, challenge, code)).status, 200);
});

test("an administrator lets somebody in who has to wait for another mail", async () => {
  const user = await withFactor();
  assert.equal((await otp(optional, await challenged(optional, user), await codeTo(user.email))).status, 200);
  await assertWaits(login(optional, user), 30, "another mail");
  assert.equal((await admin(optional, "POST", `users/${user.sub}/unlock/`)).status, 204);
  assert.equal((await otp(optional, await challenged(optional, user), await codeTo(user.email))).status, 200);
});

test("many guesses at once are five", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  const guesses = Array.from({ length: 30 }, (_, nth) => String((Number(code) + 1 + nth) % 1_000_000).padStart(6, "0"));
  const answers = await Promise.all(guesses.map((guess) => otp(optional, challenge, guess)));
  assert.equal(answers.filter(({ status }) => status === 401).length, 5);
  assert.equal(answers.filter(({ status }) => status === 429).length, 25);
});

test("signing in again within half a minute mails nothing, and the code is good", async () => {
  const user = await withFactor();
  const first = await challenged(optional, user);
  const code = await codeTo(user.email);
  const mails = mailsTo(user.email).length;
  const second = await challenged(optional, user);
  await sleep(200);
  assert.equal(mailsTo(user.email).length, mails);
  assert.notEqual(first, second);
  assert.equal((await otp(optional, second, code)).status, 200);
});

test("a code that is mailed anew replaces the one before, and the challenge before takes it", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const first = await codeTo(user.email);
  await later(optional, 2 * MINUTE);
  await challenged(optional, user);
  const second = await codeTo(user.email);
  if (first !== second) await assertAnswer(otp(optional, challenge, first), 401, "otp_wrong", "the one before");
  assert.equal((await otp(optional, challenge, second)).status, 200);
});

test("mails are limited, and who asks for too many waits", async () => {
  const user = await withFactor();
  for (let nth = 0; nth < 4; nth++) {
    await later(optional, (2 + nth) * MINUTE);
    await challenged(optional, user);
    await codeTo(user.email);
  }
  await later(optional, 7 * MINUTE);
  await challenged(optional, user);
  assert.equal(mailsTo(user.email).length, 5, "the code of before is good, and none is mailed");
  await later(optional, 5 * MINUTE + 601 * SECOND);
  const { status } = await login(optional, user);
  assert.equal(status, 429, "the code of before is over, and there is no other yet");
  await later(optional, 18 * MINUTE);
  await challenged(optional, user);
  await codeTo(user.email);
});

test("a changed password makes a challenge worthless", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  const { status, json } = await changePassword(optional, user.access, user.password, "another password of theirs");
  assert.equal(status, 200);
  assert.equal((await info(optional, json.access)).status, 200, "whoever holds a token has been through it");
  await assertAnswer(otp(optional, challenge, code), 401, "otp_over", "after the change");
});

test("a reset of the password does not go round it", async () => {
  const user = await withFactor();
  await request(optional, "POST", "/api/v1/users/password/reset/", { json: { email: user.email } });
  const { body } = await receiver.next(({ body }) => body?.to === user.email && body.type === "password_reset");
  const password = "what they will not forget";
  const token = body.link.split("#token=")[1];
  const { status } = await request(optional, "POST", "/api/v1/users/password/reset/confirm/", { json: { token, password } });
  assert.equal(status, 204);
  await challenged(optional, { email: user.email, password });
});

test("who resets the password does not wait for the wrong codes of whoever had the old one", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  for (let wrong = 0; wrong < 5; wrong++) await assertAnswer(otp(optional, challenge, another(code)), 401, "otp_wrong");
  await assertWaits(login(optional, user), 1800, "the thief, and the owner");
  assert.equal((await request(optional, "POST", "/api/v1/users/password/reset/", { json: { email: user.email } })).status, 204);
  const { body } = await receiver.next(({ body }) => body?.to === user.email && body.type === "password_reset");
  const [, token] = body.link.split("#token=");
  const password = "another password of theirs";
  assert.equal((await request(optional, "POST", "/api/v1/users/password/reset/confirm/", { json: { token, password } })).status, 204);
  await later(optional, 3 * MINUTE);
  const again = await challenged(optional, { ...user, password });
  assert.equal((await otp(optional, again, await codeTo(user.email))).status, 200);
});

test("nobody makes a challenge up, and no other text is taken for one", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  await request(optional, "POST", "/api/v1/users/password/reset/", { json: { email: user.email } });
  const { body } = await receiver.next(({ body }) => body?.to === user.email && body.type === "password_reset");
  const reset = body.link.split("#token=")[1];
  for (const bad of [`${challenge}A`, challenge.slice(0, -4), `A${challenge.slice(1)}`, reset, user.access, "x"]) {
    await assertAnswer(otp(optional, bad, code), 401, "otp_over", bad.slice(0, 20));
  }
  const confirm = { token: challenge, password: "somebody else's password" };
  const { status, json } = await request(optional, "POST", "/api/v1/users/password/reset/confirm/", { json: confirm });
  assert.deepEqual([status, json.code], [400, "reset_token_not_valid"]);
  assert.equal((await otp(optional, challenge, code)).status, 200);
});

test("one user's code is not another's", async () => {
  const [ann, ben] = [await withFactor(), await withFactor()];
  await later(optional, 3 * MINUTE);
  const [anns, bens] = [await challenged(optional, ann), await challenged(optional, ben)];
  const [code, other] = [await codeTo(ann.email), await codeTo(ben.email)];
  if (code !== other) await assertAnswer(otp(optional, anns, other), 401, "otp_wrong", "Ben's code");
  assert.equal((await otp(optional, bens, other)).status, 200);
});

test("what is no code is no guess", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  for (const bad of ["12345", "1234567", "12345x", "１２３４５６", "-12345"]) {
    const { status, json } = await otp(optional, challenge, bad);
    assert.deepEqual([status, json], [400, { code: ["A code has six digits."] }], bad);
  }
  assert.deepEqual(Object.keys((await otp(optional)).json), ["challenge", "code"]);
  assert.equal((await otp(optional, challenge, code)).status, 200);
});

test("a wrong password and an unknown address hear nothing of it", async () => {
  const user = await withFactor();
  const mails = mailsTo(user.email).length;
  const wrong = await login(optional, { ...user, password: "not theirs" });
  const nobody = await login(optional, { email: address(), password: user.password });
  assert.deepEqual([wrong.status, wrong.json], [nobody.status, nobody.json]);
  await sleep(200);
  assert.equal(mailsTo(user.email).length, mails);
});

test("a deactivated user does not get in by a code", async () => {
  const user = await withFactor();
  const challenge = await challenged(optional, user);
  const code = await codeTo(user.email);
  assert.equal((await admin(optional, "POST", `users/${user.sub}/deactivate/`)).status, 200);
  const { status, json } = await otp(optional, challenge, code);
  assert.deepEqual([status, json], [401, { detail: "No active account found with the given credentials" }]);
});

test("it is on when a mailed code has come back, and off with the password", async () => {
  const { access, password, email } = await registered(optional);
  const state = async () => (await factor(optional, "GET", access)).json;
  assert.deepEqual(await state(), { second_factor: false });
  const refused = await factor(optional, "POST", access, { password: "not theirs" });
  assert.deepEqual([refused.status, refused.json], [400, WRONG_PASSWORD]);
  const missing = await factor(optional, "POST", access, {});
  assert.deepEqual([missing.status, missing.json], [400, { password: ["This field is required."] }]);

  assert.equal((await factor(optional, "POST", access, { password })).status, 202);
  const code = await codeTo(email);
  assert.equal((await login(optional, { email, password })).status, 200, "not yet");
  const wrong = await factor(optional, "POST", access, { password, code: another(code) });
  assert.deepEqual([wrong.status, Object.keys(wrong.json)], [400, ["code"]]);
  assert.deepEqual(await state(), { second_factor: false });
  assert.equal((await factor(optional, "POST", access, { password, code })).status, 200);
  assert.deepEqual(await state(), { second_factor: true });
  await later(optional, 1 * MINUTE);
  await challenged(optional, { email, password });

  const kept = await factor(optional, "DELETE", access, { password: "not theirs" });
  assert.deepEqual([kept.status, kept.json], [400, WRONG_PASSWORD]);
  assert.equal((await factor(optional, "DELETE", access, { password })).status, 204);
  assert.deepEqual(await state(), { second_factor: false });
  assert.equal((await login(optional, { email, password })).status, 200);
});

test("a bearer guesses at the password no more often here than elsewhere", async () => {
  const { access } = await registered(optional);
  for (let nth = 0; nth < 5; nth++) {
    const method = nth % 2 === 0 ? "POST" : "DELETE";
    assert.equal((await factor(optional, method, access, { password: `guess ${nth}` })).status, 400);
  }
  await assertWaits(factor(optional, "DELETE", access, { password: "guess" }), 30, "the sixth");
});

test("required, it is asked of everybody, but not at registration, and nobody turns it off", async () => {
  const user = await registered(required);
  assert.equal((await info(required, user.access)).status, 200);
  assert.deepEqual((await factor(required, "GET", user.access)).json, { second_factor: true });
  const challenge = await challenged(required, user);
  assert.equal((await otp(required, challenge, await codeTo(user.email))).status, 200);
  await assertAnswer(
    factor(required, "DELETE", user.access, { password: user.password }),
    409,
    "second_factor_required",
    "turned off",
  );
});

test("required, it is asked of imported users, too", async () => {
  const email = address();
  const user = { sub: "imported-1", email, password: "pbkdf2_sha256$1000$c2FsdA$9FTQmLFtQWaqNFDMFQHqSBEb7qVzqmtCEpcUtCzFKzg=" };
  const { json } = await admin(required, "POST", "import/users/", { json: { users: [user] } });
  assert.deepEqual(json.results, [{ status: "imported" }]);
  await request(required, "POST", "/api/v1/users/password/reset/", { json: { email } });
  const { body } = await receiver.next(({ body }) => body?.to === email && body.type === "password_reset");
  const reset = { token: body.link.split("#token=")[1], password: "a password of theirs" };
  const { status } = await request(required, "POST", "/api/v1/users/password/reset/confirm/", { json: reset });
  assert.equal(status, 204);
  const challenge = await challenged(required, { email, password: reset.password });
  const answer = await otp(required, challenge, await codeTo(email));
  assert.equal(decodeToken(answer.json.access).payload.sub, "imported-1");
});

test("a code that is not taken comes again, until it is over", async () => {
  const user = await registered(required);
  receiver.answers = ({ body }) => (body?.to === user.email ? 503 : 204);
  await plan(required, { alarms_within_ms: 100 });
  await challenged(required, user);
  await eventually(() => mailsTo(user.email).length >= 2, 20_000);
  await plan(required, { alarms_within_ms: 100, clock_offset_ms: 11 * MINUTE });
  await required.logged(/given up: what it says is not good any more/, 20_000);
  const tried = mailsTo(user.email).length;
  await sleep(1000);
  assert.equal(mailsTo(user.email).length, tried);
  receiver.answers = () => 204;
});

test("off, there is none of it", async (t) => {
  const off = await startWorker();
  t.after(() => off.stop());
  const user = await registered(off);
  assert.equal((await login(off, user)).status, 200);
  assert.equal((await otp(off, "x", "123456")).status, 404);
  for (const method of ["GET", "POST", "DELETE"]) assert.equal((await factor(off, method, user.access)).status, 404, method);
});

test("no code stands on disk or in a log", async (t) => {
  const vars = { MAIL_WEBHOOK_URL: receiver.url, WEBHOOK_SECRET, SECOND_FACTOR: "required" };
  const one = await startFaultyWorker({ vars, reaches: "receiver" });
  t.after(() => one.stop());
  receiver.answers = () => 503;
  await plan(one, { alarms_get_lost: true });
  const user = await registered(one);
  const challenge = await challenged(one, user);
  const code = await codeTo(user.email);
  receiver.answers = () => 204;
  await assertAnswer(otp(one, challenge, another(code)), 401, "otp_wrong", "a guess");
  await one.stop();
  const [rows] = objectRows(one.persistTo, "AccountObject", "SELECT kind, hash FROM proof");
  assert.deepEqual(rows.map(({ kind, hash }) => [kind, hash.length]), [["code", 32]]);
  const files = ["", "-wal"].flatMap((end) => objectFiles(one.persistTo, "AccountObject").map((file) => file + end));
  for (const text of [one.log(), ...files.filter(existsSync).map((file) => readFileSync(file, "latin1"))]) {
    assert.doesNotMatch(text, new RegExp(`(?<!\\d)${code}(?!\\d)`));
    assert.ok(!text.includes(challenge));
  }
});
