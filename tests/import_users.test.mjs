// Taking over the users of Django: POST /admin/api/import/users/, what their passwords are good for, and the command.

import assert from "node:assert/strict";
import { pbkdf2Sync, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before, describe } from "node:test";
import { atOnce, changePassword, info, refresh, register, statuses, trySignIn } from "./support/client.mjs";
import { CLIENTS, openSession } from "./support/clients.mjs";
import { counted, plan, startFaultyWorker } from "./support/faults.mjs";
import { address, admin, ADMIN_KEY } from "./support/people.mjs";
import { startProcess } from "./support/process.mjs";
import { request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker, temporaryFolder } from "./support/worker.mjs";

const PASSWORD = "what Ann típed";
const VARS = { ADMIN_KEY, CLIENTS };

/** As Django's hasher has it. */
const djangos = (password, { iterations = 1000, salt = "c2FsdA" } = {}) =>
  `pbkdf2_sha256$${iterations}$${salt}$${pbkdf2Sync(password, salt, iterations, 32, "sha256").toString("base64")}`;

let ids = 1000;
const user = (fields = {}) => ({
  sub: String(ids++), email: address(), first_name: "Ann", last_name: "Lee", password: djangos(PASSWORD), is_active: true, ...fields,
});
const imported = (worker, users) => admin(worker, "POST", "import/users/", { json: { users } });
const results = async (worker, ...users) => {
  const { status, json, text } = await imported(worker, users);
  assert.equal(status, 200, text);
  return json.results;
};
const statusOf = async (worker, one) => (await results(worker, one))[0].status;
const signIn = (worker, { email }, password = PASSWORD) => trySignIn(worker, { email, password });
const standing = async (worker, { sub }) => (await admin(worker, "GET", `users/${sub}/`)).json.standing;
const subOf = (token) => decodeToken(token).payload.sub;

let worker;
before(async () => (worker = await startWorker({ vars: VARS })));
after(() => worker?.stop());

test("whoever was imported signs in with the password of before, as the user of before, in any spelling of the address", async () => {
  const ann = user({ email: `Ann.${randomUUID()}@Example.COM` });
  assert.deepEqual(await results(worker, ann), [{ status: "imported" }]);
  assert.equal((await signIn(worker, ann, "another password")).status, 401);
  for (const email of [ann.email, ann.email.toLowerCase(), ann.email.toUpperCase()]) {
    const { status, json, text } = await signIn(worker, { email });
    assert.equal(status, 200, text);
    assert.deepEqual([subOf(json.access), decodeToken(json.access).payload.user_id], [ann.sub, ann.sub]);
    const shown = { email: ann.email.replace("Example.COM", "example.com"), first_name: "Ann", last_name: "Lee" };
    assert.deepEqual((await info(worker, json.access)).json, shown);
  }
  assert.equal((await signIn(worker, ann, "another password")).status, 401);
});

test("what is told twice is there already, a newer password of Django's replaces one that was not used here", async () => {
  const ann = user();
  const newer = { ...ann, password: djangos("a newer password") };
  assert.equal(await statusOf(worker, ann), "imported");
  assert.equal(await statusOf(worker, ann), "known");
  assert.equal(await statusOf(worker, newer), "updated");
  assert.equal((await signIn(worker, ann)).status, 401);
  assert.equal((await signIn(worker, ann, "a newer password")).status, 200);
  // It is ours by now, and what Django has is older.
  for (const late of [ann, newer, { ...ann, password: "!" }]) assert.equal(await statusOf(worker, late), "known");
  assert.equal((await signIn(worker, ann)).status, 401);
  assert.equal((await signIn(worker, ann, "a newer password")).status, 200);
});

test("the first right password is hashed anew, in one go with what it is right for", async (t) => {
  const faulty = await startFaultyWorker({ vars: VARS });
  t.after(() => faulty.stop());
  const ann = user();
  await results(faulty, ann);
  // The new hash cannot be stored: nobody is signed in, and the former one is still good.
  await plan(faulty, { failing_statement: "UPDATE account" });
  assert.equal((await signIn(faulty, ann)).status, 500);
  const hashes = async (status, password) => {
    await plan(faulty);
    assert.equal((await signIn(faulty, ann, password)).status, status);
    return (await counted(faulty)).password_hashes;
  };
  assert.equal(await hashes(401, "wrong"), 1);
  assert.equal(await hashes(200, PASSWORD), 2, "theirs and ours");
  assert.equal(await hashes(200, PASSWORD), 1, "ours alone");
  assert.equal(await hashes(401, "wrong"), 1);
});

