// A decision that fails half-way leaves nothing of itself: every command on what it writes first and
// what it writes next, with storage that refuses the second, with Rust that fails after either, and
// with a panic.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import {
  BLACKLISTED,
  assertDead,
  blacklist,
  changePassword,
  info,
  PASSWORD,
  refresh,
  register,
  resetAll,
  signIn,
  trySignIn,
  verify,
} from "./support/client.mjs";
import { eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { objectRows } from "./support/object_storage.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { kvKeys } from "./support/worker.mjs";

// Each decision writes the row of a session last. What comes before it has to go with it.
const INSERT = "INSERT INTO session";
const UPDATE = "UPDATE session";
const OUTBOX = "INSERT INTO outbox";

/** The ways to fail: before a statement is carried out, or after it. */
const FAILURES = {
  "the storage refuses its second write": (first, second) => ({ failing_statement: second }),
  "Rust fails after its first write": (first) => ({ fault_after: first }),
  "Rust fails after its second write": (first, second) => ({ fault_after: second }),
};

let worker;
before(async () => (worker = await startFaultyWorker()));
after(() => worker.stop());

/** `call` fails on our side; then nothing is wrong any more. */
async function failing(faults, call) {
  await plan(worker, faults);
  const { status, text } = await call();
  await plan(worker);
  assert.equal(status, 500, text);
  assert.doesNotMatch(text, /planned|panic|session|outbox/);
}

/** A user with three sessions, of which the first was refreshed once. */
async function userWithSessions() {
  const user = await register(worker);
  const first = (await refresh(worker, user.refresh)).json;
  return { user, sessions: [first, await signIn(worker, user), await signIn(worker, user)] };
}

/** Every session's access token works, and its refresh token is unspent. */
async function assertAlive(sessions) {
  for (const session of sessions) {
    assert.equal((await info(worker, session.access)).status, 200);
    assert.equal((await verify(worker, session.refresh)).status, 200);
  }
}

const keysOf = async (...ids) =>
  (await kvKeys(worker)).map(({ name }) => name).filter((name) => ids.some((id) => name.endsWith(`:${id}`)));

const logout = (session) =>
  request(worker, "POST", "/logout_token/", {
    headers: bearer(session.access),
    json: { refresh_token: session.refresh },
  });

for (const [failure, faults] of Object.entries(FAILURES)) {
  test(`a logout leaves nothing of itself when ${failure}`, async () => {
    const { sessions } = await userWithSessions();
    const [session, ...others] = sessions;
    await failing(faults(OUTBOX, UPDATE), () => logout(session));
    await assertAlive(sessions);
    // KV hears of the next thing, and would hear of this before.
    const { sid } = decodeToken(session.access).payload;
    const { jti } = decodeToken(others[0].refresh).payload;
    others[0] = (await refresh(worker, others[0].refresh)).json;
    await eventually(async () => (await keysOf(jti)).length > 0);
    assert.deepEqual(await keysOf(sid), []);

    assert.equal((await logout(session)).status, 200);
    await assertDead(worker, { access: [session.access], refresh: [session.refresh] }, "logged out");
    await assertAlive(others);
  });

  test(`a logout everywhere leaves nothing of itself when ${failure}`, async () => {
    const { user, sessions } = await userWithSessions();
    await failing(faults("INSERT INTO subject", UPDATE), () => resetAll(worker, sessions[0].access));
    await assertAlive(sessions);
    // Nor would a cutoff that stayed let anybody in at once.
    sessions.push(await signIn(worker, user));
    await assertAlive(sessions);

    assert.equal((await resetAll(worker, sessions[0].access)).status, 205);
    for (const { access, refresh } of sessions) {
      await assertDead(worker, { access: [access], refresh: [refresh] }, "logged out everywhere");
    }
  });
}

test("a logout everywhere leaves nothing of itself when the record of what KV lacks cannot be written", async () => {
  const { sessions } = await userWithSessions();
  const { sub } = decodeToken(sessions[0].access).payload;
  const sids = sessions.map(({ access }) => decodeToken(access).payload.sid);
  await failing({ failing_statement: OUTBOX }, () => resetAll(worker, sessions[0].access));
  await assertAlive(sessions);
  assert.deepEqual(await keysOf(sub, ...sids), [], "nothing was announced either");
});

test("a rotation that fails spends nothing", async () => {
  const { refresh: token } = await register(worker);
  for (const faults of [{ failing_statement: UPDATE }, { fault_after: UPDATE }]) {
    await failing(faults, () => refresh(worker, token));
    assert.equal((await verify(worker, token)).status, 200);
  }
  assert.equal((await refresh(worker, token)).status, 200);
  assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED);
});

