import { HallpassError } from "./errors.js";

/**
 * One of the package's two WebAssembly binaries. Whatever is thrown out of it leaves its memory in an unknown state, so the
 * instance is dropped then, and the next call gets a new one of the same module.
 */
export class Wasm {
  #instantiate;
  #module;
  #absent = { code: "wasm_missing", reason: "`hallpass/slim` has no WebAssembly inside: call its `provide` first" };
  #instance;

  /** How many instances there have been: what was put into an earlier one is gone. */
  generation = 0;

  constructor(instantiate) {
    this.#instantiate = instantiate;
  }

  /** Takes a `WebAssembly.Module`, or a function that makes one. If it cannot, those who call are told, not who imports. */
  provide(module) {
    try {
      this.#module = typeof module === "function" ? module() : module;
    } catch (cause) {
      const missing = { code: "wasm_missing", reason: "the WebAssembly could not be compiled" };
      this.#absent = { ...(isForbidden(cause) ? BLOCKED : missing), cause };
    }
  }

  /** The text that a function of the binary answers. */
  call(name, ...args) {
    const instance = this.#instance ?? this.#start();
    try {
      return instance[name](...args);
    } catch (cause) {
      this.#instance = undefined;
      throw error(TRAPPED, cause);
    }
  }

  #start() {
    if (this.#module === undefined) throw error(this.#absent, this.#absent.cause);
    try {
      this.#instance = this.#instantiate(this.#module);
    } catch (cause) {
      throw error(isForbidden(cause) ? BLOCKED : TRAPPED, cause);
    }
    this.generation += 1;
    return this.#instance;
  }
}

const TRAPPED = { code: "wasm_trapped", reason: "the WebAssembly stopped half-way: no stack or memory was left" };

const BLOCKED = {
  code: "wasm_blocked",
  reason:
    "WebAssembly may not be compiled here: the Content-Security-Policy lacks 'wasm-unsafe-eval', " +
    "or the Worker's bundler the condition `workerd`",
};

const error = ({ code, reason }, cause) => new HallpassError(code, reason, { cause });

// Chrome and Firefox throw a CompileError that names the policy, Safari an EvalError, and workerd names itself the embedder.
const isForbidden = ({ name, message }) =>
  name === "EvalError" || (name === "CompileError" && /content.security.policy|CSP|unsafe-eval|embedder/i.test(message));
