// The admin API, from outside: who may, what it shows, what it does to whom.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { address, admin, ADMIN_KEY, events, info, login, refresh, registered, signedIn, until, verify } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { kvPut, startWorker } from "./support/worker.mjs";

let worker;
before(async () => {
  worker = await startWorker({ vars: { ADMIN_KEY } });
});
after(() => worker?.stop());

const user = (sub, rest = "") => `users/${encodeURIComponent(sub)}/${rest}`;
const blacklisted = (prefix) => async () => (await admin(worker, "GET", `blacklist/?prefix=${prefix}`)).json.entries;

const RESOURCES = {
  "users/": ["GET"],
  "users/x/": ["GET", "DELETE"],
  "users/x/sessions/": ["DELETE"],
  "users/x/sessions/y/": ["DELETE"],
  "users/x/deactivate/": ["POST"],
  "users/x/reactivate/": ["POST"],
  "blacklist/": ["GET", "POST"],
  "import/blacklist/": ["POST"],
  "import/users/": ["POST"],
  "events/": ["GET"],
  "stats/": ["GET"],
};

test("without ADMIN_KEY there is nothing for anybody", async () => {
  const closed = await startWorker();
  try {
    const nowhere = await request(closed, "GET", "/no/such/path/");
    for (const [path, methods] of Object.entries(RESOURCES)) {
      for (const method of methods) {
        for (const key of [ADMIN_KEY, "", "undefined"]) {
          const answer = await request(closed, method, `/admin/api/${path}`, { headers: bearer(key) });
          assert.deepEqual([answer.status, answer.text], [404, nowhere.text], `${method} ${path}`);
        }
      }
    }
  } finally {
    await closed.stop();
  }
});

test("an ADMIN_KEY that is too short is refused by name and not printed", async () => {
  const wrong = await startWorker({ vars: { ADMIN_KEY: "much-too-short" } });
  try {
    assert.equal((await request(wrong, "GET", "/healthz")).status, 503);
    await wrong.logged(/ADMIN_KEY: needs at least 32 characters/);
    assert.ok(!wrong.log().includes("much-too-short"));
  } finally {
    await wrong.stop();
  }
});

test("whoever has not the key gets a 401 from everything, whether it is there or not", async () => {
  const { access } = await registered(worker);
  const keys = [undefined, "", "Bearer", ADMIN_KEY, `Basic ${ADMIN_KEY}`, `Bearer ${ADMIN_KEY}x`, `Bearer ${ADMIN_KEY.slice(1)}`];
  for (const authorization of [...keys, `Bearer ${access}`]) {
    for (const path of [...Object.keys(RESOURCES), "no/such/thing/"]) {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await request(worker, "GET", `/admin/api/${path}`, { headers });
      assert.equal(answer.status, 401, `${authorization} ${path}`);
      assert.equal(answer.headers["www-authenticate"], 'Bearer realm="admin"');
      assert.equal(answer.headers["cache-control"], "no-store");
    }
  }
});

test("what there is takes its methods only, and no answer is stored", async () => {
  for (const [path, methods] of Object.entries(RESOURCES)) {
    for (const method of ["PUT", "PATCH", "OPTIONS"]) {
      const answer = await admin(worker, method, path);
      assert.equal(answer.status, 405, `${method} ${path}`);
      for (const one of methods) assert.match(answer.headers.allow, new RegExp(one));
    }
    if (methods.includes("GET")) {
      const answer = await admin(worker, "GET", path);
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.equal((await admin(worker, "HEAD", path)).text, "");
    }
  }
  assert.equal((await admin(worker, "GET", "keys-of-heaven/")).status, 404);
  assert.equal((await admin(worker, "GET", "users//sessions/")).status, 404);
});

