// Sessions for the people whose they are, and sessions opened by whoever keeps their own login.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { atOnce, BLACKLISTED, info, refresh, register, resetAll, signIn, statuses, verify } from "./support/client.mjs";
import { BATCH, basic, CLIENTS, introspect, LOGIN, newSubject, openSession, tryOpenSession } from "./support/clients.mjs";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker } from "./support/worker.mjs";

const LIFETIMES = { ACCESS_TOKEN_LIFETIME: "300", REFRESH_TOKEN_LIFETIME: "86400" };

let worker;
let withoutAccounts;
let faulty;

before(async () => {
  [worker, withoutAccounts, faulty] = await Promise.all([
    startWorker({ vars: { CLIENTS, ...LIFETIMES } }),
    startWorker({ vars: { CLIENTS, ACCOUNTS: "false" } }),
    startFaultyWorker({ vars: { CLIENTS } }),
  ]);
});
after(() => Promise.all([worker, withoutAccounts, faulty].map((one) => one?.stop())));

const list = (worker, access) => request(worker, "GET", "/api/sessions/", { headers: bearer(access) });
const end = (worker, access, sid) => request(worker, "DELETE", `/api/sessions/${sid}/`, { headers: bearer(access) });
const logout = (worker, { access, refresh }) =>
  request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token: refresh } });

const payloadOf = (token) => decodeToken(token).payload;
const sidOf = ({ access }) => payloadOf(access).sid;
const sidsOf = ({ status, json, text }) => {
  assert.equal(status, 200, text);
  return json.map(({ sid }) => sid);
};

const signInAs = async (worker, { email, password }, agent) => {
  const headers = { "user-agent": agent };
  const { status, json, text } = await request(worker, "POST", "/api/token/", { headers, json: { email, password } });
  assert.equal(status, 200, text);
  return json;
};

test("the list has the caller's live sessions, each with its times, its client and whether it is the caller's", async () => {
  const user = await register(worker);
  const stranger = await register(worker);
  const session = await signInAs(worker, user, "Mozilla/5.0 (X11; Linux)");
  const { status, headers, json } = await list(worker, session.access);
  assert.equal(status, 200);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(json.length, 2);
  const { iat, exp, sid } = payloadOf(session.refresh);
  assert.deepEqual(
    json.find((one) => one.current),
    { sid, started_at: iat, last_refreshed_at: iat, expires_at: exp, client: "Mozilla/5.0 (X11; Linux)", current: true },
  );
  const first = payloadOf(user.refresh);
  assert.deepEqual(json.find((one) => !one.current), {
    sid: first.sid,
    started_at: first.iat,
    last_refreshed_at: first.iat,
    expires_at: first.exp,
    client: "",
    current: false,
  });
  assert.deepEqual(sidsOf(await list(worker, stranger.access)), [sidOf(stranger)]);
});

test("the session that was refreshed last comes first, and a refresh moves its times", async () => {
  const sub = newSubject();
  const sessions = [];
  for (const seconds of [0, 5, 10]) {
    await plan(faulty, { clock_offset_ms: seconds * 1000 });
    sessions.push(await openSession(faulty, sub));
  }
  const [oldest, middle, newest] = sessions.map(sidOf);
  assert.deepEqual(sidsOf(await list(faulty, sessions[2].access)), [newest, middle, oldest]);

  await plan(faulty, { clock_offset_ms: 20_000 });
  const next = (await refresh(faulty, sessions[0].refresh)).json;
  const listed = await list(faulty, next.access);
  assert.deepEqual(sidsOf(listed), [oldest, newest, middle]);
  const { iat, exp } = payloadOf(next.refresh);
  const { started_at, last_refreshed_at, expires_at, current } = listed.json[0];
  assert.deepEqual([last_refreshed_at, expires_at, current], [iat, exp, true]);
  assert.equal(started_at, payloadOf(sessions[0].refresh).iat);
  await plan(faulty);
});

test("a session that is over is not in the list", async () => {
  const sub = newSubject();
  const brief = await openSession(worker, sub, { refresh_token_lifetime: 1 });
  const lasting = await openSession(worker, sub);
  await sleep(1100);
  assert.deepEqual(sidsOf(await list(worker, lasting.access)), [sidOf(lasting)]);
  assert.equal((await refresh(worker, brief.refresh)).status, 401);
});

