// A Worker that tells what it hears from every call.

import * as hallpass from "hallpass";
import * as small from "hallpass/decode";
import { refusals } from "./exercise.mjs";

export default {
  async fetch() {
    return Response.json([await refusals(hallpass), await refusals(small)]);
  },
};
