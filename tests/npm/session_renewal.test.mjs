// Pages that refresh at the same time, answers that come too late or never, and what is left of the session then.

import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { createSession, memoryStorage } from "../../crates/verifier/js/session.js";
import { meaningOf } from "../../crates/verifier/js/session_issuer.js";
import { CREDENTIALS, FakeIssuer, sharedStorage, token } from "../support/fake_issuer.mjs";

const REFRESH = "/api/token/refresh/";

let issuer;
let storage;
beforeEach(() => {
  issuer = new FakeIssuer();
  storage = sharedStorage();
});

const page = (adapter = storage()) => createSession({ issuer: issuer.url, storage: adapter, fetch: issuer.fetch });

async function signedIn(pages) {
  const all = Array.from({ length: pages }, () => page());
  await all[0].signIn(CREDENTIALS);
  return all;
}

const settled = () => new Promise(setImmediate);

/** Lets `ms` go by in small steps, and after each of them everything happen that can. */
async function pass(ms) {
  for (let gone = 0; gone < ms; gone += 50) {
    mock.timers.tick(50);
    await settled();
  }
}

/** A test whose clock and timers are its own. */
const timed = (name, body, options = {}) =>
  test(name, options, async () => {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
    try {
      await body();
    } finally {
      mock.timers.reset();
    }
  });

/** Holds requests for `path` back, by `before` or `after`; `let_go()` lets them all go on. */
function held(when, path) {
  let letGo;
  const gate = new Promise((resolve) => (letGo = resolve));
  issuer[when] = (asked) => (asked === path ? gate : undefined);
  return letGo;
}

test("what an answer to a refresh means is this table", () => {
  const one = issuer.open();
  const [next, detail] = [issuer.open(), "Token is blacklisted"];
  const refused = { detail, code: "token_not_valid" };
  const rows = [
    [{ status: 200, body: next }, { kind: "renewed", pair: next }],
    [{ status: 200, body: { access: next.access } }, { kind: "renewed", pair: { access: next.access, refresh: one.refresh } }],
    [{ status: 401, body: refused, why: "lost_race" }, { kind: "lost" }],
    [{ status: 401, body: refused }, { kind: "lost" }],
    [{ status: 401, body: refused, why: "reuse" }, { kind: "ended", reason: "reuse" }],
    [{ status: 401, body: { detail }, why: "deactivated" }, { kind: "ended", reason: "deactivated" }],
    [{ status: 401, body: { detail } }, { kind: "ended", reason: "unknown" }],
    ...[
      { status: 200 }, { status: 200, body: { refresh: next.refresh } }, { status: 200, body: { access: "opaque" } }, { status: 201, body: next },
      { status: 401 }, { status: 401, body: { error: "of a proxy" } }, { status: 400, body: { detail } }, { status: 403, body: { detail } },
      { status: 404, body: { detail } }, { status: 429, body: { detail } }, { status: 500 }, { status: 503, body: { detail }, why: "reuse" },
    ].map((answer) => [answer, { kind: "unknown" }]),
  ];
  for (const [answer, expected] of rows) {
    const { error, ...meaning } = meaningOf(answer, one.refresh);
    assert.deepEqual(meaning, expected, JSON.stringify(answer));
    assert.equal(error?.code, expected.kind === "unknown" ? "issuer_unreachable" : undefined);
  }
});

test("callers of one page share one refresh", async () => {
  const [one] = await signedIn(1);
  await Promise.all(Array.from({ length: 20 }, () => one.refresh()));
  assert.equal(issuer.times(REFRESH), 1);
});

test("a refresh of what somebody signed in with meanwhile does not come down to the one before it, nor fail with it", async () => {
  for (const fails of [false, true]) {
    const [one] = await signedIn(1);
    let letGo;
    const gate = new Promise((resolve, reject) => (letGo = fails ? () => reject(new TypeError("connection lost")) : resolve));
    issuer.before = () => gate;
    const former = one.refresh().catch(() => {});
    await settled();
    issuer.before = async () => {};
    one.begin(issuer.open());
    const begun = await one.accessToken();
    const refreshed = one.refresh();
    letGo();
    await refreshed;
    await former;
    assert.notEqual(await one.accessToken(), begun);
  }
});

// Node.js has Web Locks from 24.5 on.
const skip = !globalThis.navigator?.locks && "no Web Locks in this Node.js";

