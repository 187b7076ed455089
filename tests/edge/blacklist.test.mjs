// What a guard makes of the blacklist in KV, and what it remembers of it. Its clock stands still unless a test moves it.

import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { assertPass, assertRefused, asking, FakeKv, fakeVerifier, guarding, ISSUED_AT, KEYS } from "../support/guarded.mjs";

const NOW = ISSUED_AT + 100;
const GOES = NOW + 3600;

let kv;
beforeEach(() => {
  kv = new FakeKv();
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date", "setTimeout"], now: NOW * 1000 });
});

const later = (seconds) => mock.timers.tick(seconds * 1000);
const entry = (facts = {}) => ({ reason: "logout", at: NOW, until: GOES, ...facts });

for (const key of ["kid:k1", "sid:5e55", "jti:00a1"]) {
  test(`a token is refused for an entry under its ${key.slice(0, 3)}`, async () => {
    kv.put(key, entry());
    await assertRefused(guarding({ blacklist: kv })(asking()), 401, "revoked");
  });
}

test("a subject's entry refuses what was issued before its cutoff and lets in the rest", async () => {
  kv.put("sub:u7", entry({ cutoff: ISSUED_AT + 1 }));
  const verifier = fakeVerifier({ tokens: { after: { iat: ISSUED_AT + 1 } } });
  const guard = guarding({ verifier, blacklist: kv });
  await assertRefused(guard(asking("before")), 401, "revoked");
  await assertPass(guard(asking("after")));
});

test("another's entries are nothing to a token", async () => {
  for (const key of ["sub:u8", "kid:k2", "sid:5e56", "jti:00a2"]) kv.put(key, entry({ cutoff: GOES }));
  await assertPass(guarding({ blacklist: kv })(asking()));
});

test("all keys are read at once", async () => {
  await assertPass(guarding({ blacklist: kv })(asking()));
  assert.deepEqual(kv.reads, [KEYS]);
});

// Cloudflare's runtime once took only a single key, and made one of a list by its commas: it found nothing, of whatever token.
test("a runtime without bulk reads is asked for each key, and not for all again", async () => {
  kv.put("sid:5e55", entry());
  const old = { reads: [], get: async (key) => (old.reads.push(String(key)), kv.entries.get(String(key)) ?? null) };
  const verifier = fakeVerifier({ tokens: { other: { sid: "b", jti: "c" } } });
  const guard = guarding({ verifier, blacklist: old });
  await assertRefused(guard(asking()), 401, "revoked");
  assert.deepEqual(old.reads, [KEYS.join(), ...KEYS]);
  await assertPass(guard(asking("other")));
  assert.deepEqual(old.reads.slice(5), ["sid:b", "jti:c"]);
});

test("that nothing was found is believed for ten seconds and no longer", async () => {
  const guard = guarding({ blacklist: kv });
  await assertPass(guard(asking()));
  kv.put("sid:5e55", entry());
  later(9.999);
  await assertPass(guard(asking()));
  assert.equal(kv.reads.length, 1);
  later(0.001);
  await assertRefused(guard(asking()), 401, "revoked");
  assert.equal(kv.reads.length, 2);
});

test("cacheSeconds says for how long, and with 0 nobody is let in without a read", async () => {
  const guards = [guarding({ blacklist: kv, cacheSeconds: 60 }), guarding({ blacklist: kv, cacheSeconds: 0 })];
  for (const guard of guards) await assertPass(guard(asking()));
  kv.put("sid:5e55", entry());
  later(59);
  await assertPass(guards[0](asking()));
  await assertRefused(guards[1](asking()), 401, "revoked");
  later(1);
  await assertRefused(guards[0](asking()), 401, "revoked");
});

test("another token of the same session is asked for only by what is new about it", async () => {
  const guard = guarding({ verifier: fakeVerifier({ tokens: { next: { jti: "00a2" } } }), blacklist: kv });
  await assertPass(guard(asking()));
  await assertPass(guard(asking("next")));
  assert.deepEqual(kv.reads, [KEYS, ["jti:00a2"]]);
});

test("an entry that refuses is believed until it goes, whatever becomes of the key", async () => {
  kv.put("sid:5e55", entry());
  const guard = guarding({ blacklist: kv, cacheSeconds: 0 });
  await assertRefused(guard(asking()), 401, "revoked");
  kv.entries.clear();
  later(GOES - NOW - 1);
  await assertRefused(guard(asking()), 401, "revoked");
  assert.equal(kv.reads.length, 1);
  later(1);
  await assertPass(guard(asking()));
});

test("a subject's entry is read again, for a later cutoff may stand there", async () => {
  kv.put("sub:u7", entry({ cutoff: ISSUED_AT }));
  const guard = guarding({ blacklist: kv });
  await assertPass(guard(asking()));
  kv.put("sub:u7", entry({ cutoff: ISSUED_AT + 1 }));
  later(9);
  await assertPass(guard(asking()));
  later(1);
  await assertRefused(guard(asking()), 401, "revoked");
});

test("a subject's entry refuses nobody any more once it has gone", async () => {
  kv.put("sub:u7", entry({ cutoff: ISSUED_AT + 1, until: NOW + 5 }));
  const guard = guarding({ blacklist: kv });
  await assertRefused(guard(asking()), 401, "revoked");
  kv.entries.clear();
  later(5);
  await assertPass(guard(asking()));
});

test("an entry that does not say when it goes refuses, and is read each time", async () => {
  const guard = guarding({ blacklist: kv });
  for (const facts of ["", "garbage", "null", "{}", '{"until":"soon"}', entry({ until: NOW })]) {
    kv.put("sid:5e55", facts);
    await assertRefused(guard(asking()), 401, "revoked", JSON.stringify(facts));
  }
  assert.equal(kv.reads.length, 6);
  kv.entries.clear();
  await assertPass(guard(asking()));
});

