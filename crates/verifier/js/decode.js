// Where WebAssembly cannot be imported: it lies in a module, as text.

import hex from "./decode_hex.js";
import { wasm } from "./decode_wasm.js";
import { bytesOf } from "./hex.js";

wasm.provide(() => new WebAssembly.Module(bytesOf(hex)));

export * from "./decode_main.js";
