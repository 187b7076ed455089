// The files of the package as they are, served like any others.

import * as small from "./node_modules/hallpass/decode.js";
import { createGuard } from "./node_modules/hallpass/edge.js";
import * as hallpass from "./node_modules/hallpass/index.js";
import { createSession } from "./node_modules/hallpass/session.js";
import { exercise, exerciseDecode, report } from "./exercise.mjs";

exerciseDecode(small);
report(exercise({ ...hallpass, createGuard, createSession }));
