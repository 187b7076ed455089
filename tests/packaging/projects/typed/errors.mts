// Errors, alike from every entry.

import { HallpassError, type HallpassErrorCode } from "hallpass";
import { HallpassError as DecodeError, decode } from "hallpass/decode";

/** Nobody who has listed all codes has to look for more. */
export function whose(code: HallpassErrorCode): "token" | "unknown" | "program" | "session" {
  switch (code) {
    case "malformed":
    case "algorithm_not_allowed":
    case "unknown_key":
    case "bad_signature":
    case "wrong_form":
    case "issued_in_future":
    case "not_yet_valid":
    case "expired":
    case "too_old":
    case "wrong_issuer":
    case "wrong_audience":
    case "missing_claim":
    case "wrong_kind":
    case "no_such_subject":
    case "revoked":
      return "token";
    case "jwks_unavailable":
    case "revocation_unknown":
    case "crypto_failed":
    case "wasm_trapped":
      return "unknown";
    case "bad_option":
    case "bad_key":
    case "clock_unset":
    case "needs_async":
    case "wasm_blocked":
    case "wasm_missing":
      return "program";
    case "signed_out":
    case "session_ended":
    case "sign_in_refused":
    case "otp_required":
    case "issuer_unreachable":
    case "origin_not_allowed":
      return "session";
    // @ts-expect-error there is no such code
    case "token_expired":
      return "program";
    default: {
      const none: never = code;
      return none;
    }
  }
}

export function incomplete(code: HallpassErrorCode): string {
  switch (code) {
    case "expired":
      return "sign in again";
    default: {
      // @ts-expect-error there are others
      const none: never = code;
      return none;
    }
  }
}

try {
  decode("a token");
} catch (error) {
  // @ts-expect-error not before it is known to be ours
  error.code;
  if (error instanceof HallpassError) {
    const name: "HallpassError" = error.name;
    const code: HallpassErrorCode = error.code;
    const claim: string | undefined = error.claim;
    const reason: string = error.reason;
    const asError: Error = error;
    // @ts-expect-error it stays what it is
    error.code = "expired";
    console.log(name, code, claim, reason, asError.cause);
  }
}

// One class, wherever it comes from.
export const same: DecodeError = new HallpassError("expired", "a test's own", { claim: "exp", cause: new Error("why") });
// @ts-expect-error there is no such code
new HallpassError("token_expired", "…");