test("a client's label is text and nothing else: markup is carried as it is, control characters are not", async () => {
  const user = await register(worker);
  const markup = '<script>alert("1")</script>\' OR 1=1 --';
  const session = await signInAs(worker, user, `a\tb ${markup}`);
  const { json, headers } = await list(worker, session.access);
  assert.equal(json.find(({ current }) => current).client, `ab ${markup}`);
  assert.equal(headers["x-content-type-options"], "nosniff");

  const sub = newSubject();
  const opened = await openSession(worker, sub, { client: `bell \u0007 line\nend ${markup}` });
  assert.equal((await list(worker, opened.access)).json[0].client, `bell  lineend ${markup}`);
  const long = await openSession(worker, sub, { client: "é".repeat(1000) });
  assert.equal((await list(worker, long.access)).json.find(({ current }) => current).client, "é".repeat(200));
});

test("without a bearer there is no list and nothing to end", async () => {
  const session = await openSession(worker, newSubject());
  for (const [method, path] of [["GET", "/api/sessions/"], ["DELETE", `/api/sessions/${sidOf(session)}/`]]) {
    const { status, json } = await request(worker, method, path);
    assert.equal(status, 401);
    assert.deepEqual(json, { detail: "Authentication credentials were not provided." });
    assert.equal((await request(worker, method, path, { headers: bearer(session.refresh) })).status, 401, "a refresh token");
    assert.equal((await request(worker, method, path, { headers: basic(LOGIN) })).status, 401, "a client");
  }
  assert.deepEqual(sidsOf(await list(worker, session.access)), [sidOf(session)]);
});

test("a session that was ended is refused at once, everywhere, with all its tokens", async () => {
  const user = await register(worker);
  const lost = await signIn(worker, user);
  const newer = (await refresh(worker, lost.refresh)).json;
  const { status, text } = await end(worker, user.access, sidOf(lost));
  assert.equal(status, 204, text);
  assert.equal(text, "");

  for (const access of [lost.access, newer.access]) {
    assert.equal((await info(worker, access)).json.messages[0].message, BLACKLISTED.detail);
    assert.equal((await verify(worker, access)).status, 400);
    assert.deepEqual((await introspect(worker, access)).json, { active: false });
    assert.equal((await list(worker, access)).status, 401);
    assert.equal((await end(worker, access, sidOf(user))).status, 401);
    assert.equal((await resetAll(worker, access)).status, 401);
  }
  assert.deepEqual((await refresh(worker, newer.refresh)).json, BLACKLISTED);
  assert.deepEqual((await introspect(worker, newer.refresh)).json, { active: false });
  assert.deepEqual(sidsOf(await list(worker, user.access)), [sidOf(user)], "the other session lives");
});

test("a caller can end their own session, and only sessions of their own that live", async () => {
  const [user, stranger] = [await register(worker), await register(worker)];
  const other = await signIn(worker, user);
  const notFound = async (sid, why) => {
    const { status, json } = await end(worker, user.access, sid);
    assert.equal(status, 404, why);
    assert.deepEqual(json, { detail: "Not found." });
  };
  await notFound("0".repeat(32), "unknown");
  await notFound(sidOf(stranger), "another's");
  await notFound(sidOf(other).toUpperCase(), "another spelling");
  assert.equal((await end(worker, user.access, sidOf(other))).status, 204);
  await notFound(sidOf(other), "ended before");
  assert.equal((await end(worker, user.access, "no-such-thing")).status, 404);
  assert.equal((await info(worker, stranger.access)).status, 200);

  assert.equal((await request(worker, "DELETE", `/api/sessions/${sidOf(user)}`, { headers: bearer(user.access) })).status, 204);
  assert.equal((await info(worker, user.access)).status, 401);
});

test("of ten simultaneous ends of one session exactly one finds it", async () => {
  const user = await register(worker);
  const lost = await signIn(worker, user);
  const answers = await atOnce(10, () => end(worker, user.access, sidOf(lost)));
  assert.deepEqual(statuses(answers), { 204: 1, 404: 9 });
});

test("without accounts registration, login and password are not there, and sessions are opened by a client", async () => {
  const [bodies, session] = [{ email: "a@example.com", password: "long enough" }, await openSession(withoutAccounts, "u7")];
  for (const path of ["/api/v1/users/registration/", "/api/token/", "/api/token/sliding/", "/api/v1/users/password/"]) {
    const headers = bearer(session.access);
    for (const options of [{ json: bodies }, { headers, json: bodies }]) {
      const { status, json } = await request(withoutAccounts, "POST", path, options);
      assert.deepEqual([status, json], [404, { detail: "Not found." }], path);
    }
  }
  assert.deepEqual(sidsOf(await list(withoutAccounts, session.access)), [sidOf(session)]);
  const next = await refresh(withoutAccounts, session.refresh);
  assert.equal(next.status, 200);
  assert.equal((await resetAll(withoutAccounts, next.json.access)).status, 205);
  assert.equal((await list(withoutAccounts, next.json.access)).status, 401);
  const again = await openSession(withoutAccounts, "u7");
  assert.deepEqual(sidsOf(await list(withoutAccounts, again.access)), [sidOf(again)]);
});

