// What happens when WebAssembly stops half-way.

import assert from "node:assert/strict";
import test from "node:test";
import binaryen from "binaryen";
import { createHmac } from "node:crypto";
import { HallpassError } from "../../crates/verifier/dist/errors.js";
import { Wasm } from "../../crates/verifier/dist/wasm.js";
import { wasm } from "../../crates/verifier/dist/verify_wasm.js";
import { instantiate } from "../../crates/verifier/dist/decode_glue.js";
import { decode, Verifier } from "../../crates/verifier/dist/index.js";

const SECRET = "a shared secret of at least thirty-two bytes";
const NOW = 1_800_000_000;
const encoded = (value) => Buffer.from(value).toString("base64url");
const signed = (claims) => {
  const input = `${encoded('{"alg":"HS256"}')}.${encoded(JSON.stringify(claims))}`;
  return `${input}.${createHmac("sha256", SECRET).update(input).digest("base64url")}`;
};
const TOKEN = signed({ sub: "u7", exp: NOW + 300, deep: JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`) });

/** Calls `act` at many depths, from the very end of the stack upwards. */
function nearTheEndOfTheStack(act) {
  let frames = 0;
  const descend = () => {
    try {
      descend();
    } catch {
      // The end.
    }
    frames += 1;
    if (frames > 1000) return;
    try {
      act();
    } catch {
      // No stack for even that.
    }
  };
  descend();
}

test("wherever the stack ends a call works or fails as a whole, and the next one works", () => {
  const outcomes = new Set();
  nearTheEndOfTheStack(() => {
    try {
      outcomes.add(decode(TOKEN).claims.sub);
    } catch (error) {
      // Where there is no stack for an error of ours it is the engine's own.
      outcomes.add(error instanceof HallpassError ? error.code : error.name);
    }
  });
  for (const outcome of outcomes) assert.ok(["wasm_trapped", "RangeError", "u7"].includes(outcome), outcome);
  for (let n = 0; n < 3; n += 1) assert.equal(decode(TOKEN).claims.sub, "u7");
});

test("a trap is one coded error, and the next call gets another instance", () => {
  // Like the package's own, but it stops at a text of three bytes, and answers any other with itself.
  const module = binaryen.parseText(`(module
    (memory (export "memory") 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "__wbindgen_malloc") (param i32 i32) (result i32) (i32.const 16))
    (func (export "__wbindgen_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
    (func (export "__wbindgen_free") (param i32 i32 i32))
    (func (export "__wbindgen_start"))
    (func (export "decode") (param $ptr i32) (param $len i32) (result i32 i32)
      (if (i32.eq (local.get $len) (i32.const 3)) (then (unreachable)))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store8 (local.get $ptr) (i32.add (global.get $calls) (i32.const 48)))
      (tuple.make 2 (local.get $ptr) (local.get $len))))`);
  module.setFeatures(binaryen.Features.All);
  const counting = new Wasm(instantiate);
  counting.provide(new WebAssembly.Module(module.emitBinary()));
  assert.deepEqual([counting.call("decode", "?"), counting.call("decode", "?")], ["1", "2"]);
  assert.throws(() => counting.call("decode", "???"), (error) => {
    assert.equal(error.code, "wasm_trapped");
    assert.ok(error.cause instanceof WebAssembly.RuntimeError);
    return true;
  });
  assert.equal(counting.generation, 1);
  assert.equal(counting.call("decode", "?"), "1", "a new instance counts anew");
});

test("a verifier of before a trap is not mistaken for one of after it", () => {
  const [one, two] = ["one", "two"].map((name) => new Verifier({ secret: SECRET, issuer: name, now: () => NOW }));
  const of = (iss) => signed({ sub: iss, iss, exp: NOW + 300 });
  assert.equal(one.verifySync(of("one")).claims.sub, "one");
  // Thrown while the call is under way, as a trap is.
  const throwing = {
    valueOf() {
      throw new Error("half-way");
    },
  };
  assert.throws(() => wasm.call("seconds_left", TOKEN, throwing, 0), { code: "wasm_trapped" });
  // The other is opened first in the new instance.
  assert.equal(two.verifySync(of("two")).claims.sub, "two");
  assert.equal(one.verifySync(of("one")).claims.sub, "one");
  assert.throws(() => one.verifySync(of("two")), { code: "wrong_issuer" });
});

test("another module than the package's own does not start", async () => {
  const empty = new Wasm(instantiate);
  empty.provide(await WebAssembly.compile(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])));
  assert.throws(() => empty.call("decode", TOKEN), (error) => error instanceof HallpassError && error.code.startsWith("wasm_"));
});