test("checkedAt is when the oldest read that was believed began", async () => {
  const verifier = fakeVerifier({ tokens: { next: { jti: "00a2" } } });
  const guard = guarding({ verifier, blacklist: kv });
  assert.equal((await assertPass(guard(asking()))).checkedAt, NOW);
  later(4.5);
  assert.equal((await assertPass(guard(asking("next")))).checkedAt, NOW, "three keys were read before");
  later(5.5);
  assert.equal((await assertPass(guard(asking("next")))).checkedAt, NOW + 4, "one key was");
  assert.deepEqual(kv.reads.at(-1), KEYS.slice(0, 3));
});

test("while KV cannot be read, nobody is let in of whom not all is remembered", async () => {
  const guard = guarding({ verifier: fakeVerifier({ tokens: { next: { jti: "00a2" } } }), blacklist: kv });
  await assertPass(guard(asking()));
  kv.down = true;
  await assertPass(guard(asking()), "all of it is remembered");
  const { headers, body } = await assertRefused(guard(asking("next")), 503, "revocation_unknown");
  assert.equal(headers.get("retry-after"), "5");
  assert.equal(body.detail, "The blacklist cannot be read.");
  assert.equal(kv.reads.length, 2, "and it is not tried again at once");
  kv.down = false;
  await assertPass(guard(asking("next")), "a read that failed is not remembered");
});

test('with onKvError "open" everybody else goes on, and the pass says that nothing is known', async () => {
  const guard = guarding({ blacklist: kv, onKvError: "open" });
  kv.down = true;
  const pass = await assertPass(guard(asking()));
  assert.ok("checkedAt" in pass);
  assert.equal(pass.checkedAt, undefined);
});

test("what is known to refuse refuses while KV cannot be read, whatever onKvError", async () => {
  for (const onKvError of ["open", "closed"]) {
    for (const key of KEYS) {
      const blacklist = new FakeKv();
      blacklist.put(key, entry({ until: Date.now() / 1000 + 3600, cutoff: ISSUED_AT + 1 }));
      const guard = guarding({ blacklist, onKvError });
      await assertRefused(guard(asking()), 401, "revoked");
      blacklist.down = true;
      later(1000);
      await assertRefused(guard(asking()), 401, "revoked", `${onKvError}, ${key}`);
      later(3600);
      const { status } = await guard(asking());
      assert.equal(status, onKvError === "open" ? undefined : 503, "the entry has gone");
    }
  }
});

test("a read that never ends counts as one that failed", async () => {
  const guard = guarding({ blacklist: { get: () => new Promise(() => {}) } });
  const answer = guard(asking());
  // The timer is set when the verifier has answered.
  await new Promise(setImmediate);
  later(5);
  await assertRefused(answer, 503, "revocation_unknown");
});

test("of two reads at once the later one is remembered, whichever ends first", async () => {
  const held = [];
  const get = async (keys) => {
    const found = await new Promise((answer) => held.push(answer));
    return new Map(keys.map((key) => [key, found[key] ?? null]));
  };
  const guard = guarding({ blacklist: { get } });
  const first = guard(asking());
  await new Promise(setImmediate);
  later(1);
  const second = guard(asking());
  await new Promise(setImmediate);
  held[1]({ "sid:5e55": JSON.stringify(entry()) });
  await assertRefused(second, 401, "revoked");
  held[0]({});
  await assertPass(first, "when this was asked, it was so");
  await assertRefused(guard(asking()), 401, "revoked");
});

test("a clock that was put back makes nothing young again", async () => {
  const guard = guarding({ blacklist: kv });
  await assertPass(guard(asking()));
  kv.put("sid:5e55", entry());
  mock.timers.setTime((NOW - 3600) * 1000);
  await assertRefused(guard(asking()), 401, "revoked");
});

const someone = (n) => ({ sub: `u${n}`, sid: `s${n}`, jti: `j${n}` });

test("many different tokens do not grow the memory without end, and what was read last stays", async () => {
  const tokens = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`t${n}`, someone(n)]));
  const guard = guarding({ verifier: fakeVerifier({ tokens }), blacklist: kv });
  for (const token of Object.keys(tokens)) await assertPass(guard(asking(token)));
  // Three keys each, of which 4,096 are remembered.
  kv.reads.length = 0;
  await assertPass(guard(asking("t1499")));
  await assertPass(guard(asking("t200")));
  assert.deepEqual(kv.reads, []);
  await assertPass(guard(asking("t0")));
  assert.deepEqual(kv.reads, [["sub:u0", "sid:s0", "jti:j0"]]);
});

test("what gives way first is what was read longest ago, not what was read first", async () => {
  const tokens = Object.fromEntries(Array.from({ length: 1400 }, (_, n) => [`t${n}`, someone(n)]));
  const guard = guarding({ verifier: fakeVerifier({ tokens }), blacklist: kv });
  const all = Object.keys(tokens);
  // 4,081 keys, of which the first are read once more, and then more keys than there is room for.
  for (const token of all.slice(0, 1360)) await assertPass(guard(asking(token)));
  later(10);
  await assertPass(guard(asking("t0")));
  for (const token of all.slice(1360)) await assertPass(guard(asking(token)));
  kv.reads.length = 0;
  await assertPass(guard(asking("t0")));
  assert.deepEqual(kv.reads, []);
});

test("two guards remember nothing of each other", async () => {
  await assertPass(guarding({ blacklist: kv })(asking()));
  kv.put("sid:5e55", entry());
  await assertRefused(guarding({ blacklist: kv })(asking()), 401, "revoked");
});