test("pages with a lock make one request among them, and all have its pair", { skip }, async () => {
  storage = sharedStorage({ sharedAs: "a test's" });
  const pages = await signedIn(8);
  await Promise.all(pages.map((one) => one.refresh()));
  assert.equal(issuer.times(REFRESH), 1);
  assert.equal(new Set(await Promise.all(pages.map((one) => one.accessToken()))).size, 1);
});

for (const tellsWhy of [true, false]) {
  timed(`without a lock the losers take the winner's pair, ${tellsWhy ? "told" : "not told"} that it was a race`, async () => {
    issuer.tellsWhy = tellsWhy;
    const pages = await signedIn(8);
    const { sid } = pages[0].claims;
    // The winner's answer is the last to come.
    issuer.after = (path) => (path === REFRESH && issuer.times(REFRESH) === 1 ? new Promise((resolve) => setTimeout(resolve, 3000)) : undefined);
    const refreshed = Promise.all(pages.map((one) => one.refresh()));
    await pass(4000);
    await refreshed;
    assert.deepEqual(issuer.asked.filter(({ path }) => path === REFRESH).map(({ status }) => status).toSorted(), [200, ...Array(7).fill(401)]);
    assert.ok(issuer.isAlive(sid));
    for (const one of pages) assert.ok(issuer.takes(`Bearer ${await one.accessToken()}`));
  });
}

timed("whose answer was lost waits ten seconds for a sibling's pair, asks once more, and the session has ended", async () => {
  const [one] = await signedIn(1);
  issuer.after = async () => {
    throw new TypeError("connection lost");
  };
  await assert.rejects(one.refresh(), { code: "issuer_unreachable" });
  issuer.after = async () => {};
  const outcome = assert.rejects(one.refresh(), { code: "session_ended" });
  await pass(9900);
  assert.deepEqual([one.state, issuer.times(REFRESH)], ["signed_in", 2]);
  await pass(300);
  await outcome;
  assert.deepEqual([one.state, one.end.reason, issuer.times(REFRESH)], ["ended", "lost", 3]);
});

timed("whose own answer was lost does not hear of a theft, however late it asks again", async () => {
  for (const between of [async () => {}, async (one) => assert.rejects(one.refresh(), { code: "issuer_unreachable" })]) {
    const [one] = await signedIn(1);
    issuer.after = async () => {
      throw new TypeError("connection lost");
    };
    await assert.rejects(one.refresh(), { code: "issuer_unreachable" });
    mock.timers.tick(15_000);
    issuer.after = async () => {};
    issuer.before = async () => {
      throw new TypeError("offline");
    };
    await between(one);
    issuer.before = async () => {};
    await assert.rejects(one.refresh(), { code: "session_ended" });
    assert.equal(one.end.reason, "lost");
  }
});

timed("who lost a race waits as long as the winner's answer may take, and does not end the session by asking again before", async () => {
  const slow = () => createSession({ issuer: issuer.url, storage: storage(), fetch: issuer.fetch, timeoutSeconds: 60 });
  const [one, other] = [slow(), slow()];
  await one.signIn(CREDENTIALS);
  const { sid } = one.claims;
  issuer.after = () => (issuer.times(REFRESH) === 1 ? new Promise((resolve) => setTimeout(resolve, 40_000)) : undefined);
  const refreshed = Promise.all([one.refresh(), other.refresh()]);
  await pass(41_000);
  await refreshed;
  assert.ok(issuer.isAlive(sid));
  assert.ok(issuer.takes(`Bearer ${await other.accessToken()}`));
});

timed("a hidden page, whose timers the browser runs once a minute, waits no longer for a winner than others", async () => {
  const [one] = await signedIn(1);
  issuer.after = async () => {
    throw new TypeError("connection lost");
  };
  await assert.rejects(one.refresh());
  issuer.after = async () => {};
  let steady = 0;
  const clock = mock.method(performance, "now", () => steady);
  const outcome = assert.rejects(one.refresh(), { code: "session_ended" });
  await settled();
  steady += 60_000;
  await pass(200);
  await outcome;
  clock.mock.restore();
  assert.equal(one.end.reason, "lost");
});

timed("with a grace the issuer gives the pair of the lost answer again", async () => {
  issuer.grace = 20;
  const [one] = await signedIn(1);
  issuer.after = async () => {
    throw new TypeError("connection lost");
  };
  await assert.rejects(one.refresh(), { code: "issuer_unreachable" });
  issuer.after = async () => {};
  await one.refresh();
  assert.equal(one.state, "signed_in");
  assert.ok(issuer.takes(`Bearer ${await one.accessToken()}`));
});