test("a user is shown with the sessions and the tokens that are outstanding", async () => {
  const ann = await registered(worker, { headers: { "user-agent": "Ann's <b>phone</b>" } });
  const second = await signedIn(worker, ann, { "user-agent": "laptop" });
  const { json: next } = await refresh(worker, second.refresh);
  const { status, json } = await admin(worker, "GET", user(ann.sub));
  assert.equal(status, 200);
  const { sessions, ...who } = json;
  const { email, sub } = ann;
  assert.deepEqual(who, { sub, email, first_name: "Ann", last_name: "Lee", standing: "active" });
  assert.equal(sessions.length, 2);
  const shown = sessions.find(({ sid }) => sid === second.sid);
  const { jti, exp } = decodeToken(next.refresh).payload;
  assert.deepEqual([shown.jti, shown.kind, shown.expires_at, shown.client], [jti, "refresh", exp, "laptop"]);
  assert.ok(shown.started_at <= shown.last_refreshed_at);
  assert.ok(sessions.some(({ client }) => client === "Ann's <b>phone</b>"));
  assert.equal((await admin(worker, "GET", user("nobody-of-this-name"))).status, 404);
});

test("users are found by the beginning of their e-mail or subject, page by page", async () => {
  const tag = `find${Date.now()}`;
  const people = [];
  for (let i = 0; i < 3; i += 1) people.push(await registered(worker, { email: `${tag}-${i}@Example.com` }));
  const find = async (query, cursor = "") =>
    (await admin(worker, "GET", `users/?query=${encodeURIComponent(query)}&cursor=${encodeURIComponent(cursor)}`)).json;
  const found = await until(() => find(tag.toUpperCase()), ({ users }) => users.length === 3);
  assert.deepEqual(found.users.map(({ sub }) => sub).sort(), people.map(({ sub }) => sub).sort());
  assert.equal(found.cursor, null);
  const [first] = (await find(people[0].sub.slice(0, 12))).users;
  assert.deepEqual([first.sub, first.email, first.standing], [people[0].sub, `${tag}-0@example.com`, "active"]);
  assert.ok(first.created_at > 0 && first.last_login_at >= first.created_at);
  assert.deepEqual((await find(`${tag}-0@example.com.not`)).users, []);
  assert.deepEqual((await find("%_*'\"")).users, [], "nothing in a query means anything");
});

test("a page of users ends where the next begins", async () => {
  const secret = "a-client's-secret";
  const { createHash } = await import("node:crypto");
  const clients = [{ id: "portal", secret_sha256: createHash("sha256").update(secret).digest("base64url"), scopes: ["sessions:open"] }];
  const many = await startWorker({ vars: { ADMIN_KEY, CLIENTS: JSON.stringify(clients) } });
  try {
    const authorization = `Basic ${Buffer.from(`portal:${encodeURIComponent(secret)}`).toString("base64")}`;
    const subs = Array.from({ length: 120 }, (_, i) => `own/${String(i).padStart(3, "0")} ü+`);
    for (const sub of subs) {
      const { status } = await request(many, "POST", "/api/sessions/", { json: { sub }, headers: { authorization } });
      assert.equal(status, 201);
    }
    const collect = async () => {
      const found = [];
      let cursor = "";
      do {
        const { json } = await admin(many, "GET", `users/?query=own/&cursor=${encodeURIComponent(cursor)}`);
        found.push(json.users.map(({ sub }) => sub));
        cursor = json.cursor;
      } while (cursor);
      return found;
    };
    const pages = await until(collect, (found) => found.flat().length === subs.length);
    assert.deepEqual(pages.flat(), subs);
    assert.deepEqual(pages.map(({ length }) => length), [50, 50, 20]);
    const { json } = await admin(many, "GET", user(subs[7]));
    assert.deepEqual([json.sub, json.email, json.sessions.length], [subs[7], null, 1], "the subject is decoded");

    const seen = [];
    let cursor = "";
    do {
      const page = (await admin(many, "GET", `events/?kind=login&cursor=${cursor}`)).json;
      seen.push(...page.events);
      cursor = page.cursor;
    } while (cursor);
    assert.deepEqual(new Set(seen.map(({ sub }) => sub)), new Set(subs));
    assert.equal(seen.length, subs.length);
    const ids = seen.map(({ id }) => id);
    assert.deepEqual(ids, [...ids].sort().reverse(), "the newest first");
  } finally {
    await many.stop();
  }
});

