// What Rust asks of JavaScript. Each is one crossing where the runtime's own interface would take several: a text, an object or a
// closure that crosses costs more than what is done with it here.

let tell;

/** Whom to tell from now on what promises come to: their numbers, whether they were kept, and with what. */
export const tellOf = (told) => {
  tell = told;
};

/** Has told what this promise comes to, under that number; whom it is told from now on knows nothing of it. */
export function watch(promise, number) {
  const told = tell;
  promise.then(
    (value) => told(number, true, value),
    (reason) => told(number, false, reason),
  );
}

/** Asks the object of that name. */
export const ask = (env, binding, name, command) => env[binding].getByName(name).ask(command);

/** Whether a rate limit still takes this key. Where it is not bound, nothing is limited. */
export async function takes(env, binding, key) {
  const limit = env[binding];
  return limit === undefined || (await limit.limit({ key })).success;
}

/** What is asked for: `GET https://…`. */
export const target = ({ method, url }) => `${method} ${url}`;

export const header = (request, name) => request.headers.get(name) ?? undefined;

/** The body, in bytes. It fails where that was cut short. */
export const body = (request) => request.bytes();

/** The same, unless it is longer than so many bytes. */
export async function bodyWithin({ body }, most) {
  const chunks = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.length), 0);
  return whole;
}

/** Headers: a line for each, `name:value`. */
export const headers = (text) => new Headers(text.split("\n").slice(0, -1).map(nameAndValue));

function nameAndValue(line) {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1)];
}

/** An answer with `headers` and with those that `text` begins with. After an empty line comes the body; without one there is none. */
export function respond(status, headers, text) {
  let at = 0;
  const more = [];
  while (at < text.length && text[at] !== "\n") {
    const end = text.indexOf("\n", at);
    more.push(nameAndValue(text.slice(at, end)));
    at = end + 1;
  }
  const response = new Response(at < text.length ? text.slice(at + 1) : null, { status, headers });
  for (const [name, value] of more) response.headers.set(name, value);
  return response;
}

/** The values of these keys (JSON: a list), in their order: a list as JSON, with null for what is not there. */
export async function read(namespace, keys) {
  const names = JSON.parse(keys);
  const values = await namespace.get(names);
  return JSON.stringify(names.map((name) => values.get(name) ?? null));
}

/** Writes an entry. What it says is its metadata, too, so that it can be listed without being read. */
export const put = (namespace, key, value, expiration) =>
  namespace.put(key, value, { expiration, metadata: JSON.parse(value) });

/** Deletes an entry. */
export const remove = (namespace, key) => namespace.delete(key);

/**
 * A page of the entries that `how` asks for (JSON: `prefix`, `limit` and perhaps `cursor`) as JSON, each with what it says; another hand
 * may have written anything, so that is JSON in a text.
 */
export async function list(namespace, how) {
  const { keys, list_complete, cursor } = await namespace.list(JSON.parse(how));
  return JSON.stringify({
    entries: keys.map(({ name, expiration, metadata }) => ({ name, expiration, says: JSON.stringify(metadata) })),
    cursor: list_complete ? undefined : cursor,
  });
}

/**
 * Posts a text with these headers: the answer's status as a text, empty where there is none in so many milliseconds. It fails where nobody
 * is reached. Nobody reads the answer's body; unread it would keep the connection.
 */
export async function post(url, lines, text, within) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), within);
  try {
    const { status, body } = await fetch(url, { method: "POST", headers: headers(lines), body: text, redirect: "manual", signal: abort.signal });
    body?.cancel().catch(() => {});
    return String(status);
  } catch (error) {
    if (abort.signal.aborted) return "";
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The rows of one statement as JSON, a list of lists; where there are none, no text. So are the bindings. A blob is
 * `{"blob": "0a1b…"}`.
 */
export const rows = (sql, statement, bindings) => rowsOf(sql.exec(statement, ...bound(bindings)));

/** The same, after the numbers of rows read and written, a line each. */
export function countedRows(sql, statement, bindings) {
  const cursor = sql.exec(statement, ...bound(bindings));
  const text = rowsOf(cursor);
  return `${cursor.rowsRead}\n${cursor.rowsWritten}\n${text}`;
}

function bound(bindings) {
  const values = JSON.parse(bindings);
  return bindings.includes('{"blob":') ? values.map((value) => (typeof value?.blob === "string" ? Uint8Array.fromHex(value.blob) : value)) : values;
}

function rowsOf(cursor) {
  // All at once: each step of an iterator would be a call of its own.
  const rows = cursor.raw().toArray();
  return rows.length === 0 ? "" : JSON.stringify(rows.map((row) => row.map(carried)));
}

const carried = (value) => (value instanceof ArrayBuffer ? { blob: new Uint8Array(value).toHex() } : value);

/** When an object's alarm goes off, in milliseconds: a number, or nothing. */
export const alarm = async (storage) => (await storage.getAlarm()) ?? undefined;

/** Has it go off after so many milliseconds, by the runtime's clock. */
export const setAlarm = (storage, wait) => storage.setAlarm(Date.now() + wait);

/** Runs `steps` in a transaction, which is taken back when they throw. */
export const transaction = (storage, steps) => storage.transactionSync(steps);
