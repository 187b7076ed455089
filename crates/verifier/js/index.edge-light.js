import module from "./verify.wasm?module";
import { wasm } from "./verify_wasm.js";

wasm.provide(module);

export * from "./main.js";