test("an administrator ends one session or all", async () => {
  const ann = await registered(worker);
  const second = await signedIn(worker, ann);
  assert.equal((await admin(worker, "DELETE", user(ann.sub, `sessions/${second.sid}/`))).status, 204);
  assert.equal((await admin(worker, "DELETE", user(ann.sub, `sessions/${second.sid}/`))).status, 404);
  assert.equal((await refresh(worker, second.refresh)).status, 401);
  assert.equal((await info(worker, second.access)).status, 401);
  assert.equal((await info(worker, ann.access)).status, 200);
  assert.equal((await admin(worker, "DELETE", user(ann.sub, "sessions/"))).status, 204);
  assert.equal((await info(worker, ann.access)).status, 401);
  assert.equal((await refresh(worker, ann.refresh)).json.detail, "Token is blacklisted");
  const again = await signedIn(worker, ann);
  assert.equal((await info(worker, again.access)).status, 200);
  const found = await events(worker, ann.sub, 5);
  const told = found.map(({ kind, by_admin }) => [kind, by_admin]);
  assert.deepEqual(told, [["login", false], ["login", false], ["revoked", true], ["end_all", true], ["login", false]]);
});

test("a deactivated user is refused everywhere, and reactivating revives nothing", async () => {
  const ann = await registered(worker);
  const { json: slid } = await request(worker, "POST", "/api/token/sliding/", { json: ann });
  const deactivated = await admin(worker, "POST", user(ann.sub, "deactivate/"));
  assert.deepEqual([deactivated.status, deactivated.json], [200, { sub: ann.sub, standing: "deactivated" }]);
  assert.equal((await admin(worker, "POST", user(ann.sub, "deactivate/"))).status, 200, "once more is the same");

  const unknown = await login(worker, { email: address(), password: ann.password });
  const refused = await login(worker, ann);
  assert.deepEqual([refused.status, refused.text], [unknown.status, unknown.text], "as an unknown one");
  assert.deepEqual((await refresh(worker, ann.refresh)).json, { detail: "No active account found for the given token." });
  const sliding = await request(worker, "POST", "/api/token/sliding/refresh/", { json: { token: slid.token } });
  assert.equal(sliding.status, 401);
  assert.equal((await info(worker, ann.access)).json.code, "user_inactive");
  assert.equal((await verify(worker, ann.access)).status, 400);
  assert.equal((await verify(worker, ann.refresh)).status, 400);
  const taken = await request(worker, "POST", "/api/v1/users/registration/", { json: ann });
  assert.equal(taken.status, 400, "the address stays taken");
  const shown = (await admin(worker, "GET", user(ann.sub))).json;
  assert.deepEqual([shown.standing, shown.email, shown.sessions], ["deactivated", ann.email, []]);
  const [entry] = await until(blacklisted(`sub:${ann.sub}`), (entries) => entries.length > 0);
  assert.equal(entry.reason, "deactivated");

  const reactivated = await admin(worker, "POST", user(ann.sub, "reactivate/"));
  assert.deepEqual([reactivated.status, reactivated.json.standing], [200, "active"]);
  assert.equal((await refresh(worker, ann.refresh)).json.detail, "Token is blacklisted");
  assert.equal((await info(worker, ann.access)).status, 401);
  const again = await signedIn(worker, ann);
  assert.equal(again.sub, ann.sub);
  assert.equal((await info(worker, again.access)).status, 200);
  const kinds = (await events(worker, ann.sub, 5)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["login", "login", "deactivated", "reactivated", "login"]);
});

