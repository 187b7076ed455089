// Where no WebAssembly may be compiled, the import still succeeds, so that a page can say what is wrong.

import * as small from "./node_modules/hallpass/decode.js";
import * as hallpass from "./node_modules/hallpass/index.js";
import { refusals, report } from "./exercise.mjs";

report(Promise.all([refusals(hallpass), refusals(small)]).then(JSON.stringify));
