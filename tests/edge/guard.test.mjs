// What a guard takes for a bearer token, and what it answers where there is no good one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { HallpassError } from "../../crates/verifier/js/errors.js";
import { inProject } from "../../tools/project.mjs";
import { assertPass, assertRefused, asking, CLAIMS, FakeKv, fakeVerifier, guarding, HEADER, sending } from "../support/guarded.mjs";

const faulty = (code, reason = "prose", details = {}) => {
  const fault = new HallpassError(code, reason, details);
  return guarding({ verifier: fakeVerifier({ fault }), blacklist: new FakeKv() });
};

test("whoever has a good token is let in with its claims and header", async () => {
  const pass = await assertPass(guarding({ blacklist: new FakeKv() })(asking()));
  assert.deepEqual(Object.keys(pass), ["claims", "header", "checkedAt"]);
  assert.deepEqual([pass.claims, pass.header], [CLAIMS, HEADER]);
});

test("without credentials the answer is a 401 whose challenge has no error code", async () => {
  for (const header of [undefined, "", "Basic dTpw", "Token x.y.z", "x.y.z", "Bearer: x.y.z", "Bearer\tx.y.z", "BearerX x.y.z"]) {
    const verifier = fakeVerifier();
    const response = await guarding({ verifier, blacklist: new FakeKv() })(sending(header));
    assert.equal(response.status, 401, header);
    assert.equal(response.headers.get("www-authenticate"), "Bearer");
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.deepEqual(await response.json(), { detail: "Authentication credentials were not provided." });
    assert.deepEqual(verifier.asked, []);
  }
});

test("a scheme without exactly one token is answered as the issuer answers it", async () => {
  for (const header of ["Bearer", "Bearer ", "Bearer a b", "Bearer a, Bearer b", "Bearer a\tb", "Bearer a\u00a0b"]) {
    const verifier = fakeVerifier();
    const response = await guarding({ verifier, blacklist: new FakeKv() })(sending(header));
    assert.equal(response.status, 401, header);
    assert.equal(response.headers.get("www-authenticate"), "Bearer");
    const detail = "Authorization header must contain two space-delimited values";
    assert.deepEqual(await response.json(), { detail, code: "bad_authorization_header" });
    assert.deepEqual(verifier.asked, []);
  }
});

test("the scheme may be in any case, with several spaces after it", async () => {
  for (const header of ["Bearer x.y.z", "bearer x.y.z", "BEARER    x.y.z", "  bEaReR x.y.z  "]) {
    const verifier = fakeVerifier();
    await assertPass(guarding({ verifier, blacklist: new FakeKv() })(sending(header)), header);
    assert.deepEqual(verifier.asked, ["x.y.z"]);
  }
});

test("of two Authorization headers none is taken", async () => {
  const headers = new Headers([
    ["authorization", "Bearer good"],
    ["authorization", "Bearer other"],
  ]);
  const response = await guarding({ blacklist: new FakeKv() })(new Request("https://api.example/", { headers }));
  assert.equal(response.status, 401);
});

test("a token over 8 KiB is refused before anything is done with it", async () => {
  const [verifier, blacklist] = [fakeVerifier(), new FakeKv()];
  const guard = guarding({ verifier, blacklist });
  await assertRefused(guard(asking("x".repeat(8193))), 401, "malformed");
  assert.deepEqual([verifier.asked, blacklist.reads], [[], []]);
  await assertPass(guard(asking("x".repeat(8192))), "8 KiB");
});

test("a token that is refused is answered in the issuer's dialect, with the reason for programs", async () => {
  const response = await faulty("expired")(asking());
  assert.equal(response.status, 401);
  assert.equal(
    response.headers.get("www-authenticate"),
    'Bearer error="invalid_token", error_description="expired"',
  );
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(await response.json(), {
    detail: "Given token not valid for any token type",
    code: "token_not_valid",
    reason: "expired",
  });
});

