// `hallpass` without its WebAssembly, for those who load `hallpass/verify.wasm` themselves.

import { wasm } from "./verify_wasm.js";

export * from "./main.js";

export function provide(module) {
  wasm.provide(ArrayBuffer.isView(module) || module instanceof ArrayBuffer ? () => new WebAssembly.Module(module) : module);
}
