// workerd is killed in the middle of its work, again and again, and started again on the same state.
//
// What a client can be sure of. It holds the newest pair an answer gave it. When the machine died, something
// was under way that may have spent or ended it, or nothing was:
//
//   * nothing under way: the pair has to work after the restart.
//   * something under way: it was committed or it was not, and the client cannot know. What a check of the
//     token says then, its exchange has to say, too, and it stays so. A successor that nobody was ever given
//     is not an acknowledged token. (A client that must not be signed out by this asks for
//     REFRESH_GRACE_SECONDS; the second test.)
//   * what an answer has called spent, ended, called back or replaced, no crash brings back; and KV is told
//     of it by the objects' alarms, without anybody asking.
//
// `npm run prove:faults` does two hundred kills of this.

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { refresh, register, verify } from "../support/client.mjs";
import { startWorker } from "../support/worker.mjs";
import { askAboutRecent, assertNotOvertold, untilTold } from "./audit.mjs";
import { load } from "./load.mjs";
import { kill, report, restart, settleAccounts, startWorld } from "./world.mjs";

const KILLS = Number(process.env.KILLS ?? 12);
const USERS = 30;
// So often everybody waits after a restart until KV was told; more often the next kill comes before.
const TELLING = Math.max(6, Math.round(KILLS / 10));

/** Load until the machine dies: now and then right after it started, when its alarms go off. */
async function untilKilled(world) {
  const { random } = world;
  const answers = random.next() < 0.2 ? random.between(1, 10) : random.between(20, 150);
  const later = random.next() * 10;
  await load(world, {
    answers,
    end: async () => {
      await sleep(later);
      await kill(world);
    },
  });
}

test(`killed ${KILLS} times under load, nothing acknowledged is lost and nothing called back works`, async (t) => {
  const world = await startWorld(t, { users: USERS });
  for (let nth = 1; nth <= KILLS; nth++) {
    const since = world.history.tick();
    await untilKilled(world);
    await restart(world);
    const telling = nth % TELLING === 0;
    // Before anybody asks the objects anything: what KV lacked, their alarms tell it.
    if (telling) await untilTold(world);
    const asked = world.history.tick();
    await askAboutRecent(world, since, { all: telling });
    if (!telling) continue;
    await assertNotOvertold(world, asked);
    console.log(`${nth} of ${KILLS} kills, ${world.history.violations.length} violations`);
  }
  await settleAccounts(world);
  assert.ok(world.history.figures["in flight at a kill"] > 0, "no request was under way");
  report(t, world);
});

test("with a grace period a client whose answer was lost in a crash gets it after the restart", async (t) => {
  let worker = await startWorker({ vars: { REFRESH_GRACE_SECONDS: "300" } });
  t.after(() => worker.stop());
  const clients = await Promise.all(Array.from({ length: 20 }, () => register(worker)));
  const exchange = async (client) => {
    client.unanswered = true;
    const { status, json, text } = await refresh(worker, client.refresh);
    assert.equal(status, 200, text);
    Object.assign(client, json, { unanswered: false });
  };

  let [answered, dead] = [0, undefined];
  const exchangeUntilDead = async (client) => {
    while (!dead) {
      await exchange(client).catch((error) => {
        if (!dead || error instanceof assert.AssertionError) throw error;
      });
      if (++answered === 200) dead = worker.kill();
    }
  };
  await Promise.all(clients.map(exchangeUntilDead));
  await dead;
  assert.ok(clients.some(({ unanswered }) => unanswered), "no refresh was under way");
  worker = await worker.restart();

  // The same request again, and once more with what it gave.
  for (const client of clients) {
    await exchange(client);
    await exchange(client);
    assert.equal((await verify(worker, client.refresh)).status, 200);
  }
});
