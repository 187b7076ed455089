// One line of JSON for each request: which endpoint, how it ended and why, and nothing that somebody sent.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { basic, CLIENTS, GATE } from "./support/clients.mjs";
import { eventually, plan, startFaultyWorker } from "./support/faults.mjs";
import { admin, ADMIN_KEY, address, registered } from "./support/people.mjs";
import { sendRaw } from "./support/raw.mjs";
import { bearer, request } from "./support/request.mjs";
import { signToken } from "./support/token.mjs";
import { startWorker } from "./support/worker.mjs";

const ID = /^[0-9a-f]{16}$/;
let worker;

before(async () => {
  worker = await startFaultyWorker({ vars: { ADMIN_KEY, CLIENTS, LOG_REQUESTS: "all" } });
});
after(() => worker?.stop());

/** The lines about requests so far. */
const lines = (of = worker) => {
  const all = of.log().split("\n").filter((line) => line.startsWith('{"level"'));
  return all.map((line) => JSON.parse(line)).filter(({ event }) => event === "request");
};

/** The lines that come while `work` goes on, once there are so many; and there are no more. */
async function linesOf(work, count, of = worker) {
  const known = lines(of).length;
  await work();
  await eventually(() => lines(of).length >= known + count);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return lines(of).slice(known);
}

const said = ({ method, route, status, outcome, code, reason }) => [method, route, status, outcome, code, reason].filter((part) => part !== undefined);

test("a line for each request, with its route, its outcome, its code and the reason inside", async () => {
  const ann = await registered(worker);
  const session = `/api/sessions/${ann.sid}/`;
  const forged = signToken({ token_type: "access", exp: 4e9, sub: ann.sub }, "another key than any of this Worker's");
  const wrong = { email: ann.email, password: "not-their-password" };
  const steps = [
    ["GET", "/healthz", {}, ["/healthz", 200, "ok"]],
    ["HEAD", "/.well-known/jwks.json", {}, ["/.well-known/jwks.json", 200, "ok"]],
    ["POST", "/api/token", { json: ann }, ["/api/token/", 200, "ok"]],
    ["POST", "/api/token/", { json: wrong }, ["/api/token/", 401, "refused", "no_active_account"]],
    ["POST", "/api/token/", { json: {} }, ["/api/token/", 400, "refused", "invalid"]],
    ["GET", "/api/token/", {}, ["/api/token/", 405, "refused", "method_not_allowed"]],
    ["POST", "/api/token/refresh/", { json: { refresh: ann.refresh } }, ["/api/token/refresh/", 200, "ok"]],
    ["POST", "/api/token/refresh/", { json: { refresh: ann.refresh } }, ["/api/token/refresh/", 401, "refused", "token_not_valid", "lost_race"]],
    ["POST", "/api/token/verify/", { json: { token: forged } }, ["/api/token/verify/", 401, "refused", "token_not_valid", "algorithm_not_allowed"]],
    ["POST", "/api/token/verify/", { json: { token: "x" } }, ["/api/token/verify/", 401, "refused", "token_not_valid", "malformed"]],
    ["GET", "/api/v1/users/info/", {}, ["/api/v1/users/info/", 401, "refused", "not_authenticated"]],
    ["GET", "/api/v1/users/info/", { headers: bearer(ann.refresh) }, ["/api/v1/users/info/", 401, "refused", "token_not_valid", "wrong_kind"]],
    ["GET", "/api/v1/users/info/", { headers: bearer(ann.access) }, ["/api/v1/users/info/", 200, "ok"]],
    ["DELETE", session, { headers: bearer(ann.access) }, ["/api/sessions/<sid>/", 204, "ok"]],
    ["GET", "/api/v1/users/info/", { headers: bearer(ann.access) }, ["/api/v1/users/info/", 401, "refused", "token_not_valid", "called_back"]],
    ["POST", "/oauth/token", { form: { grant_type: "refresh_token", refresh_token: "x" } }, ["/oauth/token", 400, "refused", "invalid_grant", "malformed"]],
    ["POST", "/oauth/introspect", { form: { token: ann.access }, headers: basic(GATE) }, ["/oauth/introspect", 200, "ok", "called_back"]],
    ["GET", `/admin/api/users/${ann.sub}/`, {}, ["/admin/api/users/<sub>/", 401, "refused", "not_authenticated"]],
    ["DELETE", `/admin/api/users/${ann.sub}/sessions/${ann.sid}`, { headers: bearer(ADMIN_KEY) }, ["/admin/api/users/<sub>/sessions/<sid>/", 404, "refused", "not_found"]],
    ["GET", `/nothing/${ann.sub}`, {}, [null, 404, "refused", "not_found"]],
  ];
  const found = await linesOf(async () => {
    for (const [method, path, options] of steps) await request(worker, method, path, options);
  }, steps.length);
  assert.deepEqual(found.map(said), steps.map(([method, , , expected]) => [method, ...expected]));
  for (const { id, ms, level } of found) {
    assert.match(id, ID);
    assert.ok(Number.isInteger(ms) && ms >= 0);
    assert.equal(level, "info");
  }
  assert.equal(new Set(found.map(({ id }) => id)).size, steps.length, "each has an id of its own");
  const text = JSON.stringify(found);
  for (const secret of [ann.email, ann.password, ann.access, ann.refresh, ann.sub, ann.sid, wrong.password, ADMIN_KEY, GATE.secret, "127.0.0.1"]) {
    assert.ok(!text.includes(secret), "a line holds what is nobody's business");
  }
});

