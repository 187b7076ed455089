// `Hallpass-Reason`: whoever presents an authentic token that is refused learns what became of its
// session, in a header beside the answer that Simple JWT's clients know. Nobody else learns anything.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before, beforeEach, describe } from "node:test";
import { inProject } from "../tools/project.mjs";
import { BLACKLISTED, blacklist, changePassword, info, refresh, resetAll, verify } from "./support/client.mjs";
import { CLIENTS, newSubject, openSession, revoke, token as oauthToken } from "./support/clients.mjs";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { codes } from "./support/markdown.mjs";
import { mint, nowSeconds, SIGNING_KEY } from "./support/mint.mjs";
import { admin, ADMIN_KEY, registered } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { askRing, byState, setClock } from "./support/ring.mjs";
import { decodeToken } from "./support/token.mjs";

const HEADER = "hallpass-reason";
const EXPIRED = { detail: "Token is expired", code: "token_not_valid" };
const INVALID = { detail: "Token is invalid", code: "token_not_valid" };
const NO_ACCOUNT = { detail: "No active account found for the given token." };

const DAY = 86_400;
const sidOf = ({ access }) => decodeToken(access).payload.sid;

const atSecond = (worker, seconds) => plan(worker, { clock_offset_ms: seconds * 1000 });

const slide = (worker, token) => request(worker, "POST", "/api/token/sliding/refresh/", { json: { token } });

const grant = (worker, refresh_token) => oauthToken(worker, { grant_type: "refresh_token", refresh_token });

const endOne = (worker, { access }, sid) =>
  request(worker, "DELETE", `/api/sessions/${sid}/`, { headers: bearer(access) });

const logOut = (worker, { access, refresh_token, ...rest }) =>
  request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token, ...rest } });

/** What the answer says is `detail`, byte for byte, and its reason is this one; without one there is no header. */
async function assertRefused(answer, reason, detail = BLACKLISTED) {
  const { status, headers, text } = await answer;
  assert.deepEqual([status, text], [401, JSON.stringify(detail)]);
  assert.equal(headers[HEADER], reason);
}

/** The same of `/oauth/token`. */
async function assertNotGranted(answer, reason) {
  const { status, headers, text } = await answer;
  assert.deepEqual([status, text], [400, '{"error":"invalid_grant"}']);
  assert.equal(headers[HEADER], reason);
}

/** Succeeds, and says no reason for that. */
async function assertDone(answer) {
  const { status, headers, json, text } = await answer;
  assert.ok(status >= 200 && status < 300, `${status}: ${text}`);
  assert.equal(headers[HEADER], undefined);
  return json;
}

/** A session that was rotated once: its spent pair, and the one that followed. */
async function rotatedOnce(worker) {
  const spent = await openSession(worker, newSubject());
  return { spent, next: await assertDone(refresh(worker, spent.refresh)) };
}

