// The setting REFRESH_COOKIE: a refresh token that no script can read. What browsers make of it is in tests/pages/cookie.test.mjs.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { basic, CLIENTS, LOGIN } from "./support/clients.mjs";
import { PASSWORD } from "./support/client.mjs";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { admin, ADMIN_KEY, address } from "./support/people.mjs";
import { bearer, request } from "./support/request.mjs";
import { decodeToken } from "./support/token.mjs";
import { startWorker } from "./support/worker.mjs";

const APP = "https://app.example.com";
const NAME = "__Host-hallpass_refresh";
const KEPT = "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=";
const CLEARED = `${NAME}=${KEPT}0`;

const VARS = { REFRESH_COOKIE: "true", ALLOWED_ORIGINS: APP, ADMIN_KEY, CLIENTS };

let worker;
let faulty;
before(async () => {
  [worker, faulty] = await Promise.all([startWorker({ vars: VARS }), startFaultyWorker({ vars: VARS })]);
});
after(() => Promise.all([worker?.stop(), faulty?.stop()]));

/** The headers of a page that means the cookie. */
const meant = (jar, headers = {}) => ({
  "hallpass-cookie": "1",
  ...(jar === undefined ? {} : { cookie: `theme=dark; ${NAME}=${jar}` }),
  ...headers,
});

const post = (path, { jar, json = {}, headers } = {}, of = worker) => request(of, "POST", path, { json, headers: meant(jar, headers) });

/** The whole `Set-Cookie`, or undefined; never more than one. */
function setCookie({ headers }) {
  const set = headers["set-cookie"];
  assert.ok(set === undefined || set.length === 1, `${set}`);
  return set?.[0];
}

/** The token that an answer puts into the cookie. */
function jarOf(answer) {
  const [, token, seconds] = setCookie(answer).match(/^__Host-hallpass_refresh=([\w.-]+); Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=(\d+)$/);
  return { token, seconds: Number(seconds) };
}

function assertUntouched(answer, status, what = answer.text) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(setCookie(answer), undefined, what);
}

function assertCleared(answer, status, what = answer.text) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(setCookie(answer), CLEARED, what);
}

/** Registers: `{ email, password, access, jar, sid, sub }`. */
async function registered(of = worker) {
  const json = { email: address(), password: PASSWORD };
  const answer = await post("/api/v1/users/registration/", { json }, of);
  assert.equal(answer.status, 201, answer.text);
  const access = answer.json.access_token;
  const { sid, sub } = decodeToken(access).payload;
  return { ...json, access, jar: jarOf(answer).token, sid, sub };
}

async function signedIn({ email, password }, of = worker) {
  const answer = await post("/api/token/", { json: { email, password } }, of);
  assert.equal(answer.status, 200, answer.text);
  const { sid, sub } = decodeToken(answer.json.access).payload;
  return { email, password, access: answer.json.access, jar: jarOf(answer).token, sid, sub };
}

const refresh = (jar, of = worker, headers = {}) => post("/api/token/refresh/", { jar, headers }, of);

const isAlive = async ({ access }, of = worker) => (await request(of, "GET", "/api/v1/users/info/", { headers: bearer(access) })).status === 200;

test("whoever is handed a pair finds the refresh token in the cookie alone, for as long as it lives", async () => {
  const json = { email: address(), password: PASSWORD };
  const registration = await post("/api/v1/users/registration/", { json });
  assert.deepEqual(Object.keys(registration.json), ["email", "first_name", "last_name", "access_token"]);
  const login = await post("/api/token/", { json });
  assert.deepEqual(Object.keys(login.json), ["access"]);
  const next = await refresh(jarOf(login).token);
  assert.deepEqual(Object.keys(next.json), ["access"]);
  const passwords = { old_password: PASSWORD, new_password: `${PASSWORD}!` };
  const changed = await post("/api/v1/users/password/", { json: passwords, headers: bearer(next.json.access), jar: jarOf(next).token });
  assert.deepEqual(Object.keys(changed.json), ["access"]);
  for (const answer of [registration, login, next, changed]) {
    const { token, seconds } = jarOf(answer);
    const { payload } = decodeToken(token);
    assert.equal(payload.token_type, "refresh");
    assert.ok(seconds <= 86_400 && seconds > 86_390, `${seconds}`);
    assert.doesNotMatch(answer.text, new RegExp(token.split(".")[2]));
    assert.equal(answer.headers["cache-control"], "no-store");
  }
});

