// The exchange of a pair for the next one: once, whichever page asks.

import { endText, keptIn, pairText, sameSession } from "./session_kept.js";
import { alone } from "./session_lock.js";

/**
 * For how long a page that found its refresh token spent waits for the pair that another one got for it. The issuer takes the
 * token for a lost race about as long; presented after that it ends the session. So where a request may take longer than that,
 * it waits as long: the winner's answer may be on its way.
 */
const RACE_MS = 10_000;
const POLL_MS = 200;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * What is kept is the truth, for all pages; nobody has a copy that could be older. A refresh is:
 *
 * 1. Wait for the lock, but not for ever.
 * 2. Read what is kept. Other than what was to be exchanged: another page was quicker, or has signed out. Done.
 * 3. Ask the issuer.
 * 4. Read again. It is other than in step 2, so what the issuer answered comes too late: see `#discard`.
 * 5. By what the answer means:
 *
 * | meaning | what is kept then |
 * |---|---|
 * | renewed | the new pair |
 * | ended | that it has, and why |
 * | renewed, by a cookie that is another session's by now | that it has: `replaced` |
 * | unknown | what was; whoever asked is told the error |
 * | lost, the first time | what was. After the lock is free, wait for the pair that the winner keeps, then begin again |
 * | lost, the second time | that it has ended: nobody here has the pair that the token was spent for |
 */
export class Renewal {
  #storage;
  #issuer;
  #changed;
  /** What the issuer was asked for in vain: its token may have been spent for an answer that did not come. */
  #unanswered;
  /** What is on its way, by the text that is being exchanged. */
  #flights = new Map();

  /** `changed()` is called after each write. */
  constructor({ storage, issuer, changed }) {
    this.#storage = storage;
    this.#issuer = issuer;
    this.#changed = changed;
  }

  /**
   * Exchanges the pair that is kept as `text`. Resolves when something else is kept; rejects when nobody knows.
   *
   * @throws {SessionError} `issuer_unreachable`
   */
  of(text) {
    if (!this.#flights.has(text)) this.#flights.set(text, this.#renew(text).finally(() => this.#flights.delete(text)));
    return this.#flights.get(text);
  }

  async #renew(text) {
    const once = (last) => alone(this.#storage.sharedAs, () => this.#exchange(text, last));
    if ((await once(false)) !== "lost") return;
    await this.#otherThan(text);
    await once(true);
  }

  /** Steps 2 to 5; "lost" if it was lost and that is not the last word. */
  async #exchange(text, last) {
    if (this.#storage.read() !== text) return;
    const before = keptIn(text);
    const askedAt = Date.now();
    const meaning = ofSession(before.pair, await this.#issuer.exchange(before.pair.refresh));
    if (this.#storage.read() !== text) return this.#discard(before, meaning);
    const again = last || this.#unanswered === text;
    if (meaning.kind === "lost" || meaning.kind === "unknown") this.#unanswered = text;
    if (meaning.kind === "lost" && !last) return "lost";
    if (meaning.kind === "unknown") throw meaning.error;
    this.#storage.write(meaning.kind === "renewed" ? pairText(meaning.pair, askedAt, before.pair) : endText(endOf(meaning, again)));
    this.#changed();
  }

  /**
   * A pair that nobody waits for any more. If somebody has signed out, or in again, it belongs to a session that is to end, and
   * signing out may have come before the issuer made it. If there is a newer pair of the same session, it must not.
   */
  #discard(before, { kind, pair }) {
    if (kind !== "renewed") return;
    const now = keptIn(this.#storage.read());
    // Of another issuer's token that was taken over, only what it was exchanged for tells the session.
    const late = keptIn(pairText(pair));
    if (now.pair && [before, late].some((one) => sameSession(now.pair, one.pair))) return;
    // Nobody waits for this either; if it fails, a pair is left that nobody has.
    void this.#issuer.giveBack(late.pair).catch(() => {});
  }

  /** Waits until something else is kept than `text`, or no winner will come any more. */
  async #otherThan(text) {
    const patience = Math.max(RACE_MS, this.#issuer.seconds * 1000);
    // A browser wakes a hidden page once a minute, which is no reason to look fifty times.
    const until = performance.now() + patience;
    for (let waited = 0; waited < patience && performance.now() < until; waited += POLL_MS) {
      if (this.#storage.read() !== text) return;
      await pause(POLL_MS);
    }
  }
}

/** A host has one cookie: another front end on this site may have signed somebody else in, whose session is not for this one. */
function ofSession(before, meaning) {
  const isOther = before.refresh === null && meaning.kind === "renewed" && !sameSession(before, keptIn(pairText(meaning.pair)).pair);
  return isOther ? { kind: "ended", reason: "replaced" } : meaning;
}

/** Who presents a token again that was spent is told of a reuse, which was this. */
const endOf = ({ kind, reason }, again) => (kind === "lost" || (again && reason === "reuse") ? "lost" : reason);