test("a session that a client opens has the subject, the claims and the scope asked for, through every rotation", async () => {
  const sub = "auth0|5f7c8ec7c33c6c004bbafe82";
  const claims = { role: "admin", tenant: { id: 7, ratio: 1.5, tags: ["a", null] }, "é": "ü" };
  const { status, headers, json } = await tryOpenSession(worker, { sub, claims, scope: "read write" });
  assert.equal(status, 201);
  assert.equal(headers["cache-control"], "no-store");
  assert.deepEqual(Object.keys(json), ["refresh", "access"]);
  let pair = json;
  for (let rotation = 0; rotation < 4; rotation++) {
    for (const kind of ["access", "refresh"]) {
      const { exp, iat, jti, sid, ...said } = payloadOf(pair[kind]);
      assert.deepEqual(said, { token_type: kind, user_id: sub, sub, ...claims, scope: "read write" });
      assert.equal(exp - iat, kind === "access" ? 300 : 86_400);
      assert.equal(sid, sidOf(json));
    }
    assert.equal((await verify(worker, pair.access)).status, 200);
    pair = (await refresh(worker, pair.refresh)).json;
  }
});

test("lifetimes that are shorter than the settings hold through rotations, longer ones are cut", async () => {
  const own = { access_token_lifetime: 60, refresh_token_lifetime: 600 };
  const longer = { access_token_lifetime: 301, refresh_token_lifetime: 1e9 };
  for (const [asked, access, refreshed] of [[own, 60, 600], [longer, 300, 86_400], [{ access_token_lifetime: 1 }, 1, 86_400]]) {
    let pair = await openSession(worker, newSubject(), asked);
    for (let rotation = 0; rotation < 3; rotation++) {
      const lifetime = ({ exp, iat }) => exp - iat;
      assert.deepEqual([lifetime(payloadOf(pair.access)), lifetime(payloadOf(pair.refresh))], [access, refreshed]);
      pair = (await refresh(worker, pair.refresh)).json;
    }
  }
});

test("who may not open sessions does not, whatever else is wrong", async () => {
  const open = (headers) => request(worker, "POST", "/api/sessions/", { headers, body: "not even JSON" });
  const user = await register(worker);
  const strangers = {
    "nobody": {},
    "a user": bearer(user.access),
    "a wrong secret": basic({ ...LOGIN, secret: "wrong" }),
    "another client's secret": basic({ ...LOGIN, secret: BATCH.secret }),
    "no secret": basic({ ...LOGIN, secret: "" }),
    "an unknown client": basic({ ...LOGIN, id: "nobody" }),
    "no base64": { authorization: "Basic %%%" },
    "no colon": { authorization: `Basic ${btoa("login")}` },
  };
  for (const [who, headers] of Object.entries(strangers)) {
    const { status, json, headers: answered } = await open(headers);
    assert.deepEqual([status, json], [401, { error: "invalid_client" }], who);
    assert.equal(answered["www-authenticate"], 'Basic realm="api"', who);
  }
  assert.equal((await open(basic(BATCH))).status, 403, "a client without the scope");
});

test("a secret is taken as it is, too, for not every client encodes it first", async () => {
  const headers = { authorization: `Basic ${btoa(`${LOGIN.id}:${LOGIN.secret}`)}` };
  const { status, text } = await request(worker, "POST", "/api/sessions/", { headers, json: { sub: newSubject() } });
  assert.equal(status, 201, text);
});

test("fields that break a rule are named, and no session is opened", async () => {
  const sub = newSubject();
  const registered = ["exp", "iat", "nbf", "jti", "sid", "sub", "iss", "aud", "refresh_exp", "user_id", "token_type"];
  const wrong = [
    ["sub", { sub: undefined }],
    ["sub", { sub: "" }],
    ["sub", { sub: null }],
    ["sub", { sub: { id: 7 } }],
    ["sub", { sub: "client:login" }],
    ["sub", { sub: "  client:login" }],
    ["sub", { sub: "é".repeat(128) }],
    ["sub", { sub: "a\nb" }],
    ["sub", { sub: "." }],
    ["sub", { sub: ".." }],
    ["sub", { sub: "\ud800" }],
    ...registered.map((name) => ["claims", { claims: { [name]: "x" } }]),
    ["claims", { claims: "role" }],
    ["claims", { claims: ["role"] }],
    ["claims", { claims: null }],
    ["claims", { claims: { scope: "a" }, scope: "b" }],
    ["claims", { claims: { big: "x".repeat(4096) } }],
    ["claims", { scope: "s".repeat(5000) }],
    ["scope", { scope: 'quo"ted' }],
    ["scope", { scope: "ünicode" }],
    ...[0, -1, 1.5, "60", true, null, [60]].flatMap((seconds) => [
      ["access_token_lifetime", { access_token_lifetime: seconds }],
      ["refresh_token_lifetime", { refresh_token_lifetime: seconds }],
    ]),
  ];
  for (const [field, fields] of wrong) {
    const { status, json, text } = await tryOpenSession(worker, { sub, ...fields });
    assert.equal(status, 400, `${JSON.stringify(fields)}: ${text}`);
    assert.deepEqual(Object.keys(json), [field], text);
  }
  const { status } = await request(worker, "POST", "/api/sessions/", { headers: { ...basic(LOGIN), "content-type": "application/json" }, body: "{" });
  assert.equal(status, 400);
  const only = await openSession(worker, sub);
  assert.deepEqual(sidsOf(await list(worker, only.access)), [sidOf(only)]);
});

