// `hallpass/decode` in Node.js: what JavaScript makes of what the core says. The rules themselves are tested in crates/core.

import assert from "node:assert/strict";
import test from "node:test";
import { decode, expiresAt, HallpassError, isExpired, secondsLeft } from "../../crates/verifier/dist/decode.js";
import * as whole from "../../crates/verifier/dist/index.js";

const EXP = 1_900_000_000;
const HEADER = '{"alg":"HS256","typ":"JWT","kid":"k1"}';

/** A token of these texts, whatever they are. */
const tokenOf = (header, payload, signature = "c2ln") => `${base64url(header)}.${base64url(payload)}.${signature}`;
const withClaims = (claims) => tokenOf(HEADER, JSON.stringify(claims));
const base64url = (text) => Buffer.from(text).toString("base64url");

function refusal(work) {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof HallpassError, String(error.stack));
    return error;
  }
  assert.fail("it was not refused");
}

test("a token is taken apart", () => {
  const claims = { sub: "u7", exp: EXP, aud: ["a", "b"], roles: { admin: [true, null, 1.5] }, name: "Zoë 😀 \u0000\u2028" };
  const decoded = decode(withClaims(claims));
  assert.deepEqual(decoded, { header: { alg: "HS256", typ: "JWT", kid: "k1" }, claims });
  assert.deepEqual(Object.keys(decoded), ["header", "claims"]);
});

test("hallpass decodes as hallpass/decode does", () => {
  const token = withClaims({ sub: "u7", exp: EXP });
  assert.deepEqual(whole.decode(token), decode(token));
  assert.equal(whole.expiresAt(token), EXP);
  assert.equal(whole.isExpired(token, { now: EXP }), true);
  assert.equal(whole.secondsLeft(token, { now: EXP - 7 }), 7);
  assert.equal(whole.HallpassError, HallpassError);
});

test("expiresAt is exp in whole seconds", () => {
  assert.equal(expiresAt(withClaims({ exp: EXP })), EXP);
  assert.equal(expiresAt(tokenOf(HEADER, `{"exp":${EXP}.9}`)), EXP);
  assert.equal(expiresAt(tokenOf(HEADER, '{"exp":-5}')), 0);
});

test("a token expires at the very second of exp", () => {
  const token = withClaims({ exp: EXP });
  const at = (now, leeway) => [isExpired(token, { now, leeway }), secondsLeft(token, { now, leeway })];
  assert.deepEqual(at(EXP - 1), [false, 1]);
  assert.deepEqual(at(EXP - 0.001), [false, 1]);
  assert.deepEqual(at(EXP), [true, 0]);
  assert.deepEqual(at(EXP + 86_400), [true, 0]);
  assert.deepEqual(at(EXP + 9, 10), [false, 1]);
  assert.deepEqual(at(EXP + 10, 10), [true, 0]);
  assert.deepEqual(at(EXP + 299, 300), [false, 1]);
});

test("without options the clock decides", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: (EXP - 1) * 1000 + 999 });
  const token = withClaims({ exp: EXP });
  assert.equal(isExpired(token), false);
  assert.equal(secondsLeft(token), 1);
  t.mock.timers.tick(1);
  assert.equal(isExpired(token), true);
  assert.equal(secondsLeft(token, { leeway: 30 }), 30);
  t.mock.timers.setTime(0);
  assert.equal(refusal(() => isExpired(token)).code, "clock_unset");
});

test("a clock that was never set is told apart", () => {
  const token = withClaims({ exp: EXP });
  for (const now of [0, -0, -1, 0.5, NaN, -Infinity]) {
    for (const ask of [isExpired, secondsLeft]) assert.equal(refusal(() => ask(token, { now })).code, "clock_unset", `${now}`);
  }
});

test("options of another kind are refused", () => {
  const token = withClaims({ exp: EXP });
  const wrong = [
    ...[301, -1, 0.5, NaN, Infinity, -Infinity, "10", null, 10n, [10], {}, 2 ** 32].map((leeway) => ({ now: EXP, leeway })),
    ...[Infinity, EXP * 1000, String(EXP), null, new Date(), 10n, { valueOf: () => EXP }].map((now) => ({ now })),
  ];
  for (const options of wrong) {
    assert.equal(refusal(() => isExpired(token, options)).code, "bad_option", Object.values(options).map(String).join());
    assert.equal(refusal(() => secondsLeft(token, options)).code, "bad_option");
  }
});

