// A change of password, and its races with sign-ins: what was opened with the old password ends.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  assertDead,
  atOnce,
  changePassword,
  info,
  PASSWORD,
  refresh,
  register,
  resetAll,
  signIn,
  trySignIn,
} from "./support/client.mjs";
import { eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker, temporaryFolder } from "./support/worker.mjs";

let worker;
before(async () => (worker = await startWorker()));
after(() => worker.stop());

const sliding = ({ email, password }) =>
  request(worker, "POST", "/api/token/sliding/", { json: { email, password } });

async function assertAlive({ access, refresh: token }, why) {
  assert.equal((await info(worker, access)).status, 200, why);
  const refreshed = await refresh(worker, token);
  assert.equal(refreshed.status, 200, `${why}: ${refreshed.text}`);
  return refreshed.json;
}

const USERS = 20;
const ROUNDS = 5;

test("no session opened with the old password outlives its change, two tabs racing it a hundred times", async () => {
  const opened = { 200: 0, 401: 0 };
  await atOnce(USERS, async (nth) => {
    const user = await register(worker, `tabs${nth}@example.com`, `${PASSWORD} 0`);
    let session = { access: user.access, refresh: user.refresh };
    for (let round = 1; round <= ROUNDS; round++) {
      const why = `user ${nth}, round ${round}`;
      const old = { email: user.email, password: `${PASSWORD} ${round - 1}` };
      const next = { email: user.email, password: `${PASSWORD} ${round}` };
      // One tab starts before the change, one some time after it, by user and round another.
      const late = ((nth * ROUNDS + round) % 25) * 40;
      const change = sleep(5).then(() => changePassword(worker, session.access, old.password, next.password));
      const tabs = [trySignIn(worker, old), sleep(late).then(() => trySignIn(worker, old))];
      const [changed, ...answers] = await Promise.all([change, ...tabs]);
      assert.equal(changed.status, 200, `${why}: ${changed.text}`);

      const dead = { access: [session.access], refresh: [session.refresh] };
      for (const { status, json, text } of answers) {
        assert.ok(status in opened, `${why}: ${text}`);
        opened[status]++;
        if (status === 200) {
          dead.access.push(json.access);
          dead.refresh.push(json.refresh);
        }
      }
      await assertDead(worker, dead, why);
      session = await assertAlive(changed.json, why);
    }
    for (let round = 0; round < ROUNDS; round += ROUNDS - 1) {
      const { status, text } = await trySignIn(worker, { email: user.email, password: `${PASSWORD} ${round}` });
      assert.equal(status, 401, `password ${round}: ${text}`);
    }
    await assertAlive(await signIn(worker, { email: user.email, password: `${PASSWORD} ${ROUNDS}` }), "new password");
  });
  // Otherwise they never met, and the test says nothing.
  assert.ok(opened[200] > 0 && opened[401] > 0, JSON.stringify(opened));
});

test("a change of password ends all sessions of the user, sliding ones too, and those of nobody else", async () => {
  const other = await register(worker);
  const user = await register(worker);
  const second = await signIn(worker, user);
  const slid = (await sliding(user)).json.token;

  const changed = await changePassword(worker, second.access, PASSWORD, `${PASSWORD} new`);

  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.headers["cache-control"], "no-store");
  await assertDead(worker, { access: [user.access, second.access], refresh: [user.refresh, second.refresh] }, "");
  const path = "/api/token/sliding/refresh/";
  assert.equal((await request(worker, "POST", path, { json: { token: slid } })).status, 401);
  await assertAlive(changed.json, "the fresh pair");
  await assertAlive(other, "somebody else's");
});

test("a change with a wrong old password is refused and ends nothing", async () => {
  const user = await register(worker);
  const { status, json } = await changePassword(worker, user.access, `${PASSWORD}?`, `${PASSWORD} new`);
  assert.equal(status, 400);
  assert.deepEqual(Object.keys(json), ["old_password"]);
  await assertAlive(user, "after the refusal");
  await signIn(worker, user);
  assert.equal((await trySignIn(worker, { ...user, password: `${PASSWORD} new` })).status, 401);
});

