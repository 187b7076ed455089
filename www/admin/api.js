// The admin API: the one place that knows the key and the paths. The key is in this module's memory and nowhere else.

import { Failure, noAnswer, refusal } from "./failure.js";
import { looksLikeToken } from "./token_text.js";

const ROOT = "/admin/api/";
const PATIENCE = 30_000;
const KEY_CHANGED = "The key that was good before is refused now; it may have been changed. Sign in again.";

// What a header can carry, and so all that a key can be made of.
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

export class AdminApi {
  #key;
  #onShut;

  /** `onShut(words)` is called when the key that was good is not good any more. */
  constructor(onShut) {
    this.#onShut = onShut;
  }

  /** Keeps the key if it is the right one; otherwise throws a `Failure` that says what is wrong. */
  async open(key) {
    if (!VISIBLE_ASCII.test(key)) throw new Failure("This is not the admin key.", { status: 401 });
    await this.#answer("GET", "stats/", { query: { days: 1 }, key });
    this.#key = key;
  }

  close() {
    this.#key = undefined;
  }

  stats(days, signal) {
    return this.#ask("GET", "stats/", { query: { days }, signal });
  }

  users({ query, cursor }, signal) {
    return this.#ask("GET", "users/", { query: { query, cursor }, signal });
  }

  async user(sub, signal) {
    return this.#ask("GET", ofUser(sub), { signal, mayBeMissing: true });
  }

  async endSessions(sub) {
    return this.#ask("DELETE", ofUser(sub, "sessions/"), { mayBeMissing: true });
  }

  async endSession(sub, sid) {
    return this.#ask("DELETE", ofUser(sub, `sessions/${encodeURIComponent(sid)}/`), { mayBeMissing: true });
  }

  async deactivate(sub) {
    return this.#ask("POST", ofUser(sub, "deactivate/"), { mayBeMissing: true });
  }

  async reactivate(sub) {
    return this.#ask("POST", ofUser(sub, "reactivate/"), { mayBeMissing: true });
  }

  async deleteUser(sub) {
    return this.#ask("DELETE", ofUser(sub), { mayBeMissing: true });
  }

  blacklist({ prefix, cursor }, signal) {
    return this.#ask("GET", "blacklist/", { query: { prefix, cursor }, signal });
  }

  /** `what` is `{ token }` or `{ jti, sub, exp }`. */
  callBack(what) {
    return this.#ask("POST", "blacklist/", { body: what });
  }

  events({ kind, sub, cursor }, signal) {
    return this.#ask("GET", "events/", { query: { kind, sub, cursor }, signal });
  }

  keys(signal) {
    return this.#ask("GET", "keys/", { signal });
  }

  roll() {
    return this.#ask("POST", "keys/roll/", { body: {} });
  }

  declareLeaked(kid) {
    return this.#ask("POST", "keys/roll/", { body: { leaked: kid } });
  }

  /** A refusal of the key shuts the console, whatever was asked; so does a 404 where there always is something. */
  async #ask(method, path, { mayBeMissing = false, ...request } = {}) {
    const key = this.#key;
    try {
      return await this.#answer(method, path, { ...request, key });
    } catch (failure) {
      const isShut = failure.status === 401 || (failure.status === 404 && !mayBeMissing);
      // One that was asked with a key of before says nothing about the key of now.
      if (isShut && key !== undefined && key === this.#key) this.#onShut(failure.status === 401 ? KEY_CHANGED : failure.message);
      throw failure;
    }
  }

  async #answer(method, path, { query = {}, body, signal, key }) {
    const headers = { Authorization: `Bearer ${key}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const init = { method, headers, body: body && JSON.stringify(body), cache: "no-store", credentials: "omit", redirect: "error" };
    const patience = AbortSignal.timeout(PATIENCE);
    init.signal = signal ? AbortSignal.any([signal, patience]) : patience;
    return answerOf(ROOT + path + queryText(query), init);
  }
}

async function answerOf(url, init) {
  let response;
  let text;
  try {
    response = await fetch(url, init);
    text = await response.text();
  } catch {
    throw noAnswer(init.method);
  }
  const json = parsed(text);
  if (!response.ok) throw refusal(response.status, json);
  if (response.status !== 204 && json === undefined) throw noAnswer(init.method);
  return json;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ofUser(sub, rest = "") {
  // In an address they mean another place, however they are encoded.
  if (sub === "." || sub === "..") {
    throw new Failure(`The id “${sub}” can stand in no address, so nothing can be asked about it.`, { status: 400 });
  }
  return `users/${encodeURIComponent(sub)}/${rest}`;
}

function queryText(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  if (given.some(([, value]) => looksLikeToken(String(value)))) {
    throw new Failure("This looks like a token, and a token does not belong into an address. Call it back on the page “Blacklist”.");
  }
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}
