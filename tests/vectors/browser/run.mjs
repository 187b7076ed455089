// The vectors, read by the built package in a browser: `outcomesOf` tells what came of them, by name.

import { HallpassError, Verifier } from "../../../crates/verifier/dist/index.js";
import { judge, seen } from "../judge.mjs";

globalThis.outcomesOf = async (chapters) => {
  const outcomes = {};
  for (const chapter of chapters) {
    const vectors = await (await fetch(`../${chapter}.json`)).json();
    for (const vector of vectors) {
      const outcome = judge(vector, { Verifier, HallpassError });
      outcomes[vector.name] = await outcome.then((outcome) => seen(outcome, vector), (error) => ({ thrown: String(error) }));
    }
  }
  return outcomes;
};
