// A guard that asks the issuer itself: what is asked, and what is made of the answer.

import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { assertPass, assertRefused, asking, CLAIMS, FakeKv, fakeVerifier, guarding } from "../support/guarded.mjs";

const json = (status, body) => new Response(JSON.stringify(body), { status });

/** Something with `fetch` that answers so, and notes what it was asked. */
function answering(answer) {
  const asked = [];
  return {
    asked,
    async fetch(request) {
      asked.push(request);
      return answer(request);
    },
  };
}

const bound = (answer) => guarding({ strict: answering(answer) });

const CLIENT = { url: "https://id.example/oauth/introspect", clientId: "gate one", clientSecret: "kN3v+7/Zq =&%ü" };
const introspecting = (answer) => guarding({ strict: { ...CLIENT, fetch: answering(answer).fetch } });
const active = (claims = {}) => json(200, { active: true, token_type: "Bearer", ...claims });

test("through a service binding, verify is asked about the token", async () => {
  const issuer = answering(() => json(200, {}));
  const before = Math.floor(Date.now() / 1000);
  const pass = await assertPass(guarding({ strict: issuer })(asking("x.y.z")));
  assert.ok(pass.checkedAt >= before && pass.checkedAt <= Date.now() / 1000);
  const [request] = issuer.asked;
  assert.deepEqual([request.method, new URL(request.url).pathname], ["POST", "/api/token/verify/"]);
  assert.equal(request.headers.get("content-type"), "application/json");
  assert.equal(request.headers.get("authorization"), null);
  assert.equal(request.redirect, "manual");
  assert.deepEqual(await request.json(), { token: "x.y.z" });
});

test("whom verify does not take is refused", async () => {
  const blacklisted = () => json(400, { non_field_errors: ["Token is blacklisted"] });
  await assertRefused(bound(blacklisted)(asking()), 401, "revoked");
  const invalid = () => json(401, { detail: "Token is invalid", code: "token_not_valid" });
  await assertRefused(bound(invalid)(asking()), 401, "revoked");
  const expired = () => json(401, { detail: "Token is expired", code: "token_not_valid" });
  await assertRefused(bound(expired)(asking()), 401, "expired");
  await assertRefused(bound(() => new Response("no", { status: 401 }))(asking()), 401, "revoked");
});

const NO_ANSWERS = {
  "500": () => json(500, { detail: "A server error occurred." }),
  "503": () => json(503, { detail: "Service unavailable: it is not set up correctly." }),
  "404": () => json(404, { detail: "Not found." }),
  "a redirect": () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example/" } }),
  "204": () => new Response(null, { status: 204 }),
  "200 with a page": () => new Response("<!doctype html><title>Welcome</title>", { headers: { "content-type": "text/html" } }),
  "200 with a list": () => json(200, []),
  "200 with null": () => json(200, null),
  "200 with too much": () => json(200, { active: true, x: "x".repeat(64 * 1024) }),
  "a failure": () => Promise.reject(new Error("the Worker is gone")),
  "half an answer": () => {
    const start = (body) => body.enqueue(new TextEncoder().encode("{"));
    const pull = (body) => body.error(new Error("cut"));
    return new Response(new ReadableStream({ start, pull }));
  },
};

for (const [name, answer] of Object.entries(NO_ANSWERS)) {
  test(`nobody is let in for ${name}, also with onKvError "open"`, async () => {
    for (const strict of [answering(answer), { ...CLIENT, fetch: answering(answer).fetch }]) {
      const guard = guarding({ strict, blacklist: new FakeKv(), onKvError: "open" });
      const { headers, body } = await assertRefused(guard(asking()), 503, "revocation_unknown");
      assert.equal(headers.get("retry-after"), "5");
      assert.match(body.detail, /^The issuer/);
    }
  });
}

test("an issuer that does not answer in five seconds is one that does not answer", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const endless = () => new Promise(() => {});
    const unfinished = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(1)) }));
    for (const answer of [endless, unfinished]) {
      const issuer = answering(answer);
      const waiting = guarding({ strict: issuer })(asking());
      await new Promise(setImmediate);
      assert.equal(issuer.asked.length, 1);
      mock.timers.tick(4999);
      assert.equal(issuer.asked[0].signal.aborted, false);
      mock.timers.tick(1);
      await assertRefused(waiting, 503, "revocation_unknown");
      assert.equal(issuer.asked[0].signal.aborted, true, "the request is given up");
    }
  } finally {
    mock.timers.reset();
  }
});