test("a token without a date of expiry is told so", () => {
  for (const ask of [expiresAt, isExpired, secondsLeft]) {
    const missing = refusal(() => ask(withClaims({ sub: "u7" })));
    assert.deepEqual([missing.code, missing.claim], ["missing_claim", "exp"]);
    for (const exp of ["soon", null, true, [EXP], 253_402_300_800, String(EXP)]) {
      const wrong = refusal(() => ask(withClaims({ exp })));
      assert.deepEqual([wrong.code, wrong.claim], ["wrong_form", "exp"], String(exp));
    }
    assert.equal(refusal(() => ask(tokenOf(HEADER, '{"exp":1.9e9}'))).code, "wrong_form");
  }
  // It can be shown all the same.
  assert.deepEqual(decode(withClaims({ exp: "soon" })).claims, { exp: "soon" });
});

const MALFORMED = {
  "longer than": ["a".repeat(65_537), tokenOf(HEADER, JSON.stringify({ long: "x".repeat(100_000) }))],
  "three parts": ["", ".", "a.b", "a.b.c.d", ".....", "Bearer", tokenOf(HEADER, "{}").replaceAll(".", "\u3002")],
  "not base64url": [
    `${tokenOf(HEADER, "{}")}=`,
    ` ${tokenOf(HEADER, "{}")}`,
    `${tokenOf(HEADER, "{}")}\n`,
    tokenOf(HEADER, "{}", "+2ln"),
    tokenOf(HEADER, "{}", "c2l"),
    tokenOf(HEADER, "{}", "\u212A2ln"),
    tokenOf(HEADER, "{}", "\ud800"),
    tokenOf(HEADER, "{}", "c2ln\0"),
  ],
  "not UTF-8": [tokenOf(HEADER, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), tokenOf(Buffer.from([0xc0]), "{}")],
  "not a JSON object": [
    ...["", "null", "[]", "1", '"a"', "{", "{}}", "{'a':1}", "\ufeff{}", '{"a":01}', '{"a":NaN}', '{"a":"\n"}', "{} {}"].flatMap(
      (text) => [tokenOf(HEADER, text), tokenOf(text, "{}")],
    ),
    tokenOf(HEADER, `{"a":${"[".repeat(20_000)}`),
    tokenOf(HEADER, `{"a":${"[".repeat(121)}${"]".repeat(121)}}`),
    tokenOf(HEADER, `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`),
  ],
  "stands twice": [
    tokenOf(HEADER, '{"exp":1,"exp":2}'),
    tokenOf(HEADER, '{"a":1,"\\u0061":2}'),
    tokenOf(HEADER, '{"a":[{"b":{"c":1,"d":2,"c":3}}]}'),
    tokenOf('{"alg":"HS256","alg":"none"}', "{}"),
    tokenOf(HEADER, `{${Array.from({ length: 3_000 }, (_, n) => `"m${n}":1`).join()},"m1500":2}`),
  ],
  "`alg`": [tokenOf('{"typ":"JWT"}', "{}"), tokenOf('{"alg":null}', "{}"), tokenOf('{"alg":256}', "{}")],
  "`typ`": [tokenOf('{"alg":"HS256","typ":"JWE"}', "{}"), tokenOf('{"alg":"HS256","typ":7}', "{}")],
  "`kid`": [tokenOf('{"alg":"HS256","kid":1}', "{}"), tokenOf('{"alg":"HS256","kid":"\\ud800"}', "{}")],
  "`crit`": [tokenOf('{"alg":"HS256","crit":["exp"]}', "{}"), tokenOf('{"alg":"HS256","b64":false}', "{}")],
};

