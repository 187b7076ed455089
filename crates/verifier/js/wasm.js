import { HallpassError } from "./errors.js";

/**
 * One of the package's two WebAssembly binaries. Whatever is thrown out of it leaves its memory in an unknown state, so the
 * instance is dropped then, and the next call gets a new one of the same module.
 */
export class Wasm {
  #instantiate;
  #module;
  #absent = new HallpassError(
    "wasm_missing",
    "no WebAssembly was provided: `hallpass/slim` has none inside, call its `provide` first",
  );
  #instance;

  /** How many instances are gone, and with them what was put into them. */
  generation = 0;

  constructor(instantiate) {
    this.#instantiate = instantiate;
  }

  /** Takes a `WebAssembly.Module`, or a function that makes one. That it may not be made is told to who calls, not here. */
  provide(module) {
    try {
      this.#module = typeof module === "function" ? module() : module;
    } catch (error) {
      this.#absent = isForbidden(error) ? blocked(error) : new HallpassError("wasm_missing", NOT_COMPILED, { cause: error });
    }
  }

  /** The text that a function of the binary answers. */
  call(name, ...args) {
    const instance = this.#instance ?? this.#start();
    try {
      return instance[name](...args);
    } catch (error) {
      this.#instance = undefined;
      this.generation += 1;
      throw trapped(error);
    }
  }

  #start() {
    if (this.#module === undefined) throw again(this.#absent);
    try {
      this.#instance = this.#instantiate(this.#module);
    } catch (error) {
      throw isForbidden(error) ? blocked(error) : trapped(error);
    }
    return this.#instance;
  }
}

const NOT_COMPILED = "the WebAssembly could not be compiled here";

const trapped = (cause) =>
  new HallpassError("wasm_trapped", "the WebAssembly stopped half-way, as when the stack or memory is used up", { cause });

const blocked = (cause) =>
  new HallpassError(
    "wasm_blocked",
    "WebAssembly may not be compiled here: a page's Content-Security-Policy has to allow 'wasm-unsafe-eval' in script-src, " +
      "and a Worker has to be bundled with the condition `workerd` or `edge-light`",
    { cause },
  );

// Chrome and Firefox throw a CompileError that names the policy, Safari an EvalError, a Worker one that names the embedder.
function isForbidden(error) {
  return (
    error instanceof EvalError ||
    (error instanceof WebAssembly.CompileError && /content security policy|\bCSP\b|unsafe-eval|disallowed/i.test(error.message))
  );
}

// A stack trace of where the module was provided helps nobody.
const again = ({ code, reason, cause }) => new HallpassError(code, reason, { cause });
