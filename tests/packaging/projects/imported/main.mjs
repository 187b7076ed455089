// As an application: `import`, and everything is there.

import { decode, expiresAt, HallpassError, isExpired, secondsLeft, Verifier } from "hallpass";
import * as small from "hallpass/decode";
import { createGuard } from "hallpass/edge";
import { createSession } from "hallpass/session";
import { exercise, exerciseDecode, report } from "./exercise.mjs";

// Nothing is awaited before.
exerciseDecode(small);
report(exercise({ decode, expiresAt, HallpassError, isExpired, secondsLeft, Verifier, createGuard, createSession }));
