// WebAssembly that stops half-way leaves its memory in an unknown state, its stack pointer for one: nothing may be asked of
// that instance again, and whoever asks next must not notice.

import assert from "node:assert/strict";
import test from "node:test";
import { decode, HallpassError } from "../../crates/verifier/dist/decode.js";
import { wasm } from "../../crates/verifier/dist/decode_wasm.js";
import { Wasm } from "../../crates/verifier/dist/wasm.js";
import { signToken } from "../support/token.mjs";

// The magic number and the version.
const EMPTY = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

// Reading what is nested takes more stack than an error does, so there is a place where only the error fits.
const nested = (depth) => (depth === 0 ? "the innermost" : [nested(depth - 1)]);
const CLAIMS = { exp: 1_900_000_000, nested: nested(110), last: "u7" };
const TOKEN = signToken(CLAIMS, "a shared secret of some 32 bytes");

test("whatever is thrown out of WebAssembly is a trap", () => {
  const broken = new Wasm(() => ({ decode: () => decode(Symbol("no token")) }));
  broken.provide(new WebAssembly.Module(EMPTY));
  assert.throws(() => broken.call("decode"), { name: "HallpassError", code: "wasm_trapped" });
  assert.throws(() => broken.call("decode"), { name: "HallpassError", code: "wasm_trapped" });
  assert.equal(broken.generation, 2);
});

/** Exhausts the stack, and calls `attempt` with ever more of it left, `times` times. */
function atTheEndOfTheStack(attempt, times) {
  // What was never called is compiled at its first call, and that takes more stack than all of it.
  attempt();
  let left = times;
  (function descend() {
    try {
      descend();
    } catch {
      // Here it ends.
    }
    if (left > 0) {
      left -= 1;
      attempt();
    }
  })();
  return times - left;
}

test("at the end of the stack every call works or says that it trapped, and the next one works", () => {
  decode(TOKEN);
  const before = wasm.generation;
  const wrong = [];
  let worked = 0;
  let trapped = 0;
  const attempts = atTheEndOfTheStack(() => {
    try {
      const { claims } = decode(TOKEN);
      if (claims.last === "u7") worked += 1;
      else wrong.push(claims);
    } catch (error) {
      if (error instanceof HallpassError && error.code === "wasm_trapped") trapped += 1;
      // JavaScript itself had no stack left, before or after.
      else if (!(error instanceof RangeError)) wrong.push(error);
    }
  }, 2_000);
  assert.deepEqual(wrong, []);
  assert.equal(attempts, 2_000);
  assert.ok(trapped > 0, "no call trapped");
  assert.ok(worked > 0, "no call worked");
  assert.ok(wasm.generation > before, "no instance was dropped");
  assert.deepEqual(decode(TOKEN).claims, CLAIMS);
});

test("a refusal costs no instance", () => {
  decode(TOKEN);
  const before = wasm.generation;
  for (let round = 0; round < 100; round += 1) assert.throws(() => decode("x"), { code: "malformed" });
  assert.deepEqual(decode(TOKEN).claims, CLAIMS);
  assert.equal(wasm.generation, before);
});

test("what trapped says what happened and holds nothing of the token", () => {
  const causes = [];
  atTheEndOfTheStack(() => {
    try {
      decode(TOKEN);
    } catch (error) {
      if (error.code === "wasm_trapped") causes.push(error.cause);
    }
  }, 2_000);
  assert.ok(causes.every((cause) => cause instanceof RangeError));
  // The glue around it may have had no stack either.
  assert.ok(causes.some(({ stack }) => stack.includes("wasm-function")), "no call trapped within WebAssembly");
  for (const part of TOKEN.split(".")) assert.ok(!causes.some(({ stack }) => stack.includes(part)));
});
