// What another hand could have written into the blacklist: the Worker and the package's guard say the same of it, nobody is let in
// by an entry that cannot be read, and what is listed is what was written.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { createGuard } from "../../crates/verifier/dist/edge.js";
import { Verifier } from "../../crates/verifier/dist/index.js";
import { FakeKv } from "../support/guarded.mjs";
import { mint, nowSeconds, SIGNING_KEY } from "../support/mint.mjs";
import { admin, ADMIN_KEY } from "../support/people.mjs";
import { randomOf } from "../support/random.mjs";
import { bearer, request } from "../support/request.mjs";
import { kvPut, startWorker } from "../support/worker.mjs";
import { cutoffOf, entryText, metadata } from "./entries.mjs";
import { settings } from "./settings.mjs";

const AT_ONCE = 8;
const { seed, requests } = settings();
// Each takes a write and several reads.
const entries = Math.ceil(requests / 10);

let worker;
before(async () => {
  const vars = { ALGORITHM: "HS256", SIGNING_KEY, ADOPT_FOREIGN_TOKENS: "true", ADMIN_KEY };
  worker = await startWorker({ vars });
  console.log(`seed ${seed}, ${entries} entries`);
});
after(() => worker.stop());

async function inTurns(count, work) {
  for (let first = 0; first < count; first += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => work(first + at)));
  }
}

test("a subject's entry lets a token in only by a cutoff that anybody can read, at the Worker and at the guard", async () => {
  const kv = new FakeKv();
  const guard = createGuard({ verifier: new Verifier({ secret: SIGNING_KEY }), blacklist: kv, cacheSeconds: 0 });
  const letIn = { true: 0, false: 0 };
  await inTurns(entries, async (nth) => {
    const [sub, iat] = [`entry-${nth}`, nowSeconds() - 10];
    const text = entryText(randomOf(seed, nth), iat);
    const token = mint("access", sub, { iat });
    kv.put(`sub:${sub}`, text);
    await kvPut(worker, `sub:${sub}`, text);
    const { status } = await request(worker, "GET", "/api/check/", { headers: bearer(token) });
    const passed = await guard(new Request("https://api.example", { headers: bearer(token) }));
    const shown = `entry ${nth}: ${text}`;
    assert.ok([200, 401].includes(status), `${status}: ${shown}`);
    assert.equal(!(passed instanceof Response), status === 200, `the guard says otherwise: ${shown}`);
    if (status === 200) assert.ok(cutoffOf(text) <= iat, `let in: ${shown}`);
    letIn[status === 200] += 1;
  });
  assert.ok(letIn.true > entries / 20 && letIn.false > entries / 20, "the entries are too tame or too wild");
});

test("what is listed of an entry is what was written, or nothing", async () => {
  const written = new Map();
  await inTurns(entries, async (nth) => {
    const [name, { facts, whole }] = [`jti:listed-${nth}`, metadata(randomOf(seed, nth))];
    const expiration = nowSeconds() + 600 + nth;
    await kvPut(worker, name, JSON.stringify(facts ?? null), { metadata: facts, expiration });
    written.set(name, { facts, whole, expiration });
  });
  let cursor = "";
  do {
    const page = await admin(worker, "GET", `blacklist/?prefix=jti:listed-&cursor=${encodeURIComponent(cursor)}`);
    assert.equal(page.status, 200, page.text);
    for (const { key, expires_at, ...said } of page.json.entries) {
      const { facts, whole, expiration } = written.get(key);
      assert.equal(expires_at, expiration, key);
      if (whole || Object.keys(said).length > 0) assertAlike(said, facts, key);
      written.delete(key);
    }
    cursor = page.json.cursor;
  } while (cursor);
  assert.deepEqual([...written.keys()], [], "every entry is listed");
});

/** Everything that is known, and nothing else; null is as good as not there. */
function assertAlike(said, facts, key) {
  const { reason, at, sub, sid, kind, cutoff, until } = facts;
  const known = Object.entries({ reason, at, sub, sid, kind, cutoff, until }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  assert.deepEqual(said, Object.fromEntries(known), key);
}