timed("who waits after a lost race does not ask again when the user has signed out, or was told of another reason", async () => {
  const [one] = await signedIn(1);
  issuer.after = async () => {
    throw new TypeError("connection lost");
  };
  await assert.rejects(one.refresh());
  issuer.after = async () => {};
  const outcome = assert.rejects(one.refresh(), { code: "signed_out" });
  await pass(1000);
  await one.signOut();
  await pass(400);
  await outcome;
  assert.equal(issuer.times(REFRESH), 2);
  assert.equal(one.end, undefined);
});

test("a refresh that comes after signing out is thrown away, and its session ended", async () => {
  for (const when of ["before", "after"]) {
    const [one, other] = await signedIn(2);
    const { sid } = one.claims;
    const letGo = held(when, REFRESH);
    const outcome = assert.rejects(one.refresh(), { code: "signed_out" });
    await settled();
    issuer[when === "before" ? "after" : "before"] = async () => {};
    await other.signOut();
    letGo();
    await outcome;
    await settled();
    assert.deepEqual([one.state, other.state, issuer.isAlive(sid)], ["signed_out", "signed_out", false], when);
    issuer.before = issuer.after = async () => {};
  }
});

test("a refresh that comes after somebody else has signed in is thrown away, and its session ended", async () => {
  const [one, other] = await signedIn(2);
  const { sid } = one.claims;
  const letGo = held("after", REFRESH);
  const outcome = one.refresh();
  await settled();
  await other.signIn(CREDENTIALS);
  letGo();
  await outcome;
  await settled();
  assert.notEqual(one.claims.sid, sid);
  assert.deepEqual([issuer.isAlive(sid), issuer.isAlive(one.claims.sid), one.state], [false, true, "signed_in"]);
});

test("a pair that comes after a newer one of the same session is thrown away, and the session lives", async () => {
  issuer.grace = 20;
  const [one, other] = await signedIn(2);
  const { sid } = one.claims;
  const letGo = held("after", REFRESH);
  const late = one.refresh();
  await settled();
  issuer.after = async () => {};
  // The same pair by way of a replay, and the one after it.
  await other.refresh();
  await other.refresh();
  const newest = await other.accessToken();
  letGo();
  await late;
  await settled();
  assert.equal(await one.accessToken(), newest);
  assert.ok(issuer.isAlive(sid));
  assert.equal(issuer.times("/api/token/blacklist/"), 0);
});

test("another issuer's token that two pages exchange for one pair opens one session, and it lives", async () => {
  // A token without `sid`, which is answered again within the grace, or not rotated: the pair that comes late is the one that is kept.
  const foreign = { access: token({ exp: issuer.now + 300 }), refresh: token({ exp: issuer.now + 86_400 }) };
  const adopted = issuer.open();
  for (const answer of [adopted, { access: adopted.access }]) {
    const paths = [];
    let letGo;
    const gate = new Promise((resolve) => (letGo = resolve));
    const fetch = async (url) => {
      if (paths.push(new URL(url).pathname) === 2) await gate;
      return Response.json(answer);
    };
    const [one, other] = [storage(), storage()].map((adapter) => createSession({ issuer: issuer.url, storage: adapter, fetch }));
    one.begin(foreign);
    const late = [one.refresh(), other.refresh()];
    await late[0];
    letGo();
    await late[1];
    await settled();
    assert.deepEqual(paths, [REFRESH, REFRESH]);
    assert.equal(await other.accessToken(), adopted.access);
    storage = sharedStorage();
  }
});

test("a page hears what another one has done", async () => {
  const [one, other] = await signedIn(2);
  await settled();
  const heard = [];
  other.onChange(({ kind, here }) => heard.push([kind, here, other.state]));
  const steps = [() => one.refresh(), () => one.signOut(), () => one.signIn(CREDENTIALS), () => one.signIn(CREDENTIALS)];
  for (const step of steps) {
    await step();
    await settled();
  }
  issuer.end("admin");
  await assert.rejects(one.refresh(), { code: "session_ended" });
  await settled();
  assert.deepEqual(heard, [
    ["refreshed", false, "signed_in"], ["signed_out", false, "signed_out"], ["signed_in", false, "signed_in"],
    ["signed_in", false, "signed_in"], ["ended", false, "ended"],
  ]);
  assert.equal(other.end.reason, "admin");
});