test("the cookie ends with its session where that is bounded", async (t) => {
  const bounded = await startWorker({ vars: { ...VARS, SESSION_LIFETIME: "60" } });
  t.after(() => bounded.stop());
  const json = { email: address(), password: PASSWORD };
  const { seconds } = jarOf(await post("/api/v1/users/registration/", { json }, bounded));
  assert.ok(seconds <= 60 && seconds > 50, `${seconds}`);
});

test("a refresh takes the token from the cookie, and spends it once, however many ask", async () => {
  const ann = await registered();
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(ann.jar)));
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  for (const lost of answers.filter((answer) => answer !== won[0])) {
    assert.equal(lost.headers["hallpass-reason"], "lost_race");
    assertUntouched(lost, 401);
  }
  assert.equal((await refresh(jarOf(won[0]).token)).status, 200);
});

test("a refresh token in a body is refused, and stays good", async () => {
  const ann = await registered();
  for (const [path, field, headers] of [
    ["/api/token/refresh/", "refresh", {}],
    ["/api/token/blacklist/", "refresh", {}],
    ["/logout_token/", "refresh_token", bearer(ann.access)],
  ]) {
    for (const jar of [undefined, ann.jar]) {
      for (const value of [ann.jar, "", null, 7, {}]) {
        const answer = await post(path, { jar, json: { [field]: value }, headers });
        assertUntouched(answer, 400);
        assert.deepEqual(answer.json, { [field]: ["This Worker takes refresh tokens from their cookie alone."] });
      }
    }
  }
  assert.equal((await refresh(ann.jar)).status, 200);
});

test("without the cookie, or with two of them, nobody is known", async () => {
  const ann = await registered();
  const twice = { "hallpass-cookie": "1", cookie: `${NAME}=${ann.jar}; ${NAME}=${ann.jar}` };
  for (const [path, headers] of [
    ["/api/token/refresh/", {}],
    ["/api/token/blacklist/", {}],
    ["/logout_token/", bearer(ann.access)],
  ]) {
    for (const cookies of [meant(undefined), meant(undefined, { cookie: "a=b" }), meant(undefined, { cookie: `${NAME}=` }), twice]) {
      const answer = await request(worker, "POST", path, { json: {}, headers: { ...cookies, ...headers } });
      assertUntouched(answer, 401);
      assert.deepEqual(answer.json, { detail: "No refresh token came along.", code: "no_refresh_cookie" });
    }
  }
  assert.ok(await isAlive(ann));
});

const FOREIGN = {
  "another site": { origin: "https://evil.test", "sec-fetch-site": "cross-site" },
  "another site, in an old browser": { origin: "https://evil.test" },
  "a neighbour that is not listed": { origin: "https://www.app.example.com", "sec-fetch-site": "same-site" },
  "a page without an origin": { origin: "null" },
  "a listed origin of another site": { origin: APP, "sec-fetch-site": "cross-site" },
  "the address bar": { "sec-fetch-site": "none" },
  "a neighbour that hides its origin": { "sec-fetch-site": "same-site" },
};

test("what another site has a browser send is refused before anything is looked at", async () => {
  const ann = await registered();
  const deeds = [
    ["/api/v1/users/registration/", { email: address(), password: PASSWORD }],
    ["/api/token/", { email: ann.email, password: PASSWORD }],
    ["/api/v1/users/password/", { old_password: PASSWORD, new_password: `${PASSWORD}!` }],
    ["/api/token/refresh/", {}],
    ["/api/token/blacklist/", {}],
    ["/logout_token/", {}],
    ["/logout_token/", { all: true }],
  ];
  for (const [path, json] of deeds) {
    const headers = { ...bearer(ann.access), cookie: `${NAME}=${ann.jar}` };
    for (const header of [undefined, "", "0", "true"]) {
      const said = header === undefined ? {} : { "hallpass-cookie": header };
      const answer = await request(worker, "POST", path, { json, headers: { ...headers, ...said } });
      assertUntouched(answer, 403, path);
      assert.equal(answer.json.code, "cookie_header_missing");
    }
    for (const [what, from] of Object.entries(FOREIGN)) {
      const answer = await post(path, { jar: ann.jar, json, headers: { ...headers, ...from } });
      assertUntouched(answer, 403, `${path} from ${what}`);
      assert.equal(answer.json.code, "cookie_origin_refused");
    }
  }
  // Nobody was registered, nothing has ended or changed.
  assert.ok(await isAlive(ann));
  assert.equal((await refresh(ann.jar)).status, 200);
  assert.equal((await post("/api/v1/users/registration/", { json: deeds[0][1] })).status, 201);
});