test("a request that fails says in the log what failed, and in its answer only which request it was", async () => {
  const ann = await registered(worker);
  await plan(worker, { failing_statement: "JOIN session" });
  let answer;
  const [line] = await linesOf(async () => {
    answer = await request(worker, "POST", "/api/token/refresh/", { json: { refresh: ann.refresh } });
  }, 1);
  await plan(worker);
  assert.deepEqual([answer.status, answer.json], [500, { detail: "A server error occurred." }]);
  assert.deepEqual(said(line), ["POST", "/api/token/refresh/", 500, "failed", "error"]);
  assert.deepEqual([line.level, line.error], ["error", "SUBJECTS: a statement fails, as planned"]);
  assert.equal(answer.headers["hallpass-request-id"], line.id);

  let good;
  await linesOf(async () => (good = await request(worker, "GET", "/healthz")), 1);
  assert.equal(good.headers["hallpass-request-id"], undefined, "Cloudflare's own header is enough for the others");
});

test("Cloudflare's id of a request is its id, and what does not look like one is not", async () => {
  const ids = ["8f1d2c3b4a596877-FRA", 'x","level":"error', "8f1d2c3b4a596877-FRA, 8f1d2c3b4a596877-FRA", "a".repeat(4000), ""];
  const found = await linesOf(async () => {
    for (const id of ids) await request(worker, "GET", "/healthz", { headers: { "cf-ray": id } });
  }, ids.length);
  assert.equal(found[0].id, ids[0]);
  for (const { id } of found.slice(1)) assert.match(id, ID);
});

test("nothing that somebody sends gets into the log: not by its path, its query, its headers or its body", async () => {
  const forged = '{"level":"error","event":"request","detail":"forged"}';
  const before = worker.log().length;
  const answers = [];
  const found = await linesOf(async () => {
    const path = encodeURIComponent(`\n${forged}\n`);
    answers.push(await request(worker, "GET", `/api/${path}?${path}`, { headers: { "user-agent": forged, origin: forged } }));
    answers.push(await request(worker, "GET", `/${"forged/".repeat(2000)}`));
    answers.push(await request(worker, "GET", `/admin/api/users/${path}/`, { headers: bearer(ADMIN_KEY) }));
    answers.push(await request(worker, "POST", "/api/token/", { body: `\n${forged}\n`, headers: { "content-type": forged } }));
    answers.push(await request(worker, "POST", "/api/token/verify/", { json: { token: `\n${forged}\n` } }));
  }, 5);
  assert.deepEqual(answers.map(({ status }) => status), [404, 404, 404, 415, 401]);
  assert.deepEqual(found.map(({ route }) => route), [null, null, "/admin/api/users/<sub>/", "/api/token/", "/api/token/verify/"]);
  const written = worker.log().slice(before);
  assert.ok(!written.includes("forged"), written);
  for (const line of written.split("\n").filter(Boolean)) assert.ok(line.length < 400, line);
});

test("a header with a line break, a method that is none: no line says what it was", async () => {
  const before = worker.log().length;
  const head = "Host: localhost\r\nConnection: close\r\n\r\n";
  await sendRaw(worker, `GET /healthz HTTP/1.1\r\nCF-Ray: 8f1d2c3b4a596877-FRA\n{"forged":1}\r\n${head}`);
  await sendRaw(worker, `FORGED /healthz HTTP/1.1\r\n${head}`);
  await request(worker, "GET", "/healthz");
  await eventually(() => lines().length > 0);
  assert.ok(!/forged/i.test(worker.log().slice(before).replaceAll(/^.*(?:workerd|kj)\/.*$/gm, "")));
});

test("LOG_REQUESTS: by default the refused and the failed have a line, and the failed always have", async (t) => {
  const vars = { ADMIN_KEY };
  const [byDefault, onlyFailed] = await Promise.all([startFaultyWorker({ vars }), startFaultyWorker({ vars: { ...vars, LOG_REQUESTS: "failed" } })]);
  t.after(() => Promise.all([byDefault.stop(), onlyFailed.stop()]));
  const ask = async (of) => {
    assert.equal((await request(of, "GET", "/healthz")).status, 200);
    assert.equal((await request(of, "GET", "/nothing/")).status, 404);
    await plan(of, { failing_statement: "FROM user" });
    await registered(of, { email: address() });
    assert.equal((await admin(of, "GET", "users/")).status, 500);
  };
  const outcomes = async (of, count) => (await linesOf(() => ask(of), count, of)).map(({ outcome }) => outcome);
  assert.deepEqual(await outcomes(byDefault, 2), ["refused", "failed"]);
  assert.deepEqual(await outcomes(onlyFailed, 1), ["failed"]);
});

test("settings that cannot be worked with: each request says that it was not answered", async (t) => {
  const broken = await startWorker({ vars: { LOG_REQUESTS: "some" } });
  t.after(() => broken.stop());
  const [line] = await linesOf(() => request(broken, "GET", "/healthz"), 1, broken);
  assert.deepEqual(said(line), ["GET", "/healthz", 503, "failed", "unavailable"]);
  await broken.logged(/"LOG_REQUESTS: is one of all, refused, failed"/);
});