test("a deleted user is gone for good, and the address is free for somebody new", async () => {
  const ann = await registered(worker);
  const before = (await admin(worker, "GET", "users/?query=" + ann.email)).json;
  assert.ok(before.users.length <= 1);
  assert.equal((await admin(worker, "DELETE", user(ann.sub))).status, 204);
  assert.equal((await admin(worker, "DELETE", user(ann.sub))).status, 204, "once more is the same");
  assert.equal((await login(worker, ann)).status, 401);
  assert.deepEqual((await refresh(worker, ann.refresh)).json, { detail: "No active account found for the given token." });
  assert.equal((await info(worker, ann.access)).json.code, "user_not_found");
  assert.equal((await verify(worker, ann.access)).status, 400);
  for (const way of ["deactivate/", "reactivate/"]) {
    assert.equal((await admin(worker, "POST", user(ann.sub, way))).status, 409, "a tombstone does not move");
  }
  const [entry] = await until(blacklisted(`sub:${ann.sub}`), (entries) => entries.length > 0);
  assert.equal(entry.reason, "deleted");

  const heir = await registered(worker, { email: ann.email, password: "another password" });
  assert.notEqual(heir.sub, ann.sub);
  assert.equal((await login(worker, ann)).status, 401, "the old password is nobody's");
  assert.equal((await info(worker, heir.access)).status, 200);
  assert.equal((await info(worker, ann.access)).status, 401);
  const shown = (await admin(worker, "GET", user(ann.sub))).json;
  assert.deepEqual(shown, { sub: ann.sub, email: null, first_name: null, last_name: null, standing: "deleted", sessions: [] });
  const found = async () => (await admin(worker, "GET", `users/?query=${ann.email}`)).json.users;
  const [only] = await until(found, (users) => users.length === 1 && users[0].sub === heir.sub);
  assert.equal(only.standing, "active");
  const gone = async () => (await admin(worker, "GET", `users/?query=${ann.sub}`)).json.users[0];
  const tombstone = await until(gone, (one) => one?.standing === "deleted");
  assert.deepEqual([tombstone.email, tombstone.first_name], [null, null], "nothing says who it was");

  const restarted = await worker.restart();
  worker = restarted;
  assert.equal((await info(worker, ann.access)).json.code, "user_not_found");
});

test("somebody who is not known here yet can be kept out too", async () => {
  const sub = `someone else's / ${Date.now()}`;
  assert.equal((await admin(worker, "POST", user(sub, "deactivate/"))).status, 200);
  assert.equal((await admin(worker, "GET", user(sub))).json.standing, "deactivated");
});

test("the blacklist is listed by prefix and page, without reading an entry", async () => {
  const tag = `jti:page${Date.now()}`;
  const expiration = Math.floor(Date.now() / 1000) + 3600;
  const keys = Array.from({ length: 130 }, (_, i) => `${tag}-${String(i).padStart(3, "0")}`);
  const metadata = { sub: "s", sid: "i", kind: "access", reason: "revoked", at: 5, until: expiration };
  for (const key of keys) await kvPut(worker, key, "not what the metadata says", { expiration, metadata });
  await kvPut(worker, `${tag}-999`, "by another hand");
  const listed = [];
  let cursor = "";
  let pages = 0;
  do {
    const { json } = await admin(worker, "GET", `blacklist/?prefix=${tag}&cursor=${encodeURIComponent(cursor)}`);
    listed.push(...json.entries);
    cursor = json.cursor ?? "";
    pages += 1;
  } while (cursor);
  assert.deepEqual(listed.map(({ key }) => key), [...keys, `${tag}-999`]);
  assert.equal(pages, 2);
  assert.deepEqual(listed[0], { key: keys[0], expires_at: expiration, ...metadata });
  assert.deepEqual(listed.at(-1), { key: `${tag}-999`, expires_at: null });
});

test("a pasted token is called back: a refresh token with its session, an access token alone", async () => {
  const paste = (json) => admin(worker, "POST", "blacklist/", { json });
  const ann = await registered(worker);
  const alone = await paste({ token: ann.access });
  const { jti } = decodeToken(ann.access).payload;
  assert.deepEqual([alone.status, alone.json], [200, { key: `jti:${jti}` }]);
  assert.equal((await info(worker, ann.access)).status, 401);
  const { json: next } = await refresh(worker, ann.refresh);
  assert.equal((await info(worker, next.access)).status, 200, "the session lives");
  for (const token of [next.refresh, next.refresh, ann.refresh]) {
    assert.deepEqual((await paste({ token })).json, { key: `sid:${ann.sid}` });
  }
  assert.equal((await refresh(worker, next.refresh)).status, 401);
  const [entry] = await until(blacklisted(`sid:${ann.sid}`), (entries) => entries.length > 0);
  assert.deepEqual([entry.reason, entry.sub], ["admin", ann.sub]);

  const forged = `${ann.access.slice(0, -4)}AAAA`;
  for (const json of [{}, { token: "" }, { token: "rubbish" }, { token: forged }, { token: 5 }]) {
    const { status, json: body } = await paste(json);
    assert.equal(status, 400, JSON.stringify(json));
    assert.ok(body.token, "the field is named");
  }
});

