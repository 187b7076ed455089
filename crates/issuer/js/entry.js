// What the runtime loads: the Worker's entry and its objects, each a class of JavaScript around one of Rust's.
//
// `rust` is what worker-build makes of the crate. Its classes start WebAssembly anew after a panic, but objects are asked by RPC, which
// the runtime allows on real subclasses of DurableObject alone; and its entry makes four objects and proxies for a request, which cost
// more than the smallest answers.

import { DurableObject } from "cloudflare:workers";
import Worker, * as rust from "rust";

const state = globalThis.__worker_init_state;
const { fetch } = Worker.prototype;

export default {
  fetch(request, env, ctx) {
    // After a panic nothing can be said of what is in memory. Making one of its own begins anew.
    if (state.criticalError) new Worker(ctx, env);
    return fetch.call({ env, ctx }, request);
  },
};

const around = (name) =>
  class extends DurableObject {
    #object;

    constructor(ctx, env) {
      super(ctx, env);
      this.#object = new rust[name](ctx, env);
    }

    /** Carries out a command: a text, as its answer is. */
    ask(command) {
      return this.#object.ask(command);
    }

    alarm() {
      return this.#object.alarm();
    }
  };

export const SubjectObject = around("SubjectObject");
export const AccountObject = around("AccountObject");
export const KeyringObject = around("KeyringObject");
export const DirectoryObject = around("DirectoryObject");