describe("a session of the issuer's own", () => {
  let worker;
  before(async () => (worker = await startFaultyWorker({ vars: { CLIENTS, ADMIN_KEY } })));
  after(() => worker.stop());

  // The objects' clocks never go back, so every test has subjects of its own and begins now.
  beforeEach(() => plan(worker));

  test("who loses a race hears so, and who presents the same token too late hears of a reuse", async () => {
    const { spent, next } = await rotatedOnce(worker);
    await assertRefused(refresh(worker, spent.refresh), "lost_race");
    await assertNotGranted(grant(worker, spent.refresh), "lost_race");
    // The session lives, as it was said.
    await assertDone(verify(worker, next.refresh));

    await atSecond(worker, 11);
    await assertRefused(refresh(worker, spent.refresh), "reuse");
    // From then on everybody who holds a token of the session hears that: the owner too.
    await assertRefused(refresh(worker, next.refresh), "reuse");
    await assertRefused(refresh(worker, spent.refresh), "reuse");
    await assertNotGranted(grant(worker, next.refresh), "reuse");
  });

  test("the grant of OAuth that finds a reuse says so itself", async () => {
    const { spent } = await rotatedOnce(worker);
    await atSecond(worker, 11);
    await assertNotGranted(grant(worker, spent.refresh), "reuse");
  });

  test("a log-out is one, whichever way it went", async () => {
    const ways = [
      (pair) => blacklist(worker, pair.refresh),
      (pair) => revoke(worker, pair.refresh),
      (pair) => endOne(worker, pair, sidOf(pair)),
      (pair) => logOut(worker, { access: pair.access, refresh_token: pair.refresh }),
    ];
    for (const end of ways) {
      const pair = await openSession(worker, newSubject());
      await assertDone(end(pair));
      await assertRefused(refresh(worker, pair.refresh), "logout");
      await assertNotGranted(grant(worker, pair.refresh), "logout");
    }
  });

  test("a reason stays what it was first: a reuse after a log-out is no news", async () => {
    const { spent, next } = await rotatedOnce(worker);
    await assertDone(blacklist(worker, next.refresh));
    await atSecond(worker, 11);
    await assertRefused(refresh(worker, spent.refresh), "logout");
  });

  test("all sessions were ended by their user", async () => {
    const ways = [(access) => resetAll(worker, access), (access) => logOut(worker, { access, all: true })];
    for (const end of ways) {
      const sub = newSubject();
      const [here, elsewhere] = [await openSession(worker, sub), await openSession(worker, sub)];
      await assertDone(end(here.access));
      await assertRefused(refresh(worker, elsewhere.refresh), "end_all");
    }
  });

  test("the password was changed", async () => {
    const ann = await registered(worker);
    const next = await assertDone(changePassword(worker, ann.access, ann.password, "another long password"));
    await assertRefused(refresh(worker, ann.refresh), "password_changed");
    await assertDone(refresh(worker, next.refresh));
  });

  test("a session gave way to the user's hundred-and-first", async () => {
    const sub = newSubject();
    const first = await openSession(worker, sub);
    await atSecond(worker, 1);
    for (let i = 0; i < 100; i += 1) await openSession(worker, sub);
    await assertRefused(refresh(worker, first.refresh), "evicted");
  });

  test("an administrator ended it", async () => {
    const ways = [
      (sub) => admin(worker, "DELETE", `users/${sub}/sessions/`),
      (sub, pair) => admin(worker, "DELETE", `users/${sub}/sessions/${sidOf(pair)}/`),
      (sub, pair) => admin(worker, "POST", "blacklist/", { json: { token: pair.refresh } }),
    ];
    for (const end of ways) {
      const sub = newSubject();
      const pair = await openSession(worker, sub);
      await assertDone(end(sub, pair));
      await assertRefused(refresh(worker, pair.refresh), "admin");
    }
  });

  test("a user who is deactivated, reactivated, deleted", async () => {
    const sub = newSubject();
    const [pair, over] = [await openSession(worker, sub), await openSession(worker, sub)];
    await assertDone(blacklist(worker, over.refresh));
    await assertDone(admin(worker, "POST", `users/${sub}/deactivate/`));
    await assertRefused(refresh(worker, pair.refresh), "deactivated", NO_ACCOUNT);
    await assertNotGranted(grant(worker, pair.refresh), "deactivated");
    await assertRefused(refresh(worker, over.refresh), "logout");

    await assertDone(admin(worker, "POST", `users/${sub}/reactivate/`));
    await assertRefused(refresh(worker, pair.refresh), "deactivated");

    await assertDone(admin(worker, "DELETE", `users/${sub}/`));
    await assertRefused(refresh(worker, pair.refresh), "deleted", NO_ACCOUNT);
    await assertNotGranted(grant(worker, pair.refresh), "deleted");
  });

  test("a token whose time is over", async () => {
    const pair = await openSession(worker, newSubject());
    await atSecond(worker, DAY + 1);
    await assertRefused(refresh(worker, pair.refresh), "expired", EXPIRED);
    await assertNotGranted(grant(worker, pair.refresh), "expired");
  });

  test("a sliding token hears what became of its session, or that its time is over", async () => {
    const ann = await registered(worker);
    const json = { email: ann.email, password: ann.password };
    const open = async () => (await assertDone(request(worker, "POST", "/api/token/sliding/", { json }))).token;
    const [revoked, ended, late] = [await open(), await open(), await open()];
    await assertDone(slide(worker, revoked));
    await assertDone(revoke(worker, revoked));
    await assertRefused(slide(worker, revoked), "logout");
    await assertDone(resetAll(worker, ann.access));
    await assertRefused(slide(worker, ended), "end_all");
    await atSecond(worker, 301);
    await assertRefused(slide(worker, late), "expired", EXPIRED);
  });

  test("a token with a changed signature, or none, hears nothing of its session", async () => {
    const pair = await openSession(worker, newSubject());
    await assertDone(blacklist(worker, pair.refresh));
    const [header, payload, signature] = pair.refresh.split(".");
    const swapped = signature.startsWith("A") ? "B" : "A";
    const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const forged = [
      `${header}.${payload}.${swapped}${signature.slice(1)}`,
      `${header}.${payload}.`,
      `${unsigned}.${payload}.${signature}`,
      `${pair.refresh}=`,
      "no.token.",
      "no token",
    ];
    for (const token of forged) {
      await assertRefused(refresh(worker, token), undefined, INVALID);
      await assertRefused(slide(worker, token), undefined, INVALID);
      await assertNotGranted(grant(worker, token), undefined);
    }
    await assertRefused(refresh(worker, pair.refresh), "logout");
    // An expired token that was tampered with is not even expired.
    await atSecond(worker, DAY + 1);
    await assertRefused(refresh(worker, forged[0]), undefined, INVALID);
  });

  test("a token of another kind hears that it was called back, and not why", async () => {
    const pair = await openSession(worker, newSubject());
    await assertRefused(refresh(worker, pair.access), undefined, {
      detail: "Token has wrong type",
      code: "token_not_valid",
    });
    await assertDone(blacklist(worker, pair.refresh));
    await assertRefused(refresh(worker, pair.access), undefined);
    await assertRefused(slide(worker, pair.refresh), undefined);
  });

  test("nothing but an exchange says why", async () => {
    const { spent, next } = await rotatedOnce(worker);
    await assertDone(blacklist(worker, next.refresh));
    const answers = [
      await blacklist(worker, spent.refresh),
      await verify(worker, next.refresh),
      await info(worker, next.access),
      await logOut(worker, { access: next.access, refresh_token: next.refresh }),
      await request(worker, "POST", "/api/token/refresh/", { json: {} }),
      await request(worker, "POST", "/oauth/token", { form: { grant_type: "refresh_token" } }),
    ];
    for (const { headers } of answers) assert.equal(headers[HEADER], undefined);
    assert.deepEqual(answers.map(({ status }) => status), [401, 400, 401, 401, 400, 400]);
  });
});

