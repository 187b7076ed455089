// Where WebAssembly cannot be imported: it lies in a module, as text.

import hex from "./verify_hex.js";
import { wasm } from "./verify_wasm.js";
import { bytesOf } from "./hex.js";

wasm.provide(() => new WebAssembly.Module(bytesOf(hex)));

export * from "./main.js";