test("the largest claims and the longest subject still make a token that is taken", async () => {
  const room = 4096 - JSON.stringify({ big: "" }).length;
  const largest = { sub: '"'.repeat(255), claims: { big: "x".repeat(room) } };
  const { status, json, text } = await tryOpenSession(worker, largest);
  assert.equal(status, 201, text);
  assert.deepEqual(sidsOf(await list(worker, json.access)), [sidOf(json)]);
  assert.equal((await refresh(worker, json.refresh)).status, 200);
});

test("a session that a client opens for somebody with an account ends with the change of password", async () => {
  const user = await register(worker);
  const opened = await openSession(worker, payloadOf(user.access).sub);
  assert.equal((await info(worker, opened.access)).json.email, user.email);
  const json = { old_password: user.password, new_password: "another long password" };
  const changed = await request(worker, "POST", "/api/v1/users/password/", { headers: bearer(user.access), json });
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await info(worker, opened.access)).status, 401);
  assert.equal((await openSession(worker, payloadOf(user.access).sub)).refresh.length > 0, true);
});

// What a bystander of the same subject sees, and what the tokens that came out of a race are good for.
async function assertEnded(bystander, session, refreshed, why) {
  assert.deepEqual(sidsOf(await list(worker, bystander.access)), [sidOf(bystander)], why);
  for (const { json } of refreshed.filter(({ status }) => status === 200)) {
    assert.equal((await verify(worker, json.access)).status, 400, why);
    assert.deepEqual((await refresh(worker, json.refresh)).json, BLACKLISTED, why);
  }
  assert.equal((await verify(worker, session.access)).status, 400, why);
}

test("ten refreshes against ten logouts of one session, two hundred rounds: it never lives on", async () => {
  let rotations = 0;
  let acknowledged = 0;
  await atOnce(20, async () => {
    const sub = newSubject();
    const bystander = await openSession(worker, sub);
    for (let round = 0; round < 10; round++) {
      const session = await openSession(worker, sub);
      // A logout asks its object twice and a refresh once, so mostly a refresh is first. In every third
      // round the logouts begin earlier, in the last for certain.
      const logouts = Array.from({ length: 10 }, () => logout(worker, session));
      if (round === 9) await Promise.race(logouts);
      else if (round % 3 === 2) await sleep(5 * round);
      const [refreshed, ended] = await Promise.all([
        atOnce(10, () => refresh(worker, session.refresh)),
        Promise.all(logouts),
      ]);
      for (const { status, text } of [...ended, ...refreshed]) assert.ok([200, 401].includes(status), text);
      assert.ok((statuses(ended)[200] ?? 0) <= 1, "one session ends once");
      assert.ok((statuses(refreshed)[200] ?? 0) <= 1, "one token has one successor");
      acknowledged += statuses(ended)[200] ?? 0;
      rotations += statuses(refreshed)[200] ?? 0;
      await assertEnded(bystander, session, refreshed, `round ${round}: ${JSON.stringify(statuses(ended))}`);
    }
  });
  assert.ok(rotations > 0, "no refresh ever came first");
  assert.ok(acknowledged > 0, "no logout ever came first");
});

test("ten refreshes against one end of their session by its owner: it never lives on", async () => {
  let rotations = 0;
  await atOnce(10, async (user) => {
    const sub = newSubject();
    const bystander = await openSession(worker, sub);
    for (let round = 0; round < 5; round++) {
      const session = await openSession(worker, sub);
      const ending = sleep((user + round) % 5).then(() => end(worker, bystander.access, sidOf(session)));
      const refreshed = await atOnce(10, () => refresh(worker, session.refresh));
      assert.equal((await ending).status, 204);
      rotations += statuses(refreshed)[200] ?? 0;
      await assertEnded(bystander, session, refreshed, `round ${round}`);
    }
  });
  assert.ok(rotations > 0, "no refresh ever came first");
});
