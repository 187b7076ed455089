// The verifiers that WebAssembly knows.
//
// It is told of each when it is made, and nobody tells it when one is needed no more: a program that makes one for every
// request would fill its memory. So the oldest gives way, and is opened anew should it be used again after all. (Not every
// runtime has finalizers, and none promises to run them.)

import { read } from "./answer.js";
import { wasm } from "./verify_wasm.js";

const AT_MOST = 256;
const known = [];

class Opened {
  #generation = wasm.generation;
  #gaveWay = false;

  constructor(number) {
    this.number = number;
  }

  /** After a trap there is another instance, which knows nothing of it and has given its number to another. */
  get isOpen() {
    return this.#generation === wasm.generation && !this.#gaveWay;
  }

  giveWay() {
    if (this.isOpen) wasm.call("close", this.number);
    this.#gaveWay = true;
  }
}

/** Opens a verifier. */
export function opened(rules, secret) {
  const one = new Opened(read(wasm.call("open", JSON.stringify(rules), secret)));
  known.push(one);
  if (known.length > AT_MOST) known.shift().giveWay();
  return one;
}
