import module from "./verify.wasm";
import { wasm } from "./verify_wasm.js";

wasm.provide(module);

export * from "./main.js";
