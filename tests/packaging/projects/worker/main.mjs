// As another Worker that checks tokens.

import * as hallpass from "hallpass";
import * as small from "hallpass/decode";
import { createGuard } from "hallpass/edge";
import { createSession } from "hallpass/session";
import { exercise, exerciseDecode } from "./exercise.mjs";
import { HS256 } from "./rfc7515.mjs";

// Already while it starts, when its clock stands at 0.
const early = hallpass.decode(HS256).claims.iss + small.expiresAt(HS256);

export default {
  async fetch() {
    try {
      exerciseDecode(small);
      return new Response(`${early} ${await exercise({ ...hallpass, createGuard, createSession })}`);
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
