// What whoever is not let in is told: RFC 6750 in the header, Simple JWT's dialect in the body, as the issuer has them.

import { HallpassError } from "./errors.js";

const RETRY_AFTER_SECONDS = "5";

const INVALID_TOKEN = 401;
const UNAVAILABLE = 503;
/** Somebody has to change the program or its settings, and a Worker that throws says so in its log. It answers 500. */
const THROWN = undefined;

/** The answer to every code there is. */
const STATUS = {
  malformed: INVALID_TOKEN,
  algorithm_not_allowed: INVALID_TOKEN,
  unknown_key: INVALID_TOKEN,
  bad_signature: INVALID_TOKEN,
  wrong_form: INVALID_TOKEN,
  issued_in_future: INVALID_TOKEN,
  not_yet_valid: INVALID_TOKEN,
  expired: INVALID_TOKEN,
  too_old: INVALID_TOKEN,
  wrong_issuer: INVALID_TOKEN,
  wrong_audience: INVALID_TOKEN,
  missing_claim: INVALID_TOKEN,
  wrong_kind: INVALID_TOKEN,
  no_such_subject: INVALID_TOKEN,
  revoked: INVALID_TOKEN,
  jwks_unavailable: UNAVAILABLE,
  revocation_unknown: UNAVAILABLE,
  crypto_failed: UNAVAILABLE,
  wasm_trapped: UNAVAILABLE,
  clock_unset: UNAVAILABLE,
  bad_option: THROWN,
  bad_key: THROWN,
  needs_async: THROWN,
  wasm_blocked: THROWN,
  wasm_missing: THROWN,
};

/** A code for people. An error's reason may quote a claim's name, so of it nothing stands in a header. */
const inWords = (code) => code.replaceAll("_", " ");

/** The answers of one guard. `realm` is visible ASCII and spaces. */
export class Refusals {
  #challenge;

  constructor(realm) {
    const quoted = realm?.replace(/["\\]/g, "\\$&");
    this.#challenge = quoted === undefined ? "Bearer" : `Bearer realm="${quoted}"`;
  }

  /** No token was sent, so the challenge has no error code (RFC 6750 section 3). */
  lacking(what) {
    const body =
      what === "credentials"
        ? { detail: "Authentication credentials were not provided." }
        : { detail: "Authorization header must contain two space-delimited values", code: "bad_authorization_header" };
    return json(INVALID_TOKEN, body, { "WWW-Authenticate": this.#challenge });
  }

  /** The answer to what a check has thrown; throws it on where it is no matter of the caller's. */
  of(error) {
    const status = error instanceof HallpassError ? STATUS[error.code] : THROWN;
    if (status === THROWN) throw error;
    return status === UNAVAILABLE ? unavailable(error) : this.#invalid(error.code);
  }

  #invalid(reason) {
    const separator = this.#challenge === "Bearer" ? " " : ", ";
    const challenge = `${this.#challenge}${separator}error="invalid_token", error_description="${inWords(reason)}"`;
    const body = { detail: "Given token not valid for any token type", code: "token_not_valid", reason };
    return json(INVALID_TOKEN, body, { "WWW-Authenticate": challenge });
  }
}

function unavailable({ code, reason }) {
  // This one is the guard's own and says who did not answer: otherwise whoever runs the Worker would have to guess.
  const detail = code === "revocation_unknown" ? reason : `The token cannot be checked: ${inWords(code)}.`;
  return json(UNAVAILABLE, { detail, code }, { "Retry-After": RETRY_AFTER_SECONDS });
}

function json(status, body, headers) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  });
}
