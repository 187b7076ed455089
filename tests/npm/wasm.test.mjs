// Where the WebAssembly cannot be had.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";
import { instantiate } from "../../crates/verifier/dist/decode_glue.js";
import { HallpassError } from "../../crates/verifier/dist/errors.js";
import { Wasm } from "../../crates/verifier/dist/wasm.js";

const BYTES = readFileSync(new URL("../../crates/verifier/dist/decode.wasm", import.meta.url));

function refusal(wasm) {
  try {
    wasm.call("decode", "x");
  } catch (error) {
    assert.ok(error instanceof HallpassError, String(error.stack));
    return error;
  }
  assert.fail("it was not refused");
}

function providedBy(thunk) {
  const wasm = new Wasm(instantiate);
  wasm.provide(thunk);
  return wasm;
}

const throws = (error) => () => {
  throw error;
};

// What the engines say under `script-src 'self'`.
const BY_POLICY = {
  Chrome: new WebAssembly.CompileError(
    "WebAssembly.Module(): Compiling or instantiating WebAssembly module violates the following Content Security policy " +
      `directive because 'unsafe-eval' is not an allowed source of script in the following CSP directive: "script-src 'self'"`,
  ),
  "Chrome, before": new WebAssembly.CompileError("WebAssembly.Module(): Wasm code generation disallowed by embedder"),
  Firefox: new WebAssembly.CompileError("call to WebAssembly.Module() blocked by CSP"),
  Safari: new EvalError(
    "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script",
  ),
};

for (const [engine, error] of Object.entries(BY_POLICY)) {
  test(`a policy that forbids WebAssembly is named: ${engine}`, () => {
    const blocked = refusal(providedBy(throws(error)));
    assert.equal(blocked.code, "wasm_blocked");
    assert.match(blocked.reason, /Content-Security-Policy.*'wasm-unsafe-eval'/);
    assert.equal(blocked.cause, error);
  });
}

test("a policy that forbids instances only is named as well", () => {
  const wasm = new Wasm(throws(BY_POLICY.Chrome));
  wasm.provide(new WebAssembly.Module(BYTES));
  assert.equal(refusal(wasm).code, "wasm_blocked");
});

test("an engine told not to compile WebAssembly blocks it", () => {
  const context = vm.createContext({ BYTES }, { codeGeneration: { wasm: false } });
  const blocked = refusal(providedBy(vm.runInContext("() => new WebAssembly.Module(BYTES)", context)));
  assert.equal(blocked.code, "wasm_blocked");
  assert.equal(blocked.cause.name, "CompileError");
});

test("what cannot be compiled, or not anywhere, is missing", () => {
  const wasm = providedBy(() => new WebAssembly.Module(BYTES.subarray(0, 100)));
  assert.equal(refusal(wasm).code, "wasm_missing");
  assert.equal(refusal(wasm).cause.name, "CompileError");
  const noWebAssembly = new ReferenceError("WebAssembly is not defined");
  assert.equal(refusal(providedBy(throws(noWebAssembly))).cause, noWebAssembly);
});

test("until it is provided it is missing", () => {
  const wasm = new Wasm(instantiate);
  assert.equal(refusal(wasm).code, "wasm_missing");
  assert.match(refusal(wasm).reason, /`provide`/);
  wasm.provide(new WebAssembly.Module(BYTES));
  assert.match(wasm.call("decode", "x"), /^\{"code":"malformed"/);
  assert.equal(wasm.generation, 1);
});

test("two instances of one module share nothing", () => {
  const module = new WebAssembly.Module(BYTES);
  const [one, other] = [instantiate(module), instantiate(module)];
  const token = `eyJhbGciOiJ4In0.${Buffer.from(JSON.stringify({ exp: 7 })).toString("base64url")}.`;
  for (let round = 0; round < 3; round += 1) for (const { expires_at } of [one, other]) assert.equal(expires_at(token), "7");
});
