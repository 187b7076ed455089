// Without the WebAssembly inside: a page fetches it and has it compiled while it arrives.

import { createGuard } from "./node_modules/hallpass/edge.js";
import { createSession } from "./node_modules/hallpass/session.js";
import * as hallpass from "./node_modules/hallpass/slim.js";
import { exercise, report } from "./exercise.mjs";

hallpass.provide(await WebAssembly.compileStreaming(fetch("node_modules/hallpass/verify.wasm")));
report(exercise({ ...hallpass, createGuard, createSession }));
