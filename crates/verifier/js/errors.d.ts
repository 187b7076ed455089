/**
 * Every reason there is for a {@link HallpassError}, by whose fault it is.
 *
 * - The token's: `malformed` … `revoked`.
 * - Not the token's, so nothing is known of it: `jwks_unavailable`, `revocation_unknown`, `crypto_failed`, `wasm_trapped`.
 * - The program's: `bad_option` … `wasm_missing`.
 * - Of a session: `signed_out` … `origin_not_allowed`.
 */
export type HallpassErrorCode =
  // The token
  | "malformed"
  | "algorithm_not_allowed"
  | "unknown_key"
  | "bad_signature"
  | "wrong_form"
  | "issued_in_future"
  | "not_yet_valid"
  | "expired"
  | "too_old"
  | "wrong_issuer"
  | "wrong_audience"
  | "missing_claim"
  | "wrong_kind"
  | "no_such_subject"
  | "revoked"
  // Nothing is known of the token
  | "jwks_unavailable"
  | "revocation_unknown"
  | "crypto_failed"
  | "wasm_trapped"
  // The program
  | "bad_option"
  | "bad_key"
  | "clock_unset"
  | "needs_async"
  | "wasm_blocked"
  | "wasm_missing"
  // A session (hallpass/session)
  | "signed_out"
  | "session_ended"
  | "sign_in_refused"
  | "otp_required"
  | "issuer_unreachable"
  | "origin_not_allowed";

/** What everything here throws. Neither it nor its message holds any part of a token. */
export declare class HallpassError extends Error {
  readonly name: "HallpassError";
  /** Stable: programs may depend on it. */
  readonly code: HallpassErrorCode;
  /** The claim that is at fault, where it is one. */
  readonly claim: string | undefined;
  /** What is wrong, for people; may change. */
  readonly reason: string;
  constructor(code: HallpassErrorCode, reason: string, options?: { claim?: string; cause?: unknown });
}
