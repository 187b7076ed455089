import { instantiate } from "./decode_glue.js";
import { Wasm } from "./wasm.js";

/** The smaller binary, which reads tokens and checks no signature. */
export const wasm = new Wasm(instantiate);