for (const [reason, tokens] of Object.entries(MALFORMED)) {
  test(`what is not a token is told why: ${reason}`, () => {
    for (const token of tokens) {
      for (const ask of [decode, expiresAt, isExpired, secondsLeft]) {
        const error = refusal(() => ask(token));
        assert.equal(error.code, "malformed", token.slice(0, 200));
        assert.equal(error.claim, undefined);
        assert.ok(error.reason.includes(reason), `${error.reason}: ${token.slice(0, 200)}`);
      }
    }
  });
}

test("what is no text is no token, whatever it would become", () => {
  const token = withClaims({ exp: EXP });
  const others = [undefined, null, 0, 1n, true, [], [token], {}, { toString: () => token }, new String(token), Symbol("a"), () => token];
  for (const other of others) {
    for (const ask of [decode, expiresAt, isExpired, secondsLeft]) assert.equal(refusal(() => ask(other)).code, "malformed");
  }
  assert.equal(refusal(() => decode()).code, "malformed");
});

test("claims with the names of an object's insides are claims", () => {
  const payload = '{"__proto__":{"admin":true},"constructor":1,"code":"expired","reason":"x","toString":null,"exp":1900000000}';
  const { claims, header } = decode(tokenOf('{"alg":"HS256","code":"malformed","__proto__":[]}', payload));
  assert.equal(Object.getPrototypeOf(claims), Object.prototype);
  assert.equal(claims.admin, undefined);
  assert.deepEqual(Object.keys(claims), Object.keys(JSON.parse(payload)));
  assert.equal(header.code, "malformed");
  assert.equal({}.admin, undefined);
  assert.equal(expiresAt(tokenOf(HEADER, payload)), EXP);
});

test("what is nested as deep as it may be is read", () => {
  const deep = `${"[".repeat(120)}${"]".repeat(120)}`;
  assert.deepEqual(decode(tokenOf(HEADER, `{"a":${deep}}`)).claims, { a: JSON.parse(deep) });
});

test("half a character in a claim comes as it is", () => {
  assert.deepEqual(decode(tokenOf(HEADER, '{"a":"\\ud800","\\udc00":"\\ud83d\\ude00"}')).claims, { a: "\ud800", "\udc00": "😀" });
});

test("numbers are those of JSON.parse", () => {
  const payload = '{"a":1e400,"b":9007199254740993,"c":-0,"d":1E-7}';
  assert.deepEqual(decode(tokenOf(HEADER, payload)).claims, JSON.parse(payload));
});

test("the longest token there is is read", () => {
  const fill = Math.floor(((65_536 - tokenOf(HEADER, '{"a":""}').length) / 4) * 3);
  const token = tokenOf(HEADER, `{"a":"${"x".repeat(fill)}"}`);
  assert.ok(token.length > 65_530 && token.length <= 65_536, `${token.length}`);
  for (let round = 0; round < 200; round += 1) assert.equal(decode(token).claims.a.length, fill);
});

test("as many members as fit are read", () => {
  const claims = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`m${(n * 7919) % 3_000}`, n]));
  assert.deepEqual(decode(withClaims(claims)).claims, claims);
});

test("the signature is not looked at", () => {
  assert.deepEqual(decode(tokenOf(HEADER, '{"a":1}', "")).claims, { a: 1 });
  assert.deepEqual(decode(tokenOf('{"alg":"none"}', '{"a":1}', "")).header, { alg: "none" });
});

test("an error says what is wrong and holds nothing of the token", () => {
  const secret = "5ecret-5ecret";
  const tokens = [
    [withClaims({ exp: secret, jti: secret }), expiresAt],
    [withClaims({ jti: secret }), isExpired],
    [tokenOf(`{"alg":"HS256","typ":"${secret}"}`, "{}"), decode],
    [tokenOf(HEADER, `{"${secret}":1,"${secret}":2}`), decode],
    [`${base64url(secret)}.${secret}`, decode],
  ];
  for (const [token, ask] of tokens) {
    const error = refusal(() => ask(token));
    assert.equal(error.name, "HallpassError");
    assert.ok(error instanceof Error);
    assert.ok(error.message.startsWith(error.reason) && error.reason.length > 10, error.message);
    const shown = `${error.stack} ${JSON.stringify(error)} ${error.cause}`;
    for (const part of [secret, base64url(secret), ...token.split(".")]) assert.ok(!shown.includes(part), shown);
  }
});
