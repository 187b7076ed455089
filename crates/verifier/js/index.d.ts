import type { Claims, Decoded, HallpassError, HallpassErrorCode, Header } from "./decode.js";

export {
  type Claims,
  type Decoded,
  type ExpiryOptions,
  type Header,
  type RegisteredClaims,
  HallpassError,
  type HallpassErrorCode,
  decode,
  expiresAt,
  isExpired,
  secondsLeft,
} from "./decode.js";

/** There is no `none` (RFC 8725 section 3.2). */
export type Algorithm =
  | "EdDSA"
  | "HS256"
  | "HS384"
  | "HS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512";

/** What a token of Hallpass is for: its `token_type`. */
export type TokenType = "access" | "refresh" | "sliding";

/** A JSON Web Key (RFC 7517); what it says of its use is heeded. */
export interface Jwk {
  kty: string;
  kid?: string;
  alg?: string;
  use?: string;
  key_ops?: string[];
  crv?: string;
  [parameter: string]: unknown;
}

export interface Jwks {
  keys: Jwk[];
}

/** What is asked of every token, besides its form, its signature and its dates. */
export interface Rules {
  /** `iss` has to be this, or one of these. */
  issuer?: string | string[];
  /** `aud` has to hold this, or one of these. */
  audience?: string | string[];
  /**
   * What `token_type` has to be. By default a token that has one has to be an `"access"` token, so that no refresh token passes
   * for one, and a token of another issuer may do without. `"any"`: it is not looked at.
   */
  tokenType?: TokenType | TokenType[] | "any";
  /** Seconds that `exp` and `maxAge` may have passed and `nbf` may lie ahead, at most 300; 0 by default. `iat` may always be 60 seconds ahead. */
  leeway?: number;
  /** Claims that have to be there, be it as null; besides `exp`. */
  requiredClaims?: string[];
  /** Seconds since `iat`, which then has to be there. */
  maxAge?: number;
  /** The name of the claim with the token's type: the issuer's `TOKEN_TYPE_CLAIM`; `"token_type"` by default. */
  tokenTypeClaim?: string;
  /** The name of the claim with the user's id: the issuer's `USER_ID_CLAIM`; `"user_id"` by default. */
  userIdClaim?: string;
}

/** Where the keys come from: exactly one, or `issuer` alone, whose keys are at `<issuer>/.well-known/jwks.json`. */
export interface KeySource {
  /** A URL of a JWK set: https, or any with `fetch`, or http on this very machine. */
  jwksUrl?: string | URL;
  /** A JWK set (RFC 7517 section 5). */
  jwks?: Jwks;
  /** A shared secret, as long as the algorithm's hash at least; a string stands for its UTF-8. */
  secret?: string | Uint8Array;
}

export interface RemoteOptions {
  /** Asks for the JWK set, e.g. through a service binding; the global one by default. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Seconds a set is good for when its `Cache-Control` does not say; 600 by default. */
  cacheSeconds?: number;
  /** Seconds between two requests because of a `kid` that the set has not; 30 by default. */
  cooldownSeconds?: number;
  /** Seconds to wait for the set; 5 by default. */
  timeoutSeconds?: number;
  /** Seconds past its time that a set is still used while a new one cannot be had; 3600 by default. */
  staleSeconds?: number;
}

export interface VerifierOptions extends KeySource, Rules, RemoteOptions {
  /**
   * The algorithms that are accepted; a token's header is only compared with them. By default `["HS256"]` for a secret, otherwise
   * what each key says itself (`alg`, or what its curve allows). RSA keys without `alg` are only used for what is named here.
   */
  algorithms?: Algorithm[];
  /** Seconds since the epoch; the clock's by default. */
  now?: () => number;
}

/** A token that was signed by one of the keys, and holds now. */
export interface Verified<C extends object = Record<string, unknown>> {
  header: Header;
  claims: Claims<C>;
}

/** One rule that a token breaks. */
export interface Failure {
  code: HallpassErrorCode;
  claim?: string;
  reason: string;
}

export interface Explanation<C extends object = Record<string, unknown>> {
  /** Whether `verify` would take it. */
  valid: boolean;
  /** Where it could be read at all; not to be believed unless `valid`. */
  header?: Header;
  claims?: Claims<C>;
  /** Every rule that it breaks; the first is the one that `verify` names. */
  failures: Failure[];
}

/** Checks tokens. It needs no closing, and making one does no I/O. */
export declare class Verifier {
  /** @throws {HallpassError} `bad_option`, `bad_key` */
  constructor(options: VerifierOptions);

  /**
   * @throws {HallpassError} what is wrong with the token; `jwks_unavailable` when the keys cannot be had
   */
  verify<C extends object = Record<string, unknown>>(token: string): Promise<Verified<C>>;

  /**
   * The same at once, for HS256, HS384, HS512 and EdDSA, and for keys that are there already.
   *
   * @throws {HallpassError} besides: `needs_async` for other algorithms and where keys would have to be fetched
   */
  verifySync<C extends object = Record<string, unknown>>(token: string): Verified<C>;

  /** Every rule that a token breaks. Throws only what is not the token's fault. */
  explain<C extends object = Record<string, unknown>>(token: string): Promise<Explanation<C>>;

  /** Fetches the keys of `jwksUrl` if they are not there or too old. For those who want `verifySync` with them. */
  load(): Promise<void>;

  /** The keys of the set that are not used, and why. */
  readonly unusableKeys: readonly { index: number; kid?: string; reason: string }[];
}
