// Refreshing before it is needed, while somebody looks at the page.

/** A timer of a page that sleeps or whose clock was set is late, so it looks again at least so often. */
const LOOK_MS = 60_000;

/** What was in vain is tried again later and later, in seconds. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1, 60];

/** What a page may have slept through, or waited for. */
const WAKING = [
  ["document", "visibilitychange"],
  ["window", "pageshow"],
  ["window", "online"],
];

/**
 * A page that nobody looks at refreshes when it needs a token and not before: else every forgotten tab would keep its session
 * alive for ever. On a server there is no page, and nothing happens.
 */
export class AheadOfTime {
  #secondsUntilDue;
  #renew;
  #timer;
  #pause = 0;
  #busy = false;
  #asleep = new AbortController();

  /** `secondsUntilDue()` is undefined while there is nothing to refresh. */
  constructor({ secondsUntilDue, renew }) {
    this.#secondsUntilDue = secondsUntilDue;
    this.#renew = renew;
    if (typeof document === "undefined") return this.close();
    for (const [target, type] of WAKING) {
      globalThis[target].addEventListener(type, () => this.#wake(), { signal: this.#asleep.signal });
    }
    this.again();
  }

  /** Reckons anew, since another pair is kept. */
  again() {
    clearTimeout(this.#timer);
    if (this.#asleep.signal.aborted || this.#busy || document.visibilityState !== "visible") return;
    const seconds = this.#secondsUntilDue();
    if (seconds === undefined) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(seconds, this.#pause) * 1000, LOOK_MS));
  }

  close() {
    this.#asleep.abort();
    clearTimeout(this.#timer);
  }

  #wake() {
    this.#pause = 0;
    this.again();
  }

  async #look() {
    if (!(this.#secondsUntilDue() <= 0)) return this.again();
    this.#busy = true;
    try {
      await this.#renew();
    } catch {
      // Whoever needs a token is told; here it is only tried again. A session that has ended is not due any more.
    }
    // Also after a success: a token may live so short, or have come so late, that it is due at once.
    const inVain = this.#secondsUntilDue() <= 0;
    this.#pause = inVain ? Math.min(Math.max(FIRST_PAUSE, this.#pause * 2), LONGEST_PAUSE) : 0;
    this.#busy = false;
    this.again();
  }
}
