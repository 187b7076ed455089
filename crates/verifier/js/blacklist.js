// Whether a token was called back, as far as the issuer's KV namespace knows.

import { BlacklistMemory } from "./blacklist_memory.js";
import { inTime } from "./deadline.js";
import { HallpassError } from "./errors.js";

/** For KV to answer. */
const PATIENCE_SECONDS = 5;

export class Blacklist {
  #namespace;
  #open;
  #memory;
  #bulk = true;

  constructor(namespace, { cacheSeconds, onKvError }) {
    this.#namespace = namespace;
    this.#open = onKvError === "open";
    this.#memory = new BlacklistMemory(cacheSeconds * 1000);
  }

  /**
   * As of when it is known that nothing under these keys calls the token back, in seconds; undefined where that is not known
   * and does not matter.
   *
   * @param callsBack whether an entry, given its key and text, does so
   * @throws {HallpassError} `revoked`, `revocation_unknown`
   */
  async check(keys, callsBack) {
    const now = Date.now();
    const refuse = (entries) => {
      if (entries.some(({ key, value }) => value !== null && callsBack(key, value))) throw revoked();
    };
    const recalled = keys.map((key) => this.#memory.recall(key, now)).filter(Boolean);
    refuse(recalled);
    const known = new Set(recalled.map(({ key }) => key));
    const missing = keys.filter((key) => !known.has(key));
    const read = missing.length === 0 ? [] : await this.#read(missing, now);
    if (read === undefined) {
      // What would be read again to learn whether it has grown still says what it said.
      refuse(missing.map((key) => this.#memory.found(key, now)).filter(Boolean));
      if (this.#open) return undefined;
      throw new HallpassError("revocation_unknown", "The blacklist cannot be read.");
    }
    refuse(read);
    return Math.floor(Math.min(now, ...recalled.map(({ readAt }) => readAt)) / 1000);
  }

  /** The entries of these keys; undefined where they cannot be read. */
  async #read(keys, now) {
    try {
      const values = await inTime(PATIENCE_SECONDS, () => this.#get(keys));
      return keys.map((key, index) => this.#memory.note(key, values[index], now));
    } catch {
      return undefined;
    }
  }

  /** One request for all keys. */
  async #get(keys) {
    if (this.#bulk) {
      const found = await this.#namespace.get([...keys]);
      if (found instanceof Map) return keys.map((key) => entry(found.get(key)));
      // A runtime from before bulk reads takes the list for one key, its text with commas, and truly finds nothing under that.
      // Believed, this would let everybody in.
      this.#bulk = false;
    }
    return Promise.all(keys.map(async (key) => entry(await this.#namespace.get(key))));
  }
}

/** KV says of each key what stands there: a text, or null. What says anything else, or nothing, is no KV. */
function entry(value) {
  if (value !== null && typeof value !== "string") throw new TypeError("neither a text nor null");
  return value;
}

const revoked = () => new HallpassError("revoked", "the token was called back");