timed("a page that holds the lock and does not move keeps others waiting for five seconds, and no longer", async () => {
  storage = sharedStorage({ sharedAs: "another test's" });
  const [one, other] = await signedIn(2);
  let letGo;
  const gate = new Promise((resolve) => (letGo = resolve));
  issuer.before = (path) => (path === REFRESH && letGo ? gate : undefined);
  const stuck = one.refresh();
  await settled();
  const [first, go] = [letGo, letGo];
  letGo = undefined;
  const outcome = other.refresh();
  await pass(4900);
  assert.equal(issuer.times(REFRESH), 0);
  await pass(200);
  await outcome;
  assert.equal(issuer.times(REFRESH), 1);
  // It wakes up, and finds that it has lost.
  first();
  go();
  const woken = stuck.then(() => other.accessToken());
  await pass(1000);
  assert.equal(await woken, await one.accessToken());
  assert.equal(one.state, "signed_in");
}, { skip });

for (const lifetime of [1, 0, -5]) {
  timed(`tokens of ${lifetime} seconds are due as soon as they come, and are not exchanged ahead without end`, async () => {
    issuer.lifetime = lifetime;
    Object.assign(globalThis, { window: new EventTarget(), document: Object.assign(new EventTarget(), { visibilityState: "visible" }) });
    try {
      const one = page();
      await one.signIn(CREDENTIALS);
      await pass(60_000);
      one.close();
      assert.ok(issuer.times(REFRESH) >= 2 && issuer.times(REFRESH) <= 8, `${issuer.times(REFRESH)} times in a minute`);
    } finally {
      delete globalThis.window;
      delete globalThis.document;
    }
  });
}

test("a storage that fails does not sign anybody out of the page", async () => {
  const full = memoryStorage();
  const one = page(full);
  await one.signIn(CREDENTIALS);
  full.write = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  await one.refresh();
  await one.refresh();
  assert.equal(one.state, "signed_in");
  assert.ok(issuer.takes(`Bearer ${await one.accessToken()}`));
  const broken = page({ read: () => assert.fail("forbidden"), write: () => assert.fail("forbidden") });
  assert.equal(broken.state, "signed_out");
  await broken.signIn(CREDENTIALS);
  assert.equal(broken.state, "signed_in");
});

timed("a spent pair does not stay in a storage that is full, where another page would present it", async () => {
  let full = false;
  const shared = () => {
    const adapter = storage();
    const write = (text) => (full && text !== null ? assert.fail("full") : adapter.write(text));
    return { ...adapter, write };
  };
  const [one, other] = [page(shared()), page(shared())];
  await one.signIn(CREDENTIALS);
  full = true;
  await one.refresh();
  mock.timers.tick(20_000);
  await assert.rejects(other.refresh(), { code: "signed_out" });
  assert.equal(one.state, "signed_in");
  await one.refresh();
  assert.ok(issuer.takes(`Bearer ${await one.accessToken()}`));
});

test("a storage that cannot be read for a while signs nobody out, and no session is ended over it", async () => {
  const adapter = memoryStorage();
  const one = page(adapter);
  await one.signIn(CREDENTIALS);
  const { read } = adapter;
  const letGo = held("after", REFRESH);
  const outcome = one.refresh();
  await settled();
  adapter.read = () => assert.fail("not now");
  letGo();
  await outcome;
  await settled();
  assert.equal(issuer.times("/api/token/blacklist/"), 0);
  for (adapter.read of [adapter.read, read]) assert.ok(issuer.takes(`Bearer ${await one.accessToken()}`));
});

test("what is kept and is none of ours counts as nothing", async () => {
  const { access, refresh } = issuer.open();
  for (const text of ["", "null", "7", "[]", "{}", "{", '{"access":"a.b.c","refresh":"r","ahead":0}', '{"end":{}}',
    JSON.stringify({ access, ahead: 0 }), JSON.stringify({ access, refresh }), JSON.stringify({ access, refresh, ahead: "1" }),
    JSON.stringify({ access, refresh, ahead: 0, since: "1" })]) {
    const adapter = storage();
    adapter.write(text);
    const one = page(adapter);
    assert.deepEqual([one.state, one.claims, one.secondsLeft], ["signed_out", undefined, 0], text);
    await one.signIn(CREDENTIALS);
    assert.equal(one.state, "signed_in");
  }
});