test("of twenty at once with the right password all get in, and a change of password has the last word", async () => {
  const ann = user();
  await results(worker, ann);
  assert.deepEqual(statuses(await atOnce(20, () => signIn(worker, ann))), { 200: 20 });
  const bob = user();
  await results(worker, bob);
  const pair = await openSession(worker, bob.sub);
  const answers = await atOnce(6, (nth) => (nth === 3 ? changePassword(worker, pair.access, PASSWORD, "the next password") : signIn(worker, bob)));
  assert.equal(answers[3].status, 200, answers[3].text);
  assert.equal((await signIn(worker, bob)).status, 401);
  assert.equal((await signIn(worker, bob, "the next password")).status, 200);
  for (const { status, json } of answers.filter((_, nth) => nth !== 3)) {
    if (status === 200) assert.equal((await refresh(worker, json.refresh)).status, 401, "a session of the former password");
  }
});

test("the user of a session from elsewhere is known by name, and may change the password of before", async () => {
  const ann = user();
  const { access } = await openSession(worker, ann.sub);
  assert.equal((await info(worker, access)).status, 401);
  await results(worker, ann);
  assert.deepEqual((await info(worker, access)).json.email, ann.email);
  assert.equal((await changePassword(worker, access, "wrong password", "the next password")).status, 400);
  assert.equal((await changePassword(worker, access, PASSWORD, "the next password")).status, 200);
  assert.equal((await signIn(worker, ann)).status, 401);
  assert.equal((await signIn(worker, ann, "the next password")).status, 200);
});

describe("nobody's account becomes somebody else's", () => {
  test("an address that is registered here", async () => {
    const ann = await register(worker, address(), "the password of here");
    for (const email of [ann.email, ann.email.toUpperCase()]) {
      const intruder = user({ email, password: djangos("the intruder's password") });
      assert.deepEqual(await results(worker, intruder), [{ status: "refused", errors: { email: ["The address is another user's."] } }]);
      assert.equal((await signIn(worker, ann, "the intruder's password")).status, 401);
      const { json } = await signIn(worker, ann, "the password of here");
      assert.equal(subOf(json.access), subOf(ann.access));
      // Nothing of it stays with the subject either.
      assert.equal((await admin(worker, "GET", `users/${intruder.sub}/`)).json.email, null);
      const theirs = await openSession(worker, intruder.sub);
      assert.equal((await info(worker, theirs.access)).status, 401);
      assert.equal((await changePassword(worker, theirs.access, "the password of here", "the intruder's password")).status, 401);
    }
    assert.equal(await statusOf(worker, { ...user(), sub: subOf(ann.access) }), "refused");
    const same = { ...user(), sub: subOf(ann.access), email: ann.email, password: djangos("the intruder's password") };
    assert.equal(await statusOf(worker, same), "known");
    assert.equal((await signIn(worker, ann, "the intruder's password")).status, 401);
  });

  test("an address that stands twice, a subject that stands twice", async () => {
    const [ann, bob] = [user(), user()];
    assert.equal(await statusOf(worker, ann), "imported");
    assert.deepEqual(await results(worker, { ...bob, email: ann.email.toUpperCase() }), [
      { status: "refused", errors: { email: ["The address is another user's."] } },
    ]);
    assert.deepEqual(await results(worker, { ...bob, sub: ann.sub }), [
      { status: "refused", errors: { sub: ["The user has another address."] } },
    ]);
    assert.equal((await signIn(worker, bob)).status, 401);
    assert.equal(await statusOf(worker, bob), "imported");
    // In one batch: one of each.
    const [one, two] = [user(), user()];
    const both = await results(worker, one, { ...one, sub: two.sub }, { ...two, sub: one.sub });
    assert.equal(both.filter(({ status }) => status === "imported").length, 1);
    assert.equal(both.filter(({ status }) => status === "refused").length, 2);
  });

  test("a user who was deleted here stays so", async () => {
    const ann = user();
    await results(worker, ann);
    await admin(worker, "DELETE", `users/${ann.sub}/`);
    assert.deepEqual(await results(worker, ann), [{ status: "refused", errors: { sub: ["The user was deleted."] } }]);
    assert.equal((await signIn(worker, ann)).status, 401);
  });
});

test("who is not active there is deactivated here, and nobody is reactivated", async () => {
  const ann = user({ is_active: false });
  assert.equal(await statusOf(worker, ann), "imported");
  assert.equal(await standing(worker, ann), "deactivated");
  assert.equal((await signIn(worker, ann)).status, 401);
  assert.equal(await statusOf(worker, { ...ann, is_active: true }), "known");
  assert.equal((await signIn(worker, ann)).status, 401);
  await admin(worker, "POST", `users/${ann.sub}/reactivate/`);
  assert.equal((await signIn(worker, ann)).status, 200);
});

