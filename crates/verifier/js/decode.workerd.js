import module from "./decode.wasm";
import { wasm } from "./decode_wasm.js";

wasm.provide(module);

export * from "./decode_main.js";