test("its own pages and those of listed neighbours may", async () => {
  const own = new URL(worker.url).origin;
  let { jar } = await registered();
  for (const from of [{}, { origin: own }, { origin: own, "sec-fetch-site": "same-origin" }, { origin: APP }, { origin: APP, "sec-fetch-site": "same-site" }]) {
    const answer = await refresh(jar, worker, from);
    assert.equal(answer.status, 200, `${JSON.stringify(from)}: ${answer.text}`);
    jar = jarOf(answer).token;
  }
});

test("a listed origin may send cookies and the header, and nobody else", async () => {
  const asked = { "access-control-request-method": "POST", "access-control-request-headers": "content-type,hallpass-cookie" };
  const cors = ({ headers }) => [headers["access-control-allow-origin"], headers["access-control-allow-credentials"], headers["access-control-allow-headers"]];
  const preflight = (path, origin) => request(worker, "OPTIONS", path, { headers: { origin, ...asked } });
  for (const path of ["/api/token/", "/api/token/refresh/", "/api/sessions/", "/oauth/token"]) {
    assert.deepEqual(cors(await preflight(path, APP)), [APP, "true", "Authorization, Content-Type, Hallpass-Cookie"], path);
    assert.deepEqual(cors(await preflight(path, "https://evil.test")), [undefined, undefined, undefined], path);
  }
  assert.deepEqual(cors(await refresh(undefined, worker, { origin: APP })), [APP, "true", undefined]);
  assert.deepEqual(cors(await refresh(undefined, worker, { origin: "https://evil.test" })), [undefined, undefined, undefined]);
  assert.deepEqual(cors(await request(worker, "GET", "/.well-known/jwks.json", { headers: { origin: APP } })), ["*", undefined, undefined]);
  assert.deepEqual(cors(await admin(worker, "GET", "users/")), [undefined, undefined, undefined]);
});

test("the cookie is cleared when its session is ended: by it, by a bearer, or with all others", async () => {
  const ann = await registered();
  assertCleared(await post("/api/token/blacklist/", { jar: ann.jar }), 200);
  const endings = [
    (one) => post("/logout_token/", { jar: one.jar, headers: bearer(one.access) }),
    (one) => post("/logout_token/", { jar: one.jar, json: { all: true }, headers: bearer(one.access) }),
  ];
  for (const end of endings) assertCleared(await end(await signedIn(ann)), 200);
  // The bearer alone decides these, so they ask for no header.
  const byBearer = (one, method, path) => request(worker, method, path, { headers: { ...bearer(one.access), cookie: `${NAME}=${one.jar}` } });
  assertCleared(await byBearer(await signedIn(ann), "POST", "/api/v1/users/reset-all-token/"), 205);
  const one = await signedIn(ann);
  assertCleared(await byBearer(one, "DELETE", `/api/sessions/${one.sid}/`), 204);
  assert.equal(await isAlive(one), false);
});

test("the cookie is cleared when a refresh finds its session over", async () => {
  const ann = await registered();
  const ended = await signedIn(ann);
  await request(worker, "DELETE", `/api/sessions/${ended.sid}/`, { headers: bearer(ann.access) });
  const answer = await refresh(ended.jar);
  assert.equal(answer.headers["hallpass-reason"], "logout");
  assertCleared(answer, 401);
  assertCleared(await post("/api/token/blacklist/", { jar: ended.jar }), 401);
  const moved = await registered();
  assert.equal((await admin(worker, "POST", `users/${moved.sub}/deactivate/`)).status, 200);
  assertCleared(await refresh(moved.jar), 401, "deactivated");
  const deleted = await registered();
  assert.equal((await admin(worker, "DELETE", `users/${deleted.sub}/`)).status, 204);
  assertCleared(await refresh(deleted.jar), 401, "deleted");
});

