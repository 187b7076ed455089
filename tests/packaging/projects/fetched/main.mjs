// Without the WebAssembly inside: the bundler puts it beside the script, and the page fetches it.

import { createGuard } from "hallpass/edge";
import { createSession } from "hallpass/session";
import * as hallpass from "hallpass/slim";
import url from "hallpass/verify.wasm?url";
import { exercise, report } from "./exercise.mjs";

hallpass.provide(await WebAssembly.compileStreaming(fetch(url)));
report(exercise({ ...hallpass, createGuard, createSession }));
