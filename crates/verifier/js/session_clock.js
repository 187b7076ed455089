// The issuer's time, as a page can know it.

/**
 * Tells how late it is at the issuer, at the latest. A machine's clock may be wrong by days, which `ahead` of the pair evens
 * out, and it may be set while a page is open: then the time since a pair was first seen here is what the steadier of two
 * clocks says. `performance.now` is never set, but stands still on some machines while they sleep.
 */
export class IssuerClock {
  #text;
  #then;
  #date;
  #steady;

  /** Milliseconds since the epoch, by the issuer's clock. */
  now({ text, pair }) {
    const date = Date.now();
    const steady = performance.now();
    if (this.#text !== text) {
      // Before it was signed a token cannot be: the clock was put back since it came.
      const then = Math.max(date + pair.ahead, (pair.since ?? 0) * 1000);
      [this.#text, this.#then, this.#date, this.#steady] = [text, then, date, steady];
    }
    return this.#then + Math.max(date - this.#date, steady - this.#steady);
  }

  /** Seconds for which the access token is good, at least. */
  left(kept) {
    return kept.pair.claims.exp - this.now(kept) / 1000;
  }
}
