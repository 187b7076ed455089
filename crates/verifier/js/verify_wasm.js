import { instantiate } from "./verify_glue.js";
import { Wasm } from "./wasm.js";

/** The binary with everything in it. */
export const wasm = new Wasm(instantiate);