test("an id with its subject is called back: of a refresh token the session, of another the token", async () => {
  const paste = (json) => admin(worker, "POST", "blacklist/", { json });
  const ann = await registered(worker);
  const { jti, exp } = decodeToken(ann.access).payload;
  assert.deepEqual((await paste({ jti, sub: ann.sub, exp })).json, { key: `jti:${jti}` });
  assert.equal((await info(worker, ann.access)).status, 401);
  const { json: next } = await refresh(worker, ann.refresh);
  assert.equal((await info(worker, next.access)).status, 200);
  const spent = decodeToken(ann.refresh).payload.jti;
  assert.deepEqual((await paste({ jti: spent, sub: ann.sub })).json, { key: `sid:${ann.sid}` });
  assert.equal((await info(worker, next.access)).status, 401);
  const [entry] = await until(blacklisted(`jti:${jti}`), (entries) => entries.length > 0);
  assert.deepEqual([entry.sub, entry.reason], [ann.sub, "admin"]);
  assert.ok(entry.expires_at >= exp + 300);

  const now = Math.floor(Date.now() / 1000);
  const bad = [{ jti: "x" }, { jti: "", sub: "s" }, { jti: "x", sub: "s", exp: "soon" }, { jti: "x", sub: "s", exp: now - 5 }];
  for (const json of [...bad, { jti: "x", sub: "s", exp: now * 2 }]) {
    assert.equal((await paste(json)).status, 400, JSON.stringify(json));
  }
});

test("another issuer's token that was called back by its id is never adopted", async () => {
  const signingKey = "the-key-that-both-of-the-servers-share";
  const vars = { ADMIN_KEY, ALGORITHM: "HS256", SIGNING_KEY: signingKey, ADOPT_FOREIGN_TOKENS: "true" };
  const moving = await startWorker({ vars });
  try {
    const { createHmac } = await import("node:crypto");
    const now = Math.floor(Date.now() / 1000);
    const mint = (claims) => {
      const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ token_type: "refresh", exp: now + 900, iat: now, user_id: "7", ...claims })}`;
      return `${signed}.${createHmac("sha256", signingKey).update(signed).digest("base64url")}`;
    };
    const key = await admin(moving, "POST", "blacklist/", { json: { jti: "leaked", sub: "7" } });
    assert.deepEqual(key.json, { key: "jti:leaked" });
    assert.equal((await refresh(moving, mint({ jti: "leaked" }))).json.detail, "Token is blacklisted");
    assert.equal((await refresh(moving, mint({ jti: "another" }))).status, 200);
    await admin(moving, "POST", user("8", "deactivate/"));
    const gone = await refresh(moving, mint({ jti: "of 8", user_id: "8" }));
    assert.deepEqual(gone.json, { detail: "No active account found for the given token." });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await admin(moving, "POST", user("8", "reactivate/"));
    assert.equal((await refresh(moving, mint({ jti: "of 8", user_id: "8" }))).json.detail, "Token is blacklisted");
  } finally {
    await moving.stop();
  }
});

test("the counts of the days tell logins, reuses and revocations", async () => {
  const ann = await registered(worker);
  await admin(worker, "DELETE", user(ann.sub, "sessions/"));
  await events(worker, ann.sub, 2);
  const { status, json } = await admin(worker, "GET", "stats/?days=7");
  assert.equal(status, 200);
  assert.equal(json.days.length, 7);
  const today = json.days.at(-1);
  assert.equal(today.day % 86_400, 0);
  assert.ok(today.logins >= 1 && today.revocations >= 1 && today.kinds.end_all >= 1, JSON.stringify(today));
  assert.deepEqual(json.days[0], { day: today.day - 6 * 86_400, logins: 0, reuses: 0, revocations: 0, kinds: {} });
  assert.equal((await admin(worker, "GET", "stats/")).json.days.length, 30);
  for (const days of ["0", "401", "many"]) {
    assert.equal((await admin(worker, "GET", `stats/?days=${days}`)).status, 400, days);
  }
  assert.equal((await admin(worker, "GET", "events/?kind=refresh")).status, 400);
});