test("what could not be checked is answered 503, to be tried again", async () => {
  const response = await faulty("jwks_unavailable")(asking());
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "5");
  assert.equal(response.headers.get("www-authenticate"), null);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(await response.json(), { detail: "The token cannot be checked: jwks unavailable.", code: "jwks_unavailable" });
});

const TOKENS_FAULT = [
  "malformed", "algorithm_not_allowed", "unknown_key", "bad_signature", "wrong_form", "issued_in_future", "not_yet_valid",
  "expired", "too_old", "wrong_issuer", "wrong_audience", "missing_claim", "wrong_kind", "no_such_subject", "revoked",
];
const NOTHING_KNOWN = ["jwks_unavailable", "revocation_unknown", "crypto_failed", "wasm_trapped", "clock_unset"];
const PROGRAMS_FAULT = ["bad_option", "bad_key", "needs_async", "wasm_blocked", "wasm_missing"];
// No guard meets these.
const OF_SESSIONS = ["signed_out", "session_ended", "sign_in_refused", "otp_required", "issuer_unreachable", "origin_not_allowed"];

test("every code that there is has its answer", () => {
  const types = readFileSync(inProject("crates", "verifier", "js", "errors.d.ts"), "utf8");
  const union = types.slice(types.indexOf("export type HallpassErrorCode"), types.indexOf(";"));
  const codes = [...union.matchAll(/\| "(\w+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 20, union);
  assert.deepEqual([...TOKENS_FAULT, ...NOTHING_KNOWN, ...PROGRAMS_FAULT, ...OF_SESSIONS].toSorted(), codes.toSorted());
});

test("the token's fault is a 401 whose challenge a header can hold, whatever the claim is called", async () => {
  for (const code of TOKENS_FAULT) {
    const guard = faulty(code, 'claim \'a"\\\r\nx\' of x.y.z', { claim: 'a"\\\r\nx' });
    const { headers, body } = await assertRefused(guard(asking()), 401, code);
    // RFC 6750 section 3: what an error_description may hold.
    assert.match(headers.get("www-authenticate"), /^Bearer error="invalid_token", error_description="[ !#-[\]-~]+"$/, code);
    assert.doesNotMatch(JSON.stringify([...headers, body]), /x\.y\.z/);
  }
});

test("nobody's fault is a 503 that says what is missing", async () => {
  for (const code of NOTHING_KNOWN) {
    const { headers, body } = await assertRefused(faulty(code)(asking()), 503, code);
    assert.match(headers.get("retry-after"), /^\d+$/);
    assert.match(body.detail, /\w/);
  }
});

test("the program's fault is thrown, as is whatever nobody has thought of", async () => {
  for (const code of PROGRAMS_FAULT) await assert.rejects(faulty(code)(asking()), { name: "HallpassError", code });
  for (const fault of [new TypeError("a defect"), Object.assign(new Error("of another library"), { code: "expired" })]) {
    await assert.rejects(guarding({ verifier: fakeVerifier({ fault }), blacklist: new FakeKv() })(asking()), fault);
  }
});

test("the realm stands in every challenge, quoted", async () => {
  const fault = new HallpassError("expired", "prose");
  const guard = guarding({ verifier: fakeVerifier({ fault }), blacklist: new FakeKv(), realm: 'Ann\'s "API" \\ 1' });
  const realm = String.raw`Bearer realm="Ann's \"API\" \\ 1"`;
  assert.equal((await guard(sending())).headers.get("www-authenticate"), realm);
  assert.equal((await guard(sending("Bearer"))).headers.get("www-authenticate"), realm);
  assert.equal(
    (await guard(asking())).headers.get("www-authenticate"),
    `${realm}, error="invalid_token", error_description="expired"`,
  );
});

test("a preflight has no token and is refused like anything else", async () => {
  const request = new Request("https://api.example/things", { method: "OPTIONS", headers: { origin: "https://app.example" } });
  assert.equal((await guarding({ blacklist: new FakeKv() })(request)).status, 401);
});
