// What the Inspector works with, without a page around it: what it takes away, how it reads parts and dates, and its words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressTrouble, KeyTrouble, pastedKeys, secretBytes, usualAddress } from "../../www/inspect/keys.js";
import { notOurs } from "../../www/inspect/called_back.js";
import { cleaned, LONGEST } from "../../www/inspect/input.js";
import { takenApart } from "../../www/inspect/parts.js";
import { shareLeft, standing } from "../../www/inspect/standing.js";
import { failureInWords } from "../../www/inspect/words.js";
import { rawToken } from "../support/inspector.mjs";

const TOKEN = `${rawToken('{"alg":"HS256"}', '{"sub":"a"}')}.AAAA`;

test("a token is found in what was copied with it", () => {
  const around = [
    TOKEN,
    ` ${TOKEN}\n`,
    `Bearer ${TOKEN}`,
    `authorization:bearer\t${TOKEN}`,
    `"${TOKEN}",`,
    `'Authorization: Bearer ${TOKEN}'`,
    `“${TOKEN}”`,
    `\u200b${TOKEN}\ufeff`,
    TOKEN.replace(/.{9}/g, "$&\r\n  "),
  ];
  for (const text of around) assert.equal(cleaned(text).token, TOKEN, text);
  assert.deepEqual(cleaned(TOKEN).removed, []);
  assert.deepEqual(cleaned(` "${TOKEN}" `).removed, ["white space around it", "quotes around it"]);
});

test("a text that is no token is left as it is", () => {
  for (const text of ["", "bearer", "Bearer", "two words", "See this. And this. So", "e30"]) assert.equal(cleaned(text).token, text);
  assert.deepEqual(cleaned(" \n"), { token: "", removed: [] });
  const huge = ` ${"a".repeat(5 * LONGEST)}`;
  assert.equal(cleaned(huge).token, huge);
});

test("a text has the form of one kind of token, or of none", () => {
  const forms = {
    jws: [TOKEN, "a.b.c", "e30.e30."],
    jwe: [`${rawToken('{"alg":"dir","enc":"A128GCM"}')}..AA.AA.AA`],
    opaque: ["a", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.c.d.e.f", "ä.b.c", `${TOKEN}.a.b`],
    long: [`${TOKEN}${"A".repeat(LONGEST)}`],
  };
  for (const [form, texts] of Object.entries(forms)) {
    for (const text of texts) assert.equal(takenApart(text).form, form, text.slice(0, 40));
  }
});

test("what can be read is read, also beside what cannot", () => {
  const { header, claims, defects } = takenApart(`${rawToken('{"alg":"HS256"}')}.!.AA=`);
  assert.deepEqual(header.value, { alg: "HS256" });
  assert.equal(claims, undefined);
  assert.deepEqual(defects, ["Claims: it has characters that base64url has not", "Signature: it has “=”, which tokens leave out"]);
});

test("a token's life is told from its dates", () => {
  const now = 1_000;
  const cases = [
    [{ exp: 1_100, iat: 900 }, "good", "50 % of its life of 3 min 20 s is left"],
    [{ exp: 1_100 }, "good", ""],
    [{ exp: 1_000, iat: 900 }, "over", "0 % of its life of 1 min 40 s is left"],
    [{ exp: 1_100, nbf: 1_050 }, "early", "100 % of its life of 50 s is left"],
    [{ nbf: 1_050 }, "early", ""],
    [{}, "endless", ""],
    [{ exp: 1_100, iat: 1_200 }, "good", ""],
    [{ exp: "1100" }, "unclear", ""],
    [{ exp: null }, "unclear", ""],
  ];
  for (const [claims, state, share] of cases) {
    const stands = standing(claims, now);
    assert.equal(stands.state, state, JSON.stringify(claims));
    assert.equal(shareLeft(stands), share, JSON.stringify(claims));
  }
});

test("only an https issuer is believed to have its keys at an address of its own", () => {
  const own = "https://worker.example";
  const address = (origin) => `${origin}/.well-known/jwks.json`;
  assert.equal(usualAddress("https://id.example/a", own), address("https://id.example/a"));
  const others = [undefined, null, 7, "id", "http://id.example", `https://${"a".repeat(3000)}.example`];
  for (const iss of others) assert.equal(usualAddress(iss, own), address(own));
});

test("a plain http address can be asked on this machine alone", () => {
  const own = "http://worker.example";
  const good = ["https://a.example/", "http://localhost:1/x", "http://127.0.0.1/", `${own}/jwks.json`];
  for (const address of good) assert.equal(addressTrouble(address, own), undefined, address);
  const bad = ["http://a.example/", "http://localhost.example/", "ftp://a.example", "file:///etc", "a", ""];
  for (const address of bad) assert.ok(addressTrouble(address, own), address);
});

test("keys and secrets are read as they are written, or not at all", () => {
  assert.deepEqual(pastedKeys('{"kty":"oct","k":"AA"}').keys, [{ kty: "oct", k: "AA" }]);
  assert.equal(pastedKeys('[{"kty":"a"},null,{"kty":"b"}]').keys.length, 2);
  const none = ["null", "7", '"x"', '{"keys":{}}', '{"keys":[null]}', "[]"];
  for (const text of none) assert.throws(() => pastedKeys(text), KeyTrouble, text);
  assert.deepEqual([...secretBytes("-_8=", true)], [251, 255]);
  assert.deepEqual([...secretBytes("ü", false)], [195, 188]);
});

test("a token is only taken for this Worker's where it looks like one", () => {
  const own = "https://worker.example";
  const may = [{ jti: "j", sid: "s" }, { jti: "j", token_type: "access" }, { jti: "j", iss: own }];
  for (const claims of may) assert.equal(notOurs(claims, own), undefined);
  const cannot = [{}, { sid: "s" }, { jti: 7, sid: "s" }, { jti: "j", iss: "https://other.example" }];
  for (const claims of cannot) assert.ok(notOurs(claims, own));
});

test("a rule that nobody has words for is told by its reason, and long claims are cut", () => {
  assert.equal(failureInWords({ code: "new_rule", claim: "x", reason: "is odd" }, {}), "x: is odd.");
  const words = failureInWords({ code: "wrong_issuer", claim: "iss" }, { claims: { iss: "a".repeat(5000) }, rules: { issuer: "b" } });
  assert.ok(words.length < 300 && words.includes("a…”, and"), words);
});