describe("with another issuer's tokens", () => {
  const HS256 = { ALGORITHM: "HS256", SIGNING_KEY, ADOPT_FOREIGN_TOKENS: "true", ADMIN_KEY };
  let worker;
  before(async () => (worker = await startFaultyWorker({ vars: HS256 })));
  after(() => worker.stop());
  beforeEach(() => plan(worker));

  test("an adopted token hears what became of the session it opened", async () => {
    const [token, next] = [mint("refresh", newSubject()), mint("refresh", newSubject())];
    const pair = await assertDone(refresh(worker, token));
    await assertRefused(refresh(worker, token), "lost_race");
    await assertDone(blacklist(worker, pair.refresh));
    await assertRefused(refresh(worker, token), "logout");
    // Given back before it was ever exchanged: that opened its session and ended it.
    await assertDone(blacklist(worker, next));
    await assertRefused(refresh(worker, next), "logout");
  });

  test("what was called back without a session of its own hears no reason, for none is known", async () => {
    const [sub, other] = [newSubject(), newSubject()];
    const unseen = mint("refresh", sub, { iat: nowSeconds() - 60 });
    await assertDone(admin(worker, "DELETE", `users/${sub}/sessions/`));
    await assertRefused(refresh(worker, unseen), undefined);
    const byId = mint("refresh", other);
    const { jti } = decodeToken(byId).payload;
    await assertDone(admin(worker, "POST", "blacklist/", { json: { jti, sub: other } }));
    await assertRefused(refresh(worker, byId), undefined);
  });

  test("a token of a session that never was, of nobody, or of another time", async () => {
    const sub = newSubject();
    await assertRefused(refresh(worker, mint("refresh", sub, { sid: "0".repeat(32) })), undefined, INVALID);
    await assertRefused(refresh(worker, mint("refresh", sub, { iat: nowSeconds() + 900 })), undefined, INVALID);
    await assertRefused(refresh(worker, mint("refresh", undefined, { user_id: "" })), undefined, NO_ACCOUNT);
    await assertRefused(refresh(worker, mint("refresh", sub, { exp: nowSeconds() - 1 })), "expired", EXPIRED);
    const sliding = mint("sliding", sub, { refresh_exp: nowSeconds() - 1 });
    const detail = "Token 'refresh_exp' claim has expired";
    await assertRefused(slide(worker, sliding), "expired", { detail, code: "token_not_valid" });
  });
});

