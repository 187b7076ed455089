// The explanations themselves: none holds of a token that has nothing of the kind, whatever is said of it.

import assert from "node:assert/strict";
import test from "node:test";
import { AUDIENCE, ISSUER, KEY_ID, NOW } from "./differential/drafts.mjs";
import { EXPLANATIONS, explained } from "./differential/explanations.mjs";
import { factsOf } from "./differential/facts.mjs";
import { Differences } from "./differential/tally.mjs";

const encoded = (text) => Buffer.from(text).toString("base64url");
const token = (header, payload) => `${encoded(header)}.${encoded(payload)}.${encoded("signature")}`;

const HEADER = JSON.stringify({ alg: "HS256", typ: "JWT", kid: KEY_ID });
const CLAIMS = {
  ...{ token_type: "access", iss: ISSUER, aud: [AUDIENCE], sub: "42", jti: "j", sid: "s" },
  ...{ iat: NOW - 10, nbf: NOW - 10, exp: NOW + 300, refresh_exp: NOW + 300 },
};
const GOOD = token(HEADER, JSON.stringify(CLAIMS));

test("no explanation holds of a good token", () => {
  const facts = factsOf(GOOD);
  const wrongForms = Object.keys(CLAIMS).map((claim) => `wrong_form ${claim}`);
  for (const { why, ours, holds } of Object.values(EXPLANATIONS).flat()) {
    const said = wrongForms.filter((form) => ours.test(form));
    for (const ours of said.length > 0 ? said : [""]) assert.equal(holds(facts, { ours, leeway: 0 }), false, why);
  }
});

test("a good token that somebody refuses is noted as a difference without an explanation", () => {
  const [takes, refuses] = [{ said: "", claims: CLAIMS }, { said: "expired exp" }];
  for (const verdicts of [
    { ours: takes, jose: refuses, jsonwebtoken: takes },
    { ours: refuses, jose: takes, jsonwebtoken: refuses },
  ]) {
    const differences = new Differences();
    differences.note({ nth: 0, token: GOOD, leeway: 0, ...verdicts });
    assert.deepEqual(
      differences.unexplained.map(({ peer }) => peer),
      ["jose"],
    );
  }
});

test("members that stand twice are found at every depth and in every spelling", () => {
  const twice = (payload) => factsOf(token(HEADER, payload)).payload.twice;
  for (const payload of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"x":[{"a":[],"a":{}}]}', '{"a":{"b":1},"a":":"}'])
    assert.ok(twice(payload), payload);
  for (const payload of ["{}", '{"a":{"a":"a"}}', '{"a":[{"b":1},{"b":1}]}', '{"a":"\\"a\\":1,","b":"a"}'])
    assert.ok(!twice(payload), payload);
});

test("members are known as they are written", () => {
  const { raw, depth } = factsOf(token(HEADER, '{ "exp" : 1e3 , "aud":["a", {"exp":2}],"x":"}," }')).payload;
  assert.deepEqual(raw, { exp: "1e3", aud: '["a", {"exp":2}]', x: '"},"' });
  assert.equal(depth, 3);
});

test("a difference is explained by what is wrong, not by what is said to be", () => {
  const said = { ours: "malformed: a member stands twice in an object", theirs: "", leeway: 0 };
  assert.equal(explained(factsOf(GOOD), said), undefined);
  assert.match(explained(factsOf(token(HEADER, '{"a":1,"a":2}')), said).why, /stands twice/);
});
