// A comparison that overlooks something is worth less than none: each thing it promises to notice, noticed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { unusedDifferences } from "./compare.mjs";
import { mismatches } from "./match.mjs";

const token = (claims, header = {}) => ({
  $token: {
    header: { alg: "HS256", typ: "JWT", ...header },
    claims: { token_type: "access", exp: "iat+300", iat: "now", ...claims },
  },
});
const answer = (changes = {}) => ({
  status: 200,
  headers: { "content-type": "application/json", vary: "Accept", allow: "POST, OPTIONS", "cache-control": "no-store" },
  body: { access: token() },
  ...changes,
});
const compact = '{"access":"a.b.c"}';

/** How many lines the comparison of an answer with the expected one gives. */
const noticed = (actual, expected = answer(), text = compact) => mismatches(expected, actual, text).length;

test("an answer as recorded is as expected", () => assert.equal(noticed(answer()), 0));

test("another status is noticed", () => assert.equal(noticed(answer({ status: 201 })), 1));

test("each of the compared headers is noticed when it changes, is missing or is new", () => {
  for (const name of ["content-type", "vary", "allow"]) {
    assert.equal(noticed(answer({ headers: { ...answer().headers, [name]: "another" } })), 1, name);
    const { [name]: left, ...headers } = answer().headers;
    assert.equal(noticed(answer({ headers })), 1, `no ${name}, was ${left}`);
  }
  assert.equal(noticed(answer({ headers: { ...answer().headers, "www-authenticate": 'Bearer realm="api"' } })), 1);
});

test("a member too many, too few or of another type is noticed", () => {
  assert.equal(noticed(answer({ body: { access: token(), refresh: "x" } })), 1);
  assert.equal(noticed(answer({ body: {} })), 1);
  assert.equal(noticed(answer({ body: { access: "no token" } })), 1);
  assert.equal(noticed(answer({ body: { n: "1" } }), answer({ body: { n: 1 } }), '{"n":"1"}'), 1);
});

test("a claim too many, too few or of another lifetime is noticed", () => {
  assert.equal(noticed(answer({ body: { access: token({ role: "teacher" }) } })), 1);
  assert.equal(noticed(answer({ body: { access: token({ iat: undefined }) } })), 1);
  assert.equal(noticed(answer({ body: { access: token({ exp: "iat+600" }) } })), 1);
});

test("session, subject and key of a token may be said beside what Simple JWT says", () => {
  assert.equal(noticed(answer({ body: { access: token({ sid: "s", sub: "1" }, { kid: "k" }) } })), 0);
});

test("a token that a cache may keep is noticed", () => {
  const { "cache-control": left, ...headers } = answer().headers;
  assert.equal(noticed(answer({ headers })), 1, `was ${left}`);
});

test("JSON with spaces or escaped letters is noticed", () => {
  assert.equal(noticed(answer(), answer(), '{"access": "a.b.c"}'), 1);
  const name = answer({ body: { name: "é" } });
  assert.equal(noticed(name, name, '{"name":"\\u00e9"}'), 1);
});

test("of an answer that the platform gives by itself the status is noticed, and nothing else", () => {
  const refused = answer({ status: 501, headers: { "content-type": "text/plain" }, body: { $text: "no" } });
  assert.equal(noticed(refused, { $platform: 501 }, "no"), 0);
  assert.equal(noticed(refused, { $platform: 400 }, "no"), 1);
});

test("a parser's own words are not compared, what stands before them is", () => {
  const said = (detail) => answer({ status: 400, body: { detail } });
  assert.equal(
    noticed(said("JSON parse error - x"), said("JSON parse error - y"), '{"detail":"JSON parse error - x"}'),
    0,
  );
  assert.equal(noticed(said("x"), said("JSON parse error - y"), '{"detail":"x"}'), 1);
});

test("every deliberate difference is met by a recorded answer", () => assert.deepEqual(unusedDifferences(), []));