test("of two simultaneous changes with the same old password one succeeds, and its pair works", async () => {
  const user = await register(worker);
  const answers = await atOnce(2, (index) => changePassword(worker, user.access, PASSWORD, `${PASSWORD} ${index}`));
  const winner = answers.findIndex(({ status }) => status === 200);
  const loser = answers[1 - winner];
  // It comes too late for the old password, or for the bearer that asks.
  assert.ok([400, 401].includes(loser?.status), `${answers.map(({ text }) => text)}`);
  await assertAlive(answers[winner].json, "the winner's pair");
  await signIn(worker, { ...user, password: `${PASSWORD} ${winner}` });
  assert.equal((await trySignIn(worker, { ...user, password: `${PASSWORD} ${1 - winner}` })).status, 401);
});

test("a sign-in in the second of a reset-all waits for the next, and its tokens are not hit", async () => {
  await atOnce(5, async (nth) => {
    const user = await register(worker);
    const { payload } = decodeToken(user.access);
    await sleep(nth * 150);

    assert.equal((await resetAll(worker, user.access)).status, 205);
    const fresh = await signIn(worker, user);

    assert.ok(decodeToken(fresh.access).payload.iat > payload.iat);
    await assertDead(worker, { access: [user.access], refresh: [user.refresh] }, "after the reset");
    const next = await assertAlive(fresh, "signed in right after the reset");
    await assertAlive(next, "its successor");
  });
});

test("a sign-in in the second of a change of password works, and its tokens are not hit", async () => {
  const user = await register(worker);
  const changed = await changePassword(worker, user.access, PASSWORD, `${PASSWORD} new`);
  const fresh = await signIn(worker, { ...user, password: `${PASSWORD} new` });
  await assertAlive(fresh, "signed in right after the change");
  await assertAlive(changed.json, "the change's own pair");
});

test("a change that is announced twice ends no session that was opened in between", async (t) => {
  const faulty = await startFaultyWorker();
  t.after(() => faulty.stop());
  const user = await register(faulty);
  // All sessions have ended, but the account cannot write down that they have, as after a crash.
  await plan(faulty, { failing_statement: "UPDATE account SET announced" });
  assert.equal((await changePassword(faulty, user.access, PASSWORD, `${PASSWORD} new`)).status, 500);
  const fresh = await signIn(faulty, { ...user, password: `${PASSWORD} new` });

  // So its alarm announces it again, and fails to write it down again.
  await faulty.logged(/"event":"account"/, 20_000);
  assert.equal((await info(faulty, fresh.access)).status, 200);
  assert.equal((await refresh(faulty, fresh.refresh)).status, 200);
  await plan(faulty);
  assert.equal((await info(faulty, user.access)).status, 401);
});

test("a change whose alarm was lost is announced when its account wakes", async (t) => {
  const persistTo = temporaryFolder();
  let faulty = await startFaultyWorker({ persistTo });
  t.after(() => faulty.stop());
  const user = await register(faulty);
  // The new hash is stored; the subject cannot be told, and no alarm will try again.
  await plan(faulty, { failing_statement: "INSERT INTO outbox", alarms_get_lost: true });
  assert.equal((await changePassword(faulty, user.access, PASSWORD, `${PASSWORD} new`)).status, 500);
  await plan(faulty);
  assert.equal((await info(faulty, user.access)).status, 200, "not told yet");

  await faulty.kill();
  faulty = await startFaultyWorker({ persistTo });
  await plan(faulty, { alarms_within_ms: 100 });
  assert.equal((await trySignIn(faulty, user)).status, 401, "the old password, which wakes the object");

  await eventually(async () => (await info(faulty, user.access)).status === 401);
  await signIn(faulty, { ...user, password: `${PASSWORD} new` });
});