test("without a password that can be checked here a user is imported, nobody signs in, and it says why", async () => {
  const rows = [
    ["!nobody knows this", "none"],
    ["", "none"],
    [undefined, "none"],
    ["bcrypt_sha256$$2b$12$UjXbDz", "algorithm"],
    ["argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA", "algorithm"],
    ["pbkdf2_sha1$260000$salt$AAAA", "algorithm"],
    ["md5$salt$00", "algorithm"],
    ["pbkdf2_sha256$1000000000$salt$AAAA", "iterations"],
  ];
  for (const [password, why] of rows) {
    const ann = user({ password });
    assert.deepEqual(await results(worker, ann), [{ status: "imported", without_password: why }], password);
    for (const tried of [password, "", "!", PASSWORD].filter(Boolean)) assert.equal((await signIn(worker, ann, tried)).status, 401);
    // Django has a usable one by now.
    assert.equal(await statusOf(worker, { ...ann, password: djangos(PASSWORD) }), "updated");
    assert.equal((await signIn(worker, ann)).status, 200);
  }
});

test("of a batch each is decided by itself, in its place", async () => {
  const rows = [
    [user(), "imported"],
    [user({ sub: 77_001 }), "imported"],
    [user({ sub: "" }), "sub"],
    [user({ sub: null }), "sub"],
    [user({ sub: "client:login" }), "sub"],
    [user({ sub: ".." }), "sub"],
    [user({ sub: "x".repeat(256) }), "sub"],
    [user({ email: "ann" }), "email"],
    [user({ email: undefined }), "email"],
    [user({ email: ["ann@example.com"] }), "email"],
    [user({ first_name: "x".repeat(151) }), "first_name"],
    [user({ is_active: "yes" }), "is_active"],
    [user({ is_active: 0 }), "is_active"],
    [user({ password: "in the clear" }), "password"],
    [user({ password: "pbkdf2_sha256$1000$salt$AAAA" }), "password"],
    [user({ password: djangos(PASSWORD, { salt: "s".repeat(129) }) }), "password"],
    [user({ password: `pbkdf2_sha256$1$${"s".repeat(600)}$AAAA` }), "password"],
    [user({ password: ["!"] }), "password"],
    ["text", "non_field_errors"],
    [user({ first_name: undefined, last_name: "", is_active: undefined }), "imported"],
  ];
  const found = await results(worker, ...rows.map(([item]) => item));
  assert.deepEqual(found.map(({ status, errors }) => (errors ? Object.keys(errors)[0] : status)), rows.map(([, expected]) => expected));
  assert.ok(!JSON.stringify(found).includes("in the clear"), "a password is not told back");
});

test("a line in which a member stands twice is refused, and a batch of too many or too much", async () => {
  const one = JSON.stringify(user());
  const body = `{"users":[${one.replace("{", '{"email":"mallory@example.com",')}]}`;
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" };
  const { json } = await request(worker, "POST", "/admin/api/import/users/", { body, headers });
  assert.deepEqual(json.results, [{ status: "refused", errors: { non_field_errors: ["A member stands twice."] } }]);
  const many = await imported(worker, Array.from({ length: 101 }, () => ({})));
  assert.deepEqual([many.status, many.json], [400, { users: ["A list of at most 100 is needed."] }]);
  assert.equal((await imported(worker, [user({ password: "x".repeat(1 << 20) })])).status, 413);
});

test("without the built-in accounts there are none to import", async (t) => {
  const closed = await startWorker({ vars: { ...VARS, ACCOUNTS: "false" } });
  t.after(() => closed.stop());
  assert.equal((await imported(closed, [user()])).status, 409);
});

test("the command reads lines, tells of bad ones, and may be run again", async () => {
  const [ann, bob, eve] = [user(), user({ password: "!", is_active: false }), user()];
  const double = JSON.stringify(eve).replace("{", '{"sub":"1",');
  const lines = [ann, bob].map((one) => JSON.stringify(one));
  const path = join(temporaryFolder(), "users.jsonl");
  writeFileSync(path, ["\uFEFF" + lines[0], lines[1], "", "oops", double, JSON.stringify({ ...eve, email: ann.email.toUpperCase() })].join("\r\n"));
  const run = async (env = { ADMIN_KEY }) => {
    const npm = startProcess("npm", ["--silent", "run", "import-users", "--", path, "--url", worker.url], { env });
    const { code } = await npm.ended;
    return { code, told: npm.output.trim().split("\n") };
  };
  const first = await run();
  assert.equal(first.code, 2);
  assert.deepEqual(first.told.slice(0, -1).sort(), [
    "line 2: has no password: imported without one, it has to be reset",
    "line 4: not JSON",
    "line 5: A member stands twice.",
    "line 6: email: The address is another user's.",
  ]);
  assert.equal(first.told.at(-1), "2 imported, 3 refused, as said above.");
  assert.equal((await run()).told.at(-1), "2 there before, 3 refused, as said above.");
  const { json } = await signIn(worker, ann);
  assert.equal(subOf(json.access), ann.sub);
});
