// What was called back, in KV, and what an isolate remembers of it.

const BELIEVED_MS = 10_000;
const REMEMBERED = 4096;
// KV takes no entry that goes earlier.
const KV_MINIMUM_SECONDS = 60;

const memory = new Map();

/** Whether any of these keys is there; read in one go, unless all are remembered. */
export async function anyCalledBack(kv, keys) {
  const at = Date.now();
  const known = keys.map((key) => recalled(key, at));
  if (known.includes(true)) return true;
  const missing = keys.filter((_, place) => known[place] === undefined);
  if (missing.length === 0) return false;
  let found = false;
  for (const [key, value] of await kv.get(missing)) {
    note(key, value !== null, at);
    found ||= value !== null;
  }
  return found;
}

function recalled(key, at) {
  const entry = memory.get(key);
  return entry && at < entry.until ? entry.there : undefined;
}

function note(key, there, at) {
  if (memory.size >= REMEMBERED) memory.clear();
  memory.set(key, { there, until: at + BELIEVED_MS });
}

/** Writes an entry that goes with the last token it concerns. */
export function callBack(kv, key, facts, until) {
  const entry = { ...facts, at: Math.floor(Date.now() / 1000), until };
  const expiration = Math.max(until, entry.at + KV_MINIMUM_SECONDS);
  return kv.put(key, JSON.stringify(entry), { expiration, metadata: entry });
}
