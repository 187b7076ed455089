// Without the WebAssembly inside: Node.js reads it from the package's folder.

import { readFile } from "node:fs/promises";
import { createGuard } from "hallpass/edge";
import { createSession } from "hallpass/session";
import * as hallpass from "hallpass/slim";
import { exercise, report } from "./exercise.mjs";

const missing = () => {
  try {
    return hallpass.decode("");
  } catch (error) {
    return error.code;
  }
};
if (missing() !== "wasm_missing") throw new Error(`there is WebAssembly already: ${missing()}`);
hallpass.provide(await readFile(new URL(import.meta.resolve("hallpass/verify.wasm"))));
report(exercise({ ...hallpass, createGuard, createSession }));
