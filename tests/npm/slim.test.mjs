// `hallpass/slim`, which has no WebAssembly inside.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { decode, HallpassError, provide } from "../../crates/verifier/dist/slim.js";
import { signToken } from "../support/token.mjs";

const BYTES = readFileSync(new URL("../../crates/verifier/dist/verify.wasm", import.meta.url));
const TOKEN = signToken({ exp: 1_900_000_000 }, "a shared secret of some 32 bytes");

const missing = (error) => error instanceof HallpassError && error.code === "wasm_missing";

test("it takes its WebAssembly as bytes and as a module, and says so until then", () => {
  assert.throws(() => decode(TOKEN), missing);
  provide(new Uint8Array([0, 1, 2]));
  assert.throws(() => decode(TOKEN), missing);
  provide(BYTES);
  assert.deepEqual(decode(TOKEN).claims, { exp: 1_900_000_000 });
  provide(BYTES.buffer.slice(BYTES.byteOffset, BYTES.byteOffset + BYTES.length));
  provide(new WebAssembly.Module(BYTES));
  assert.deepEqual(decode(TOKEN).claims, { exp: 1_900_000_000 });
});
