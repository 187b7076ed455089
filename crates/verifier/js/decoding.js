// What can be had of a token without any key.

import { read } from "./answer.js";
import { HallpassError } from "./errors.js";

// One more character than the longest token that is looked at: longer ones need not be copied to hear that they are too long.
const ENOUGH = 64 * 1024 + 1;

/** The four functions, by one of the binaries. */
export function decodingBy(wasm) {
  const secondsLeft = (token, options) => {
    const { now = Date.now() / 1000, leeway = 0 } = options ?? {};
    return read(wasm.call("seconds_left", text(token), seconds("now", now), seconds("leeway", leeway)));
  };
  return {
    decode(token) {
      const [header, claims] = read(wasm.call("decode", text(token)));
      return { header, claims };
    },
    expiresAt: (token) => read(wasm.call("expires_at", text(token))),
    isExpired: (token, options) => secondsLeft(token, options) === 0,
    secondsLeft,
  };
}

/** A token as the binary takes it. */
export function text(token) {
  if (typeof token !== "string") throw new HallpassError("malformed", "it is not a string");
  return token.length > ENOUGH ? token.slice(0, ENOUGH) : token;
}

// WebAssembly would make a number of anything.
function seconds(name, value) {
  if (typeof value !== "number") throw new HallpassError("bad_option", `\`${name}\` takes a number of seconds`);
  return value;
}
