// An issuer of a JWK set that answers as a test wants it, and whoever asks it with a clock of the test's own.

import { createServer } from "node:http";
import { RemoteJwks } from "../../crates/verifier/js/remote_jwks.js";

/** The text of a set with these kids. */
export const setOf = (...kids) => JSON.stringify({ keys: kids.map((kid) => ({ kty: "OKP", crv: "Ed25519", kid, x: "AA" })) });

/** Answers to hand to `issuer.answer`. */
export const set = (kids, headers = {}) => (_request, response) => response.writeHead(200, headers).end(setOf(...kids));
export const status = (code) => (_request, response) => response.writeHead(code).end();

/** A server on a free port: `{ url, requests, answer }`. `answer(request, response)` may be replaced at any time. */
export async function startIssuer(t, answer = set(["a"])) {
  const issuer = { answer, requests: [] };
  const server = createServer((request, response) => {
    issuer.requests.push(request);
    issuer.answer(request, response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  issuer.url = `http://127.0.0.1:${server.address().port}/jwks.json`;
  return issuer;
}

/** A `fetch` that has no network in it: `{ fetch, calls }`. `answer(url, init)` may be replaced at any time. */
export function fakeFetch(answer) {
  const fake = { answer, calls: [] };
  fake.fetch = async (url, init) => {
    fake.calls.push({ url, init });
    return fake.answer(url, init);
  };
  return fake;
}

/** `{ remote, taken, pass(seconds) }`: `taken` are the sets that were taken over. */
export function remoteWith({ url = "https://issuer.example/jwks.json", ...options }) {
  const taken = [];
  let now = Date.UTC(2030, 0, 1);
  const accept = (text) => {
    if (!Array.isArray(JSON.parse(text).keys)) throw new TypeError("no keys");
    taken.push(text);
  };
  const remote = new RemoteJwks({ url, ...options }, { accept, clock: () => now });
  return { remote, taken, pass: (seconds) => (now += Math.round(seconds * 1000)) };
}

/** Begins `call` as a request of a Worker that is cancelled right afterwards: none of its timers ever fires. */
export function cancelled(call) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = () => undefined;
  try {
    return call();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}

export async function until(condition, within = 30_000) {
  for (const patience = Date.now() + within; !condition(); ) {
    if (Date.now() > patience) throw new Error(`not within ${within} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Rejections that nobody handled; asked for when all else is done. */
export function unhandledRejections() {
  const reasons = [];
  process.on("unhandledRejection", (reason) => reasons.push(reason));
  return async () => {
    // They are told of after the microtasks of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    return reasons;
  };
}
