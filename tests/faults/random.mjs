// Chance that can be repeated: the same seed, the same choices.

/** `SEED` of the environment, or one that nobody has used yet. */
export const chosenSeed = () => Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to under 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`. */
  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of a list; undefined of an empty one. */
  of(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of the names, each as often as its weight says: `{ often: 9, seldom: 1 }`. */
  weighted(weights) {
    let left = this.next() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    return Object.keys(weights).find((name) => (left -= weights[name]) < 0) ?? Object.keys(weights)[0];
  }
}
