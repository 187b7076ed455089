// The JWK set of an issuer, asked for when it is needed and no more often than that.

import { lifetime } from "./cache_control.js";
import { HallpassError } from "./errors.js";
import { explained } from "./explained.js";
import { requestSet } from "./jwks_request.js";
import { remoteOptions } from "./remote_options.js";

/** How often those who wait for another call's fetch look whether it has ended. */
const POLL_MS = 10;
/** How much longer than its timeout allows a fetch is believed to be under way. */
const GRACE_MS = 250;
/** What has failed is not tried again sooner, so that nobody hammers an issuer that is down. */
const RETRY_MS = 1000;

/** How long a kid that a fetch did not bring is not asked for, how many such kids are remembered, and up to which length. */
const MISSING_MS = 120_000;
const MOST_MISSING = 100;
const LONGEST_KID = 256;

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

/**
 * What calls share is plain data, and never a promise. On workerd a promise belongs to the request that made it, as I/O does:
 * when that request is cancelled, whoever else awaits its promise waits for ever, and at old compatibility dates the rest of
 * the other request runs on behalf of the first. So everybody else looks at the data from time to time, with timers of their
 * own; and as a cancelled request does not even run its `finally`, a fetch that is not back in time is no longer believed in.
 */
export class RemoteJwks {
  #url;
  #fetch;
  #cacheSeconds;
  #cooldownMs;
  #timeoutSeconds;
  #staleMs;
  #accept;
  #clock;

  /** The set, when it came, and for how long it is fresh. */
  #text;
  #cameAt = -Infinity;
  #lifetimeMs = 0;
  /** Since when a fetch is under way, in real time, as its timeout is: `{ since }`. */
  #flight;
  /** How the last fetch ended: `{ at, failure }`; an object of its own each time, so that it can be told from the one before. */
  #end = { at: -Infinity };
  /** When which kid was not brought by a fetch, in the order in which that was first so. */
  #missing = new Map();

  /** @throws {HallpassError} `bad_option` */
  constructor(options, { accept, clock = Date.now }) {
    const { url, fetch, cacheSeconds, cooldownSeconds, timeoutSeconds, staleSeconds } = remoteOptions(options);
    this.#url = url;
    this.#fetch = fetch;
    this.#cacheSeconds = cacheSeconds;
    this.#cooldownMs = cooldownSeconds * 1000;
    this.#timeoutSeconds = timeoutSeconds;
    this.#staleMs = staleSeconds * 1000;
    this.#accept = accept;
    this.#clock = clock;
  }

  /** Whether there is a set to use without waiting: fresh, or outdated while a newer one is asked for or could not be had. */
  get available() {
    return this.#age < this.#lifetimeMs || (this.#usable && (this.#underWay || this.#heldBack));
  }

  /** Resolves when there is a set to use. */
  async ready() {
    const before = this.#end;
    while (!this.available) {
      if (this.#underWay) await pause();
      else if (this.#end === before && !this.#heldBack) await this.#refetch();
      else return this.#settle();
    }
  }

  /** Looks for a newer set because a token names a kid that the present one has not; resolves to whether one came. */
  async lookAgain(kid) {
    const before = this.#end;
    const text = this.#text;
    if (this.#ago(this.#missing.get(kid)) < MISSING_MS) return false;
    while (this.#underWay) await pause();
    if (this.#end === before && this.#ago(before.at) >= this.#cooldownMs) await this.#refetch();
    // After a failure there may be nothing left to go on with.
    await this.ready();
    if (this.#end !== before && !this.#end.failure) this.#remember(kid);
    return this.#text !== text;
  }

  get #underWay() {
    return this.#flight !== undefined && Math.abs(Date.now() - this.#flight.since) < this.#timeoutSeconds * 1000 + GRACE_MS;
  }

  /** Milliseconds since the set came. When the clock went back nobody knows: the set is due then, and grows older from there. */
  get #age() {
    const now = this.#clock();
    if (now < this.#cameAt) this.#cameAt = now - this.#lifetimeMs;
    return now - this.#cameAt;
  }

  /** Whether the set is fresh, or may be used at least while there is no newer one to be had. */
  get #usable() {
    return this.#age < this.#lifetimeMs + this.#staleMs;
  }

  /** Whether the last fetch failed, and that so recently that the next one has to wait. */
  get #heldBack() {
    const wait = this.#usable ? Math.max(this.#cooldownMs, RETRY_MS) : RETRY_MS;
    return this.#end.failure !== undefined && this.#ago(this.#end.at) < wait;
  }

  /** Milliseconds between then and now, whichever is first: nobody waits until a clock that went far back has caught up. */
  #ago(moment) {
    return Math.abs(this.#clock() - moment);
  }

  /** Answers for a fetch that has ended without leaving a set that may be used for a while. */
  #settle() {
    const { failure } = this.#end;
    // A set that came after the call began is good for this call, however short its time was.
    if (!failure) return;
    const reason = `no JWK set from ${this.#url.replace(/[?#].*/, "")}: ${failure.message}`;
    throw new HallpassError("jwks_unavailable", reason, { cause: failure.cause ?? failure });
  }

  /** Never rejects. What came of it is in `#end`. */
  async #refetch() {
    const flight = (this.#flight = { since: Date.now() });
    let failure;
    try {
      const { text, headers } = await requestSet(this.#fetch, this.#url, this.#timeoutSeconds);
      // So late that another has set out meanwhile: that one's answer is newer.
      if (this.#flight !== flight) return;
      await this.#take(text);
      this.#lifetimeMs = lifetime(headers, this.#cacheSeconds) * 1000;
      this.#cameAt = this.#clock();
    } catch (error) {
      failure = error;
    }
    if (this.#flight !== flight) return;
    this.#flight = undefined;
    // Counted from the end: if the fetch of a cancelled request counted as well, whoever breaks off requests could keep new
    // keys from everybody.
    this.#end = { at: this.#clock(), failure };
  }

  /** A set that says the same as before is not taken over again: its keys are there, and what was missing still is. */
  async #take(text) {
    if (text === this.#text) return;
    await explained("the answer is no JWK set", () => this.#accept(text));
    this.#text = text;
    this.#missing.clear();
  }

  #remember(kid) {
    if (kid.length > LONGEST_KID) return;
    this.#missing.set(kid, this.#clock());
    if (this.#missing.size > MOST_MISSING) this.#missing.delete(this.#missing.keys().next().value);
  }
}