test("a session that is over before its token is, since SESSION_LIFETIME was shortened, has expired", async (t) => {
  let worker = await startFaultyWorker({ vars: { CLIENTS } });
  t.after(() => worker.stop());
  const pair = await openSession(worker, newSubject());
  worker = await worker.restart({ vars: { CLIENTS, SESSION_LIFETIME: "60" } });
  await atSecond(worker, 61);
  await assertRefused(refresh(worker, pair.refresh), "expired", EXPIRED);
});

test("a pair that cannot be answered again, since its key leaked meanwhile, hears of the key", async (t) => {
  const worker = await startFaultyWorker({ vars: { CLIENTS, REFRESH_GRACE_SECONDS: "300" } });
  t.after(() => worker.stop());
  await openSession(worker, newSubject());
  const { next } = byState((await askRing(worker, "Look")).keys);
  await setClock(worker, next[0].signs_from - 30);
  const before = await openSession(worker, newSubject());
  await setClock(worker, next[0].signs_from + 2);
  const pair = await assertDone(refresh(worker, before.refresh));
  assert.deepEqual(await assertDone(refresh(worker, before.refresh)), pair, "the same pair again");

  const { dead } = byState((await askRing(worker, { Leaked: next[0].kid })).keys);
  assert.deepEqual(dead.map(({ kid }) => kid), [decodeToken(pair.refresh).header.kid]);
  await assertRefused(refresh(worker, before.refresh), "key_leaked");
  // What the leaked key signed may be anybody's: it is as if nobody had signed it.
  await assertRefused(refresh(worker, pair.refresh), undefined, INVALID);
});

test("the README names every reason that can be heard", () => {
  const source = readFileSync(inProject("crates", "core", "src", "revocation.rs"), "utf8");
  const stored = [...source.matchAll(/Self::\w+ => "(\w+)"/g)].map(([, name]) => name);
  // No session ends for these: they are said of single tokens.
  const heard = stored.filter((name) => !["rotated", "revoked"].includes(name));
  const readme = readFileSync(inProject("README.md"), "utf8");
  const told = codes(readme.split("\n").find((line) => line.startsWith("- `lost_race`: ")));
  const ended = codes(readme.split("\n").find((line) => line.startsWith("- The session has ended: ")));
  const expired = codes(readme.split("\n").find((line) => line.startsWith("- `expired`: ")));
  assert.deepEqual([...told, ...ended, ...expired].sort(), ["lost_race", "expired", ...heard].sort());
});
