// As an application in CommonJS.

const hallpass = require("hallpass");
const small = require("hallpass/decode");
const { createGuard } = require("hallpass/edge");
const { createSession } = require("hallpass/session");
const { exercise, exerciseDecode, report } = require("./exercise.mjs");

exerciseDecode(small);
report(exercise({ ...hallpass, createGuard, createSession }));
