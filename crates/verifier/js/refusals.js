// What whoever is not let in is told: RFC 6750 in the header, Simple JWT's dialect in the body, as the issuer has them.

import { HallpassError } from "./errors.js";

const RETRY_AFTER_SECONDS = "5";

const INVALID_TOKEN = 401;
const UNAVAILABLE = 503;
/** Somebody has to change the program or its settings, and a Worker that throws says so in its log. It answers 500. */
const THROWN = undefined;

// Every code there is. The prose stands in a quoted string: neither quotes nor backslashes, and nothing that came with a token.
const ANSWERS = {
  malformed: [INVALID_TOKEN, "The token is malformed"],
  algorithm_not_allowed: [INVALID_TOKEN, "The token's algorithm is not accepted"],
  unknown_key: [INVALID_TOKEN, "The token was signed by an unknown key"],
  bad_signature: [INVALID_TOKEN, "The token's signature is wrong"],
  wrong_form: [INVALID_TOKEN, "A claim of the token has the wrong form"],
  issued_in_future: [INVALID_TOKEN, "The token was issued in the future"],
  not_yet_valid: [INVALID_TOKEN, "The token is not valid yet"],
  expired: [INVALID_TOKEN, "The token has expired"],
  too_old: [INVALID_TOKEN, "The token was issued too long ago"],
  wrong_issuer: [INVALID_TOKEN, "The token is of another issuer"],
  wrong_audience: [INVALID_TOKEN, "The token is for another audience"],
  missing_claim: [INVALID_TOKEN, "The token lacks a claim"],
  wrong_kind: [INVALID_TOKEN, "The token is of another kind"],
  no_such_subject: [INVALID_TOKEN, "The token's subject cannot be anybody"],
  revoked: [INVALID_TOKEN, "The token was revoked"],
  jwks_unavailable: [UNAVAILABLE, "The keys cannot be had."],
  // The guard's own, and its reason says who did not answer: otherwise whoever runs the Worker would have to guess.
  revocation_unknown: [UNAVAILABLE, undefined],
  crypto_failed: [UNAVAILABLE, "The signature cannot be checked."],
  wasm_trapped: [UNAVAILABLE, "The token cannot be checked."],
  clock_unset: [UNAVAILABLE, "The clock is not set."],
  bad_option: THROWN,
  bad_key: THROWN,
  needs_async: THROWN,
  wasm_blocked: THROWN,
  wasm_missing: THROWN,
};

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
    const answer = error instanceof HallpassError ? ANSWERS[error.code] : THROWN;
    if (answer === THROWN) throw error;
    const [status, prose] = answer;
    return status === UNAVAILABLE ? unavailable(error.code, prose ?? error.reason) : this.#invalid(error.code, prose);
  }

  #invalid(reason, description) {
    const separator = this.#challenge === "Bearer" ? " " : ", ";
    const challenge = `${this.#challenge}${separator}error="invalid_token", error_description="${description}"`;
    const body = { detail: "Given token not valid for any token type", code: "token_not_valid", reason };
    return json(INVALID_TOKEN, body, { "WWW-Authenticate": challenge });
  }
}

function unavailable(code, detail) {
  return json(UNAVAILABLE, { detail, code }, { "Retry-After": RETRY_AFTER_SECONDS });
}

function json(status, body, headers) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  });
}
