// Whether a token was called back, asked of the issuer itself: there a revocation holds at once. Whatever is not a clear answer
// is none, and nobody is let in.

import { boundedText } from "./bounded_body.js";
import { inTime } from "./deadline.js";
import { HallpassError } from "./errors.js";

/** For the issuer to answer, the whole of it. */
const PATIENCE_SECONDS = 5;

/** The longest answer that is read, in bytes. */
const LONGEST_ANSWER = 64 * 1024;

/** The host is never looked up: a binding leads to its Worker, whatever the host. */
const VERIFY = "https://hallpass/api/token/verify/";

/** Asks through a service binding. */
export class BoundIssuer {
  #binding;

  constructor(binding) {
    this.#binding = binding;
  }

  /** @throws {HallpassError} `revoked`, `expired`, `revocation_unknown` */
  async check(token) {
    const headers = { "Content-Type": "application/json" };
    const ask = (request) => this.#binding.fetch(request);
    const { status, json } = await answer(VERIFY, ask, headers, JSON.stringify({ token }));
    // Not by the status alone: a binding to another Worker may lead to one that answers 200 to everything.
    if (status === 200 && isEmptyObject(json)) return;
    if (status !== 400 && status !== 401) throw unexpected(status);
    // Its clock or its leeway may be another than ours.
    if (json?.detail === "Token is expired") throw new HallpassError("expired", "the issuer says that it has expired");
    throw revoked();
  }
}

/** Asks by RFC 7662. */
export class IntrospectingIssuer {
  #url;
  #authorization;
  #fetch;

  constructor({ url, clientId, clientSecret, fetch }) {
    this.#url = String(url);
    this.#authorization = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`;
    this.#fetch = fetch ?? ((request) => globalThis.fetch(request));
  }

  /** @throws {HallpassError} `revoked`, `revocation_unknown` */
  async check(token, { jti }) {
    const body = new URLSearchParams({ token, token_type_hint: "access_token" });
    const { status, json } = await answer(this.#url, this.#fetch, { Authorization: this.#authorization }, body);
    if (status !== 200 || typeof json?.active !== "boolean") throw unexpected(status);
    if (!json.active) throw revoked();
    if (json.jti !== undefined && json.jti !== jti) throw unknown("The issuer answered about another token.");
  }
}

/** The answer to a POST: its status, and its JSON where it has some. */
async function answer(url, fetch, headers, body) {
  try {
    return await inTime(PATIENCE_SECONDS, async (signal) => {
      const init = { method: "POST", headers: { Accept: "application/json", ...headers }, body, signal, redirect: "manual" };
      const response = await fetch(new Request(url, init));
      return { status: response.status, json: parsed(await boundedText(response, LONGEST_ANSWER, signal)) };
    });
  } catch {
    throw unknown("The issuer does not answer.");
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 6749 section 2.3.1: id and secret are encoded each before they are put together. */
const formEncoded = (text) => new URLSearchParams({ text }).toString().slice("text=".length);

const isEmptyObject = (value) => JSON.stringify(value) === "{}";
const revoked = () => new HallpassError("revoked", "the issuer has called the token back");
const unexpected = (status) => unknown(`The issuer answered ${status}, and not whether the token is good.`);
const unknown = (reason) => new HallpassError("revocation_unknown", reason);
