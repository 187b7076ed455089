// Clocks that are wrong, set, or slept through: no page sends a token that has expired, and nobody is signed out by a clock.

import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { createSession } from "../../crates/verifier/js/session.js";
import { CREDENTIALS, FakeIssuer, sharedStorage } from "../support/fake_issuer.mjs";

const START = 1_800_000_000_000;
const DAY = 86_400;
const SEED = Number(process.env.SEED ?? 20_261_121);

/** Repeatable numbers from 0 to 1 (mulberry32). */
function randomness(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A machine whose clock can be set, and an issuer with a clock of its own that cannot. */
class World {
  issuer = new FakeIssuer();
  storage = sharedStorage();
  /** Milliseconds since the beginning, whatever any clock says. */
  #true = 0;
  #steady = 0;
  /** By how much the machine's clock is wrong. */
  #wrong;

  constructor({ wrong = 0, lifetime = 300 } = {}) {
    this.#wrong = wrong * 1000;
    this.issuer.lifetime = lifetime;
    Object.defineProperty(this.issuer, "now", { get: () => Math.floor((START + this.#true) / 1000) });
    mock.timers.enable({ apis: ["Date"], now: START + this.#wrong });
    mock.method(performance, "now", () => this.#steady);
  }

  page() {
    return createSession({ issuer: this.issuer.url, storage: this.storage(), fetch: this.issuer.fetch });
  }

  pass(ms, { asleep = false } = {}) {
    this.#true += ms;
    if (!asleep) this.#steady += ms;
    mock.timers.setTime(START + this.#true + this.#wrong);
  }

  /** Somebody puts the machine's clock right, or wrong. */
  set(wrong) {
    this.#wrong = wrong * 1000;
    this.pass(0);
  }

  async assertGood(page, when) {
    assert.ok(this.issuer.takes(`Bearer ${await page.accessToken()}`), when);
  }
}

const inWorld = (name, body) =>
  test(name, async (t) => {
    try {
      await body(t);
    } finally {
      mock.timers.reset();
      mock.restoreAll();
    }
  });

for (const wrong of [-DAY, -3600, 0, 3600, DAY]) {
  inWorld(`a machine whose clock is wrong by ${wrong} seconds refreshes when it is time, and not before`, async () => {
    const world = new World({ wrong });
    const page = world.page();
    await page.signIn(CREDENTIALS);
    assert.ok(page.secondsLeft >= 298 && page.secondsLeft <= 300, page.secondsLeft);
    for (let second = 0; second < 3600; second += 1) {
      world.pass(1000);
      await world.assertGood(page, `after ${second} seconds`);
    }
    // Of 300 seconds it uses at least 285.
    const refreshes = world.issuer.times("/api/token/refresh/");
    assert.ok(refreshes >= 12 && refreshes <= 13, refreshes);
    assert.equal(page.state, "signed_in");
    mock.timers.reset();
  });
}

inWorld("a page that is loaded when the clock has been put right goes on with what an earlier one kept", async () => {
  for (const [before, after] of [[-DAY, 0], [DAY, 0], [0, DAY], [0, -DAY]]) {
    const world = new World({ wrong: before });
    await world.page().signIn(CREDENTIALS);
    world.pass(1000);
    world.set(after);
    const page = world.page();
    const answer = await page.fetch("https://id.test/api/sessions/");
    assert.equal(answer.status, 200);
    for (let minute = 0; minute < 30; minute += 1) {
      world.pass(60_000);
      await page.fetch("https://id.test/api/sessions/");
    }
    // Nothing had to be tried twice.
    assert.deepEqual(world.issuer.asked.filter(({ status }) => status !== 200), []);
    mock.timers.reset();
    mock.restoreAll();
  }
});

inWorld("whatever the clock is set to while a page is open, it sends no expired token", async () => {
  for (const set of [-DAY, -100, 100, DAY]) {
    const world = new World();
    const page = world.page();
    await page.signIn(CREDENTIALS);
    for (let minute = 0; minute < 60; minute += 1) {
      world.pass(60_000);
      if (minute % 7 === 3) world.set(minute % 2 === 1 ? set : 0);
      await world.assertGood(page, `set by ${set}, minute ${minute}`);
    }
    mock.timers.reset();
    mock.restoreAll();
  }
});

inWorld("a pair that lay somewhere before the session began with it is not taken for a fresh one", async () => {
  for (const wrong of [-DAY, 0, DAY]) {
    const world = new World({ wrong });
    const pair = world.issuer.open();
    world.pass(3600_000);
    const page = world.page();
    page.begin(pair);
    const answer = await page.fetch("https://id.test/api/sessions/");
    assert.equal(answer.status, 200);
    if (wrong >= 0) assert.deepEqual(world.issuer.asked.map(({ status }) => status), [200, 200]);
    mock.timers.reset();
    mock.restoreAll();
  }
});

inWorld("an access token that has its iat from the refresh token is not taken for good any longer", async () => {
  for (const rotates of [true, false]) {
    for (const lifetime of [30, 300]) {
      for (const wrong of [-DAY, 0, DAY]) {
        const world = new World({ wrong, lifetime });
        Object.assign(world.issuer, { copiesIat: true, rotates });
        const pages = [world.page(), world.page()];
        await pages[0].signIn(CREDENTIALS);
        for (let step = 0; step < 60; step += 1) {
          world.pass(lifetime * 200);
          await world.assertGood(pages[step % 2], `rotates: ${rotates}, lifetime ${lifetime}, wrong by ${wrong}, step ${step}`);
          assert.ok(pages[0].secondsLeft <= lifetime, `${pages[0].secondsLeft}`);
        }
        const refreshes = world.issuer.times("/api/token/refresh/");
        assert.ok(refreshes >= 12 && refreshes <= 15, `${refreshes} refreshes`);
        // A page that is loaded anew knows it as well.
        assert.ok(world.page().secondsLeft <= lifetime);
        mock.timers.reset();
        mock.restoreAll();
      }
    }
  }
});

inWorld("a page that wakes after a night refreshes before it sends anything", async () => {
  const world = new World({ wrong: -DAY });
  const page = world.page();
  await page.signIn(CREDENTIALS);
  world.pass(8 * 3600_000, { asleep: true });
  assert.equal(page.secondsLeft, 0);
  await world.assertGood(page);
  assert.equal(world.issuer.times("/api/token/refresh/"), 1);
});

inWorld("a token that is over before it has come is not exchanged for ever", async () => {
  const world = new World({ lifetime: 1 });
  world.issuer.after = async () => world.pass(2000);
  const page = world.page();
  await page.signIn(CREDENTIALS);
  await page.accessToken();
  assert.equal(world.issuer.times("/api/token/refresh/"), 2);
});

inWorld("in a thousand random histories of pages, naps and slow answers no expired token is sent and nobody is signed out", async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  for (let history = 0; history < 1000; history += 1) {
    const random = randomness(SEED + history);
    const lifetime = [3, 30, 300][Math.floor(random() * 3)];
    const world = new World({ wrong: (random() - 0.5) * 2 * DAY, lifetime });
    // Slow, but within what is left of a token when it is asked for.
    world.issuer.before = async () => world.pass(random() * 80 * lifetime);
    const pages = [world.page(), world.page(), world.page()];
    await pages[0].signIn(CREDENTIALS);
    for (let step = 0; step < 20; step += 1) {
      const asleep = random() < 0.2;
      world.pass(random() * (asleep ? 3600_000 : lifetime * 500), { asleep });
      await world.assertGood(pages[Math.floor(random() * 3)], `SEED=${SEED + history} step ${step}`);
    }
    assert.ok(pages.every((page) => page.state === "signed_in"));
    mock.timers.reset();
    mock.restoreAll();
  }
});
