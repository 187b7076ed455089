import module from "./decode.wasm?module";
import { wasm } from "./decode_wasm.js";

wasm.provide(module);

export * from "./decode_main.js";
