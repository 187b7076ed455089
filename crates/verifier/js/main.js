// What `hallpass` and `hallpass/slim` export, wherever the WebAssembly comes from.

import { decodingBy } from "./decoding.js";
import { wasm } from "./verify_wasm.js";

export { HallpassError } from "./errors.js";

export { Verifier } from "./verifier.js";

export const { decode, expiresAt, isExpired, secondsLeft } = decodingBy(wasm);
