// The Worker that is measured. Its clock stands still during a request, so whoever asks has the watch:
// `?group=0&subject=jose%20jwtVerify&times=1000` does that and answers nothing; without a question it tells what there is.

import { Verifier, decode } from "hallpass";
import { decode as decodeOnly } from "hallpass/decode";
import { groupsOf } from "./groups.mjs";
import { repeat } from "./repeat.mjs";

let groups;

export default {
  async fetch(request, { CASES }) {
    try {
      // Not at import: there the clock stands at 0, and nothing random is to be had.
      groups ??= await groupsOf(CASES, { Verifier, decode, decodeOnly });
      const asked = new URL(request.url).searchParams;
      if (!asked.has("group")) return Response.json(groups.map(told));
      const { subjects, tokens } = groups[asked.get("group")];
      const subject = subjects.find(({ name }) => name === asked.get("subject"));
      await repeat(subject, tokens, Number(asked.get("times")));
      return new Response(null, { status: 204 });
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};

const told = ({ title, algorithm, subjects, unable }) => ({ title, algorithm, names: subjects.map(({ name }) => name), unable });