test("a spent token that comes back ten seconds later ends its session, and the cookie with it; a second before, neither", async () => {
  const [early, late] = [await registered(faulty), await registered(faulty)];
  const next = await refresh(early.jar, faulty);
  assert.equal((await refresh(late.jar, faulty)).status, 200);
  await plan(faulty, { clock_offset_ms: 5_000 });
  assertUntouched(await refresh(early.jar, faulty), 401);
  await plan(faulty, { clock_offset_ms: 15_000 });
  const theft = await refresh(late.jar, faulty);
  assert.equal(theft.headers["hallpass-reason"], "reuse");
  assertCleared(theft, 401);
  assert.equal((await refresh(jarOf(next).token, faulty)).status, 200);
  await plan(faulty);
});

test("the cookie stays where it is not known that its session has ended", async () => {
  const ann = await registered(faulty);
  const bob = await registered(faulty);
  // Of another session, or of another user, than what was ended.
  const [first, second] = [await signedIn(ann, faulty), await signedIn(ann, faulty)];
  const byBearer = (one, jar, method, path) => request(faulty, method, path, { headers: { ...bearer(one.access), cookie: `${NAME}=${jar}` } });
  assertUntouched(await byBearer(first, second.jar, "DELETE", `/api/sessions/${first.sid}/`), 204);
  assertUntouched(await byBearer(second, second.jar, "DELETE", `/api/sessions/${first.sid}/`), 404);
  assertUntouched(await post("/logout_token/", { jar: bob.jar, headers: bearer(second.access) }, faulty), 401);
  assertUntouched(await byBearer(second, bob.jar, "POST", "/api/v1/users/reset-all-token/"), 205);
  // A token that breaks a rule says nothing of its session.
  for (const jar of ["x", "a.b.c", ".", "é", "x".repeat(9000), `${bob.jar}A`, bob.access]) assertUntouched(await refresh(jar, faulty), 401);
  // A request that could not be looked at, or that something of ours failed on.
  const type = { "content-type": "application/json" };
  for (const [status, body, headers] of [[400, "{", type], [413, "x".repeat(65 * 1024), type], [415, "x", { "content-type": "text/plain" }], [406, "", { accept: "text/csv" }]]) {
    const answer = await request(faulty, "POST", "/api/token/refresh/", { body, headers: meant(bob.jar, headers) });
    assertUntouched(answer, status);
  }
  assertUntouched(await request(faulty, "GET", "/api/token/refresh/", { headers: meant(bob.jar) }), 405);
  await plan(faulty, { failing_statement: "UPDATE session" });
  assertUntouched(await refresh(bob.jar, faulty), 500);
  await plan(faulty);
  assert.equal((await refresh(bob.jar, faulty)).status, 200);
  // One that has expired the browser lets go by itself; its session may live.
  await plan(faulty, { clock_offset_ms: 86_401_000 });
  const expired = await refresh(bob.jar, faulty);
  await plan(faulty);
  assert.equal(expired.headers["hallpass-reason"], "expired");
  assertUntouched(expired, 401);
});

test("a refused sign-in leaves the cookie of whoever is signed in", async () => {
  const ann = await registered();
  assertUntouched(await post("/api/token/", { jar: ann.jar, json: { email: ann.email, password: "a wrong one" } }), 401);
  assertUntouched(await post("/api/v1/users/registration/", { jar: ann.jar, json: { email: ann.email, password: PASSWORD } }), 400);
  const often = await Promise.all(Array.from({ length: 10 }, () => post("/api/token/", { jar: ann.jar, json: { email: ann.email, password: "a wrong one" } })));
  const throttled = often.filter(({ status }) => status === 429);
  assert.notEqual(throttled.length, 0);
  for (const answer of throttled) assertUntouched(answer, 429);
  assert.ok(await isAlive(ann));
});

