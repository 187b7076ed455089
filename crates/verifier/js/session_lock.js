// One page at a time.

/** How long a page waits for another one, which may have been put to sleep while it held the lock. */
const PATIENCE_MS = 5000;

/**
 * How long the lock is held when the work is done. A browser frees it by another way than it tells its processes what was
 * written to `localStorage`, and the next page has to read that.
 */
const SETTLE_MS = 100;

/**
 * What `work()` comes to. It is done while no other page does work under this name, unless that takes too long: so `work` has to
 * be right without the lock, which spares requests and decides nothing. The lock of a page that is closed is free at once.
 *
 * Without a name, or where there are no Web Locks, as on a page that came over plain HTTP, it is just done.
 */
export function alone(name, work) {
  const locks = globalThis.navigator?.locks;
  if (name === undefined || !locks) return work();
  return new Promise((resolve, reject) => {
    let begun;
    const begin = () => (begun ??= work().then(resolve, reject));
    const impatience = new AbortController();
    const timer = setTimeout(() => impatience.abort(), PATIENCE_MS);
    const held = locks.request(name, { signal: impatience.signal }, async () => {
      clearTimeout(timer);
      await begin();
      await new Promise((settled) => setTimeout(settled, SETTLE_MS));
    });
    // Not had in time, or locks are forbidden here.
    held.catch(begin);
  });
}
