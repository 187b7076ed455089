import type { Claims, Header, Verifier } from "./index.js";

/** What is needed of a KV namespace: Hallpass's `BLACKLIST`, read only. */
export interface BlacklistNamespace {
  get(key: string): Promise<string | null>;
  get(keys: string[]): Promise<Map<string, string | null>>;
}

/** What is needed of a service binding to Hallpass. */
export interface ServiceBinding {
  fetch(request: Request): Promise<Response>;
}

/** RFC 7662, with the id and secret of one of the issuer's `CLIENTS`. */
export interface Introspection {
  url: string | URL;
  clientId: string;
  clientSecret: string;
  fetch?: (request: Request) => Promise<Response>;
}

export interface GuardOptions {
  verifier: Verifier;
  /**
   * The issuer's KV namespace. Without it `strict` has to be set. Neither may be `undefined`, which is what a binding is that the
   * Worker's settings lack: leave out what is not wanted.
   */
  blacklist?: BlacklistNamespace;
  /**
   * Seconds for which it is believed that nothing was called back; 10 by default, at most 300; 0: nobody is let in without a read
   * of KV.
   */
  cacheSeconds?: number;
  /**
   * What to do when KV cannot be read: refuse with 503 (`"closed"`, the default), or go on (`"open"`). What is remembered to have
   * been called back is refused either way.
   */
  onKvError?: "closed" | "open";
  /**
   * Asks the issuer itself, where a revocation holds at once, instead of KV. Without a clear answer the request is refused with
   * 503, whatever `onKvError`.
   */
  strict?: ServiceBinding | Introspection;
  /** Which requests are worth that; all by default. The others are checked by `blacklist`. */
  strictFor?: (request: Request, claims: Claims) => boolean;
  /** `realm` of `WWW-Authenticate`. */
  realm?: string;
}

/** Who is let in. */
export interface Pass<C extends object = Record<string, unknown>> {
  claims: Claims<C>;
  header: Header;
  /**
   * As of when it is known that the token was not called back, seconds since the epoch: the oldest answer of the blacklist that was
   * believed. `undefined` where KV failed and `onKvError` is `"open"`.
   */
  checkedAt: number | undefined;
}

/**
 * A check of bearer tokens (RFC 6750): `await guard(request)` is a {@link Pass}, or the `Response` to give:
 * 401 with `WWW-Authenticate`, or 503 with `Retry-After` where nothing can be known.
 *
 * A token has to have a `jti`, and the `token_type` that the verifier takes (`"access"` unless it says otherwise).
 *
 * Make one for all requests: it remembers what it has read. A CORS preflight has no token and is refused like any request without
 * one: answer it before.
 *
 * What is wrong with the program and not with the request (`bad_key`, `needs_async`, `wasm_missing`, …) the guard throws, so a
 * Worker answers 500 and its log says why.
 *
 * @throws {HallpassError} `bad_option`, also for a verifier with a leeway over 300 seconds: longer than revocations are kept
 */
export declare function createGuard<C extends object = Record<string, unknown>>(
  options: GuardOptions,
): (request: Request) => Promise<Pass<C> | Response>;

/**
 * Hono middleware: `app.use("/api/*", forHono((env) => createGuard({ verifier, blacklist: env.BLACKLIST })))`.
 * Whoever is let in is `c.get("pass")`. The guard is made once.
 */
export declare function forHono<E = any>(
  makeGuard: (env: E) => (request: Request) => Promise<Pass<any> | Response>,
): (context: any, next: () => Promise<void>) => Promise<Response | void>;
