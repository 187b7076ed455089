// The ring of signing keys as tests see it, in a Worker of build-faults, whose clock they own.

import assert from "node:assert/strict";
import { plan } from "./faults.mjs";
import { request } from "./request.mjs";

/** From here on it is that second for the Worker, time goes on, and this goes wrong. */
export const setClock = (worker, second, faults = {}) =>
  plan(worker, { clock_offset_ms: second * 1000 - Date.now(), ...faults });

/** Asks the ring: "Look", "Roll" or `{ Leaked: kid or null }`; `{ keys, no_such_key, no_ring }`. */
export async function askRing(worker, ask) {
  const { status, json, text } = await request(worker, "POST", "/__faults/keys/ask", { json: ask });
  assert.equal(status, 200, text);
  return typeof json === "string" ? { [json]: true } : json;
}

/** The keys in each state: `{ signing: [key], next: [key], retiring: [], dead: [] }`. */
export function byState(keys) {
  const states = { signing: [], next: [], retiring: [], dead: [] };
  for (const key of keys) states[key.state].push(key);
  return states;
}

/** Has the ring's object do what its alarm does, which workerd runs by the real clock. */
export async function ringAlarm(worker) {
  const { status, text } = await request(worker, "POST", "/__faults/keys/alarm");
  assert.equal(status, 200, text);
}

/** The published keys: `{ keys, kids, maxAge }`. */
export async function keySet(worker) {
  const { status, headers, json, text } = await request(worker, "GET", "/.well-known/jwks.json");
  assert.equal(status, 200, text);
  const maxAge = Number(/^public, max-age=(\d+)$/.exec(headers["cache-control"])[1]);
  return { keys: json.keys, kids: json.keys.map(({ kid }) => kid), maxAge };
}
