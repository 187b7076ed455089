import { HallpassError, type HallpassErrorCode } from "./errors.js";

export { HallpassError, type HallpassErrorCode };

/** The JOSE header (RFC 7515 section 4). */
export interface Header {
  alg: string;
  kid?: string;
  typ?: string;
  [parameter: string]: unknown;
}

/** Claims as tokens of Hallpass have them; dates are seconds since the epoch. */
export interface RegisteredClaims {
  /** RFC 7519 section 4.1.1 */
  iss?: string;
  /** RFC 7519 section 4.1.2: whose the token is. */
  sub?: string;
  /** RFC 7519 section 4.1.3 */
  aud?: string | string[];
  /** RFC 7519 section 4.1.4: from this second on it has expired. */
  exp?: number;
  /** RFC 7519 section 4.1.5 */
  nbf?: number;
  /** RFC 7519 section 4.1.6 */
  iat?: number;
  /** RFC 7519 section 4.1.7 */
  jti?: string;
  /** The session. */
  sid?: string;
  token_type?: string;
  user_id?: string | number;
  /** Until when a sliding token can be refreshed. */
  refresh_exp?: number;
}

/** Claims, with those of your own in `C`. */
export type Claims<C extends object = Record<string, unknown>> = RegisteredClaims & C;

export interface Decoded<C extends object = Record<string, unknown>> {
  header: Header;
  claims: Claims<C>;
}

export interface ExpiryOptions {
  /** Seconds since the epoch; the clock's by default. */
  now?: number;
  /** Seconds after `exp` in which a token still counts as good, at most 300; 0 by default. */
  leeway?: number;
}

/**
 * Reads a token **without checking its signature**: for showing, never for letting anybody in.
 *
 * @throws {HallpassError} `malformed` for what is not a token (RFC 7515 section 7.1, strictly)
 */
export declare function decode<C extends object = Record<string, unknown>>(token: string): Decoded<C>;

/**
 * `exp`, in whole seconds since the epoch. The signature is not checked.
 *
 * @throws {HallpassError} `malformed`; `missing_claim` without `exp`; `wrong_form` where it is no date
 */
export declare function expiresAt(token: string): number;

/**
 * Whether `exp` has passed: at the very second it has (RFC 7519 section 4.1.4). The signature is not checked.
 *
 * @throws {HallpassError} as {@link expiresAt}; `bad_option`; `clock_unset` where the clock stands at 0
 */
export declare function isExpired(token: string, options?: ExpiryOptions): boolean;

/**
 * Seconds until {@link isExpired}: 0 once it is. The signature is not checked.
 *
 * @throws {HallpassError} as {@link isExpired}
 */
export declare function secondsLeft(token: string, options?: ExpiryOptions): number;
