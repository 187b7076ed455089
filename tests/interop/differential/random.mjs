// Chance that comes again: everything drawn follows from a seed and a number.

/** Draws for the `nth` thing of a seed: mulberry32, which is small and good enough to spread tests. */
export function randomOf(seed, nth) {
  let state = (Math.imul(nth + 1, 0x9e3779b1) ^ seed) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  // The first draws of neighbours are alike.
  for (let warm = 0; warm < 4; warm += 1) next();
  const below = (end) => next() % end;
  return {
    below,
    between: (first, last) => first + below(last - first + 1),
    chance: (percent) => below(100) < percent,
    pick: (list) => list[below(list.length)],
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}

/** HALLPASS_SEED, or always the same. */
export const seedOf = (usual, env = process.env) => (env.HALLPASS_SEED ? Number(env.HALLPASS_SEED) >>> 0 : usual);