test("a refresh token that is not rotated stays in its cookie", async (t) => {
  const steady = await startWorker({ vars: { ...VARS, ROTATE_REFRESH_TOKENS: "false" } });
  t.after(() => steady.stop());
  const ann = await registered(steady);
  for (let times = 0; times < 2; times += 1) {
    const answer = await refresh(ann.jar, steady);
    assert.deepEqual(Object.keys(answer.json), ["access"]);
    assertUntouched(answer, 200);
  }
});

test("there are no sliding tokens, which scripts could read and refresh", async () => {
  const ann = await registered();
  assertUntouched(await post("/api/token/sliding/", { json: { email: ann.email, password: PASSWORD } }), 404);
  assertUntouched(await post("/api/token/sliding/refresh/", { json: { token: "x" } }), 404);
});

test("programs that are no browsers have their tokens in bodies as ever", async () => {
  const json = { sub: "somebody of theirs" };
  const opened = await request(worker, "POST", "/api/sessions/", { json, headers: basic(LOGIN) });
  assertUntouched(opened, 201);
  const form = { grant_type: "refresh_token", refresh_token: opened.json.refresh };
  const next = await request(worker, "POST", "/oauth/token", { form });
  assertUntouched(next, 200);
  assertUntouched(await request(worker, "POST", "/oauth/revoke", { form: { token: next.json.refresh_token } }), 200);
  const verified = await request(worker, "POST", "/api/token/verify/", { json: { token: next.json.access_token } });
  assertUntouched(verified, 400);
  assert.equal((await refresh(next.json.refresh_token)).headers["hallpass-reason"], "logout");
});

test("what /oauth/ opened in a body is a cookie's when somebody puts it there", async () => {
  const opened = await request(worker, "POST", "/api/sessions/", { json: { sub: "of a login on this very host" }, headers: basic(LOGIN) });
  assert.equal((await refresh(opened.json.refresh)).status, 200);
});

test("a token that no browser would keep is not handed over", async () => {
  const claims = { note: "x".repeat(3500) };
  const opened = await request(faulty, "POST", "/api/sessions/", { json: { sub: "long", claims }, headers: basic(LOGIN) });
  assert.equal(opened.status, 201, opened.text);
  assertUntouched(await refresh(opened.json.refresh, faulty), 500);
  await faulty.logged(/too long for a cookie/);
});

test("OPTIONS and /healthz tell pages which way it is", async (t) => {
  const fields = async (of, path) => Object.keys((await request(of, "OPTIONS", path)).json.actions?.POST ?? {});
  assert.deepEqual(await fields(worker, "/api/token/refresh/"), ["access"]);
  assert.deepEqual(await fields(worker, "/api/token/blacklist/"), []);
  assert.equal((await request(worker, "GET", "/healthz")).json.refresh_cookie, true);
  const plain = await startWorker();
  t.after(() => plain.stop());
  assert.deepEqual(await fields(plain, "/api/token/refresh/"), ["refresh", "access"]);
  assert.equal("refresh_cookie" in (await request(plain, "GET", "/healthz")).json, false);
});

test("without the setting a cookie is nothing, and the header means nothing", async (t) => {
  const plain = await startWorker({ vars: { ALLOWED_ORIGINS: APP } });
  t.after(() => plain.stop());
  const json = { email: address(), password: PASSWORD };
  const { json: pair, headers } = await post("/api/v1/users/registration/", { json }, plain);
  assert.equal(headers["set-cookie"], undefined);
  const answer = await refresh(pair.refresh_token, plain);
  assertUntouched(answer, 400);
  assert.deepEqual(answer.json, { refresh: ["This field is required."] });
  const login = await request(plain, "POST", "/api/token/", { json, headers: { origin: APP } });
  assert.deepEqual(Object.keys(login.json), ["refresh", "access"]);
  assert.equal(login.headers["access-control-allow-credentials"], undefined);
});

test("why a request is refused stands in the log, and no token does", async () => {
  const ann = await registered();
  await request(worker, "POST", "/api/token/refresh/", { headers: { cookie: `${NAME}=${ann.jar}` } });
  await worker.logged(/"route":"\/api\/token\/refresh\/","status":403,"outcome":"refused","code":"cookie_header_missing"/);
  assert.ok(!worker.log().includes(ann.jar));
});
