// What a guard remembers of the blacklist, so that a token that comes again costs no read. Times are in milliseconds.

/** How many keys are remembered. */
const REMEMBERED = 4096;

/** Keys that were read: `{ key, value, readAt, believedUntil, goesAt }`, `value` being null where there was none. */
export class BlacklistMemory {
  #believedMs;
  // In the order in which they were noted.
  #entries = new Map();

  constructor(believedMs) {
    this.#believedMs = believedMs;
  }

  /** What was found under this key, if that can still be believed; otherwise it has to be read. */
  recall(key, now) {
    const entry = this.#entries.get(key);
    // A clock that was put back would make what was read a while ago young again.
    return entry && entry.readAt <= now && now < entry.believedUntil ? entry : undefined;
  }

  /** An entry that was found under this key and has not gone: a later one may say more, but none says less. */
  found(key, now) {
    const entry = this.#entries.get(key);
    return entry && entry.value !== null && now < entry.goesAt ? entry : undefined;
  }

  /** Remembers what a read found that began at `readAt`. */
  note(key, value, readAt) {
    const entry = remembered(key, value, readAt, this.#believedMs);
    const earlier = this.#entries.get(key);
    // Of two reads at the same time the one that began first may end last.
    if (earlier && earlier.readAt > readAt) return entry;
    this.#entries.delete(key);
    if (this.#entries.size >= REMEMBERED) this.#makeRoom();
    this.#entries.set(key, entry);
    return entry;
  }

  /** What was not found goes first, the oldest; only then what was: many good tokens must not make it forget a bad one. */
  #makeRoom() {
    let first;
    for (const [key, { value }] of this.#entries) {
      first ??= key;
      if (value !== null) continue;
      first = key;
      break;
    }
    this.#entries.delete(first);
  }
}

function remembered(key, value, readAt, believedMs) {
  const believed = readAt + believedMs;
  if (value === null) return { key, value, readAt, believedUntil: believed, goesAt: 0 };
  const goesAt = goes(value);
  // A cutoff may be raised, so a subject's entry is read again. The others say all there is to say.
  const believedUntil = key.startsWith("sub:") ? Math.min(goesAt, believed) : goesAt;
  return { key, value, readAt, believedUntil, goesAt };
}

/** When an entry goes; 0, so that it is read each time, where it does not say. */
function goes(value) {
  try {
    return JSON.parse(value).until * 1000 || 0;
  } catch {
    return 0;
  }
}
