// Reading tokens in JavaScript, by the package's smaller binary and by the larger one. The rules are tested in crates/core.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { decodeJwt, decodeProtectedHeader } from "jose";
import * as full from "../../crates/verifier/dist/index.js";
import * as small from "../../crates/verifier/dist/decode.js";

const NOW = 1_800_000_000;
const encoded = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const HEADER = { alg: "HS256", typ: "JWT", kid: "k1" };
const token = (claims, header = HEADER) => `${encoded(header)}.${encoded(claims)}.${encoded("signature")}`;

function refused(act, code, claim) {
  assert.throws(act, (error) => {
    assert.ok(error instanceof small.HallpassError, inspect(error));
    assert.equal(error.name, "HallpassError");
    assert.equal(error.code, code, error.message);
    assert.equal(error.claim, claim);
    assert.ok(error.reason.length > 0 && error.message.startsWith(error.reason));
    return true;
  });
}

for (const [name, { decode, expiresAt, isExpired, secondsLeft }] of [
  ["hallpass/decode", small],
  ["hallpass", full],
]) {
  test(`${name}: a token is read as JSON.parse would read it, and as jose does`, () => {
    const claims = { sub: "Zoë 😀", exp: NOW, big: 1e300, deep: { list: [1, "two", null, true, { three: 3.5 }] }, "": "" };
    const read = decode(token(claims));
    assert.deepEqual(read, { header: HEADER, claims });
    assert.deepEqual(read.claims, decodeJwt(token(claims)));
    assert.deepEqual(read.header, decodeProtectedHeader(token(claims)));
  });

  test(`${name}: expiry is told in whole seconds, and the very second of exp is past it`, () => {
    const at = (exp) => token({ exp });
    assert.equal(expiresAt(at(NOW)), NOW);
    assert.equal(expiresAt(at(NOW + 0.9)), NOW);
    const rows = [
      [{ now: NOW - 1 }, false, 1],
      [{ now: NOW - 0.5 }, false, 1],
      [{ now: NOW }, true, 0],
      [{ now: NOW + 1000 }, true, 0],
      [{ now: NOW, leeway: 1 }, false, 1],
      [{ now: NOW + 299, leeway: 300 }, false, 1],
      [{ now: NOW + 300, leeway: 300 }, true, 0],
    ];
    for (const [options, expired, left] of rows) {
      assert.equal(isExpired(at(NOW), options), expired, inspect(options));
      assert.equal(secondsLeft(at(NOW), options), left, inspect(options));
    }
    const hour = Math.floor(Date.now() / 1000) + 3600;
    assert.equal(isExpired(at(hour)), false);
    assert.ok(Math.abs(secondsLeft(at(hour)) - 3600) <= 60);
    assert.equal(isExpired(at(hour - 7200)), true);
  });

  test(`${name}: without a date there is nothing to tell`, () => {
    for (const read of [expiresAt, isExpired, secondsLeft]) {
      refused(() => read(token({})), "missing_claim", "exp");
      for (const exp of ["soon", null, true, [NOW], 1e20]) refused(() => read(token({ exp })), "wrong_form", "exp");
    }
  });

  test(`${name}: clocks and leeways that are none are refused`, () => {
    for (const read of [isExpired, secondsLeft]) {
      for (const now of [0, -5, 0.4, NaN]) refused(() => read(token({ exp: NOW }), { now }), "clock_unset");
      for (const now of [NOW * 1000, Infinity, "1", null, 5n]) refused(() => read(token({ exp: NOW }), { now }), "bad_option");
      for (const leeway of [-1, 301, 1.5, NaN, Infinity, "5", null]) {
        refused(() => read(token({ exp: NOW }), { now: NOW, leeway }), "bad_option");
      }
    }
  });

  test(`${name}: what is no token is refused with a code, whatever it is`, () => {
    const good = token({ exp: NOW });
    const texts = ["", ".", "a.b", "a.b.c.d", `${good}=`, ` ${good}`, `${good}\n`, good.replace(".", ". "), "\ud800.e30.e30", "é.e30.e30"];
    const parts = [
      token("{}", "{}"),
      token("[]"),
      token("{} "),
      token('{"a":1,"a":2}'),
      token('{"a":01}'),
      token("{'a':1}"),
      token("{}", { alg: 7 }),
      token("{}", { ...HEADER, kid: 7 }),
      token("{}", { ...HEADER, typ: "JWE" }),
      token("{}", { ...HEADER, crit: ["exp"] }),
      token("{}", { ...HEADER, b64: false }),
      `${encoded(HEADER)}.${Buffer.from([0xff, 0xfe]).toString("base64url")}.AA`,
      token(`{"a":${"[".repeat(200)}${"]".repeat(200)}}`),
      token(`{"a":"${"x".repeat(100_000)}"}`),
      "x".repeat(10_000_000),
    ];
    // A token may end a JSON text with white space; only the third of these is one.
    for (const text of [...texts, ...parts.filter((_, index) => index !== 2)]) {
      for (const read of [decode, expiresAt, isExpired, secondsLeft]) refused(() => read(text), "malformed");
    }
    assert.deepEqual(decode(parts[2]).claims, {});
    for (const odd of [undefined, null, 7, {}, [], Symbol("x"), new String(good), Buffer.from(good)]) {
      for (const read of [decode, expiresAt, isExpired, secondsLeft]) refused(() => read(odd), "malformed");
    }
  });

  test(`${name}: claims that mean something to JavaScript mean nothing`, () => {
    const { claims } = decode(token('{"__proto__":{"polluted":true},"constructor":1,"toString":"x","code":"expired","reason":"y"}'));
    assert.equal({}.polluted, undefined);
    assert.equal(Object.getPrototypeOf(claims), Object.prototype);
    assert.deepEqual(Object.keys(claims), ["__proto__", "constructor", "toString", "code", "reason"]);
  });

  test(`${name}: half a character in a claim of somebody's own is carried as it is`, () => {
    assert.equal(decode(token('{"mine":"\\ud800"}')).claims.mine, "\ud800");
  });

  test(`${name}: no error holds a part of the token`, () => {
    for (const text of [`${token({ exp: "secret-secret" })}`, token({ secret: "secret-secret" }, { alg: "secret-alg", crit: [] })]) {
      for (const read of [decode, expiresAt]) {
        try {
          read(text);
        } catch (error) {
          const told = inspect(error, { depth: 9, showHidden: true });
          for (const part of [...text.split("."), "secret-secret", "secret-alg"]) assert.ok(!told.includes(part), told);
        }
      }
    }
  });
}
