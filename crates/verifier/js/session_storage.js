// Where a session is kept.

export function memoryStorage() {
  let kept = null;
  return {
    read: () => kept,
    write(text) {
      kept = text;
    },
  };
}

export function browserStorage({ key = "hallpass:session" } = {}) {
  const area = localStorageOrNone();
  if (!area) return memoryStorage();
  return {
    sharedAs: key,
    read: () => area.getItem(key),
    write: (text) => (text === null ? area.removeItem(key) : area.setItem(key, text)),
    subscribe(listener) {
      // `key` is null when all was cleared.
      const heard = (event) => event.storageArea === area && (event.key === key || event.key === null) && listener();
      addEventListener("storage", heard);
      return () => removeEventListener("storage", heard);
    },
  };
}

/** Absent on servers; in a page without cookies the mere look at it throws. */
function localStorageOrNone() {
  try {
    // Node.js has one as well, which is no browser's.
    return typeof document === "undefined" ? undefined : globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/**
 * `storage` for a page that has to go on when it fails: full, or forbidden. From a failed write on this page reads what it
 * wrote itself, since the pair that others would read is spent.
 */
export class SteadyStorage {
  #storage;
  #own;
  /** What was there when it could last be read or written. */
  #seen = null;

  constructor(storage) {
    this.#storage = storage;
  }

  get sharedAs() {
    return this.#own === undefined ? this.#storage.sharedAs : undefined;
  }

  read() {
    if (this.#own !== undefined) return this.#own;
    try {
      return (this.#seen = this.#storage.read() ?? null);
    } catch {
      return this.#seen;
    }
  }

  write(text) {
    try {
      this.#storage.write(text);
      this.#own = undefined;
      this.#seen = text;
    } catch {
      this.#own = text;
      this.#clear();
    }
  }

  /** Whoever read the spent pair would present it, and end the session. To take it away there is always room. */
  #clear() {
    try {
      this.#storage.write(null);
    } catch {
      // Then it stays.
    }
  }

  subscribe(listener) {
    const heard = () => {
      // Somebody can write, so what is kept there is the newest again.
      this.#own = undefined;
      listener();
    };
    try {
      return this.#storage.subscribe?.(heard) ?? (() => {});
    } catch {
      return () => {};
    }
  }
}
