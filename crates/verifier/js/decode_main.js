// What `hallpass/decode` exports, wherever its WebAssembly comes from.

import { wasm } from "./decode_wasm.js";
import { decodingBy } from "./decoding.js";

export { HallpassError } from "./errors.js";

export const { decode, expiresAt, isExpired, secondsLeft } = decodingBy(wasm);
