// Has every judge judge the same tokens.

import { openRust } from "../peers/jsonwebtoken.mjs";
import { PARTIES } from "./drafts.mjs";
import { demandsOf, inRust, jose, ours } from "./judges.mjs";
import { mutated } from "./mutate.mjs";

// Enough to keep two processors busy, few enough to be held in memory.
const AT_ONCE = 2000;

/** Calls `each` with `{ nth, token, algorithm, leeway, ours, jose, core, jsonwebtoken }` of the first `count` tokens of a seed. */
export async function runDifferential(seed, count, each) {
  const rust = openRust();
  const benches = new Map();
  const benchFor = ({ algorithm, demanding }) => {
    const name = `${algorithm} ${demanding}`;
    if (!benches.has(name)) benches.set(name, bench(rust, PARTIES[algorithm], demandsOf(demanding)));
    return benches.get(name);
  };
  try {
    for (let first = 0; first < count; first += AT_ONCE) {
      const tokens = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => mutated(seed, first + at));
      const judged = await Promise.all([...Map.groupBy(tokens, benchFor)].map(([judge, tokens]) => judge(tokens)));
      for (const verdicts of judged.flat()) each(verdicts);
    }
  } finally {
    rust.close();
  }
}

/** All judges of one key and of one set of demands. */
function bench(rust, key, demands) {
  const [we, they, inBatches] = [ours(key, demands), jose(key, demands), inRust(rust, key, demands)];
  return async (tokens) => {
    const texts = tokens.map(({ token }) => token);
    const all = (judge) => Promise.all(texts.map(judge));
    const [weSay, theySay, rustSays] = await Promise.all([all(we), all(they), inBatches(texts)]);
    return tokens.map(({ nth, token, algorithm }, at) => {
      const [core, jsonwebtoken] = rustSays[at].map((said) => said !== null && { said });
      return { nth, token, algorithm, leeway: demands.leeway ?? 0, ours: weSay[at], jose: theySay[at], core, jsonwebtoken };
    });
  };
}