test("the end of a session by reuse that fails comes when the token is presented again", async () => {
  const { refresh: spent } = await register(worker);
  const successor = (await refresh(worker, spent)).json;
  const late = { clock_offset_ms: 11_000 };
  await failing({ ...late, failing_statement: UPDATE }, () => refresh(worker, spent));
  await assertAlive([successor]);
  await plan(worker, late);
  assert.deepEqual((await refresh(worker, spent)).json, BLACKLISTED);
  await assertDead(worker, { access: [successor.access], refresh: [successor.refresh] }, "reuse");
  await plan(worker);
});

test("a change of password that fails in its account leaves the old one and all sessions", async () => {
  const { user, sessions } = await userWithSessions();
  const change = () => changePassword(worker, sessions[0].access, PASSWORD, "another long password");
  await failing({ fault_after: "UPDATE account SET algorithm" }, change);
  await assertAlive(sessions);
  assert.equal((await trySignIn(worker, { ...user, password: "another long password" })).status, 401);
  assert.equal((await trySignIn(worker, user)).status, 200);
});

// A panic takes the whole WebAssembly instance with it: whoever waits for it gets no answer, the next
// request a new instance.
test("a panic after a write leaves nothing of it", async () => {
  const { sessions } = await userWithSessions();
  const calls = {
    [OUTBOX]: () => logout(sessions[0]),
    [UPDATE]: () => refresh(worker, sessions[1].refresh),
    "INSERT INTO subject": () => resetAll(worker, sessions[2].access),
  };
  for (const [statement, call] of Object.entries(calls)) {
    await plan(worker, { panic_after: statement });
    const panics = () => worker.log().split("Rust panic: ").length;
    const before = panics();
    call().catch(() => {});
    await eventually(() => panics() > before);
    await assertAlive(sessions);
  }
  assert.equal((await refresh(worker, sessions[1].refresh)).status, 200);
  assert.equal((await logout(sessions[0])).status, 200);
  assert.equal((await resetAll(worker, sessions[2].access)).status, 205);
});

// Last, for it looks at what lies on disk.
test("a first sign-in that fails leaves no table, and the next one works", async () => {
  const email = "first@example.com";
  const registration = () =>
    request(worker, "POST", "/api/v1/users/registration/", { json: { email, password: PASSWORD } });
  const before = await tablesOfSubjects();
  await failing({ failing_statement: INSERT }, registration);
  await failing({ fault_after: INSERT }, () => trySignIn(worker, { email, password: PASSWORD }));
  const tables = await tablesOfSubjects();
  assert.equal(tables.length, before.length + 1, "the object was asked");
  assert.deepEqual(tables.filter((names) => names.length === 0).length, 1, "and holds nothing");

  const session = await signIn(worker, { email, password: PASSWORD });
  await assertAlive([session]);
  assert.equal((await blacklist(worker, session.refresh)).status, 200);
});

async function tablesOfSubjects() {
  await worker.stop();
  const ours = "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('subject', 'session', 'outbox')";
  const tables = objectRows(worker.persistTo, "SubjectObject", ours);
  worker = await worker.restart();
  return tables;
}