test("an introspection is a form from a client that says who it is", async () => {
  const issuer = answering(() => active());
  await assertPass(guarding({ strict: { ...CLIENT, fetch: issuer.fetch } })(asking("x.y.z")));
  const [request] = issuer.asked;
  assert.deepEqual([request.method, request.url], ["POST", CLIENT.url]);
  assert.equal(request.redirect, "manual");
  assert.match(request.headers.get("content-type"), /^application\/x-www-form-urlencoded/);
  assert.deepEqual(Object.fromEntries(await request.formData()), { token: "x.y.z", token_type_hint: "access_token" });
  // RFC 6749 section 2.3.1: both are form-encoded before they are put together.
  const [scheme, encoded] = request.headers.get("authorization").split(" ");
  assert.deepEqual([scheme, atob(encoded)], ["Basic", "gate+one:kN3v%2B7%2FZq+%3D%26%25%C3%BC"]);
});

test("only an active token is let in", async () => {
  await assertPass(introspecting(() => active())(asking()), "an issuer that says nothing else");
  await assertPass(introspecting(() => active({ jti: CLAIMS.jti }))(asking()));
  await assertRefused(introspecting(() => json(200, { active: false }))(asking()), 401, "revoked");
});

test("an introspection that is no answer about this token lets nobody in", async () => {
  for (const answer of [
    () => active({ jti: "another" }),
    () => active({ jti: null }),
    () => json(200, {}),
    () => json(200, { active: "true" }),
    () => json(200, { active: 1 }),
    () => json(201, { active: true }),
    () => json(401, { error: "invalid_client" }),
    () => json(400, { error: "invalid_request" }),
  ]) {
    await assertRefused(introspecting(answer)(asking()), 503, "revocation_unknown", String(answer));
  }
});

test("an answer never holds the client's secret or the token", async () => {
  const echo = async (request) => json(500, { sent: [...request.headers], body: await request.text() });
  const leaking = () => Promise.reject(new Error(`cannot reach ${JSON.stringify(CLIENT)}`));
  for (const answer of [echo, leaking]) {
    const { headers, body } = await assertRefused(introspecting(answer)(asking("x.y.z")), 503, "revocation_unknown");
    assert.doesNotMatch(JSON.stringify([...headers, body]), /kN3v|x\.y\.z/);
  }
});

test("strict alone asks for every request, and remembers nothing", async () => {
  const issuer = answering(() => json(200, {}));
  const guard = guarding({ strict: issuer, strictFor: () => false });
  for (let i = 0; i < 3; i++) await assertPass(guard(asking()));
  assert.equal(issuer.asked.length, 3);
});

test("with both, all requests are strict unless strictFor says which", async () => {
  const [issuer, blacklist] = [answering(() => json(200, {})), new FakeKv()];
  await assertPass(guarding({ blacklist, strict: issuer })(asking()));
  assert.deepEqual([issuer.asked.length, blacklist.reads.length], [1, 0]);

  const seen = [];
  const strictFor = (request, claims) => (seen.push([request.method, claims]), request.method !== "GET");
  const guard = guarding({ blacklist, strict: issuer, strictFor });
  await assertPass(guard(asking()));
  assert.deepEqual([issuer.asked.length, blacklist.reads.length], [1, 1]);
  await assertPass(guard(asking("a-token", { method: "DELETE" })));
  assert.deepEqual([issuer.asked.length, blacklist.reads.length], [2, 1]);
  assert.deepEqual(seen, [["GET", CLAIMS], ["DELETE", CLAIMS]]);
});

test("whom the verifier refuses, nobody is asked about", async () => {
  const [issuer, fault] = [answering(() => json(200, {})), new TypeError("stop")];
  const strictFor = () => assert.fail("asked");
  await assert.rejects(guarding({ verifier: fakeVerifier({ fault }), strict: issuer, strictFor })(asking()), fault);
  assert.equal(issuer.asked.length, 0);
});

test("what strictFor throws is the program's, and lets nobody in", async () => {
  const strictFor = () => {
    throw new TypeError("a defect");
  };
  const guard = guarding({ blacklist: new FakeKv(), strict: answering(() => json(200, {})), strictFor });
  await assert.rejects(guard(asking()), new TypeError("a defect"));
});
