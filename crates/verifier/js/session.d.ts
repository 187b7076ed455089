import type { Claims } from "./decode.js";
import { HallpassError, type HallpassErrorCode } from "./errors.js";

export { HallpassError, type HallpassErrorCode };

/**
 * Where a session is kept between page loads. What is written is one text, JSON with `access` and `refresh` in it while
 * somebody is signed in; whoever reads it has the refresh token, but with `refresh: "cookie"`, where it says `null`.
 *
 * Methods may throw: then this page goes on with what it has in memory.
 */
export interface SessionStorage {
  read(): string | null;
  /** `null`: nothing is kept any more. */
  write(text: string | null): void;
  /** Calls `listener` after another page has written; returns a function that ends that. */
  subscribe?(listener: () => void): () => void;
  /** What all pages have in common that share what is written: the name of their lock. Without it nobody shares it. */
  readonly sharedAs?: string;
}

/** A session that lives as long as the page; no other page knows of it. */
export declare function memoryStorage(): SessionStorage;

/** `localStorage`: shared by all pages of the origin, and there again after a restart. In memory where there is none. */
export declare function browserStorage(options?: {
  /** The key in `localStorage`; `"hallpass:session"` by default. Each issuer needs one of its own. */
  key?: string;
}): SessionStorage;

export interface SessionOptions {
  /** Where the issuer is: `https://id.example.com`, or `location.origin`. http on this machine, or where the page came by it. */
  issuer: string | URL;
  /**
   * Where the refresh token is. `"storage"`, the default: in `storage`, beside the access token. `"cookie"`: the issuer, a Hallpass
   * with `REFRESH_COOKIE` on the same site, keeps it in a cookie that no script can read; one session per browser and issuer.
   */
  refresh?: "storage" | "cookie";
  /** `browserStorage` with a key of this issuer's own by default. */
  storage?: SessionStorage;
  /** Further origins that `fetch` sends the access token to; the issuer's and the page's own always get it. */
  origins?: readonly string[];
  /** Asks the issuer and the APIs; the global one by default. */
  fetch?: typeof fetch;
  /** For one request to the issuer, in seconds: 10 by default, at most 60. */
  timeoutSeconds?: number;
}

/** Two tokens as an issuer answers them. */
export interface TokenPair {
  access: string;
  refresh: string;
}

/** Why the issuer ended the session, as far as it says. */
export interface SessionEnd {
  /**
   * `reuse`: **somebody presented a refresh token a second time**, so there is a copy of it; `lost`: another request spent the
   * token and what it got is not kept here, so an answer got lost, or **somebody has a copy**; `logout`, `end_all`,
   * `password_changed`: by the user, elsewhere; `evicted`: the user had too many sessions; `admin`, `deactivated`, `deleted`:
   * by an administrator; `expired`: nobody refreshed it in time; `key_leaked`, `exhausted`. With `refresh: "cookie"` also
   * `no_cookie`: the browser has none any more, for nobody refreshed in time, or took none, as on another site; `replaced`: it is
   * another session's, which another front end of this issuer has opened. `unknown` where the issuer does not say. There may come
   * more.
   */
  reason: string;
  /** Seconds since the epoch, by this machine's clock. */
  at: number;
}

export type SessionState = "signed_in" | "signed_out" | "ended";

/** What has happened to the session. */
export interface SessionChange {
  kind: "signed_in" | "refreshed" | "signed_out" | "ended";
  /** Whether it was this page that did it. */
  here: boolean;
}

/** What an issuer has answered, when it was not what was hoped for. */
export declare class SessionError extends HallpassError {
  /** The HTTP status; undefined when nothing came. */
  readonly status: number | undefined;
  /** The issuer's answer, parsed, where it was a refusal in JSON: `{ email: ["…"] }`, `{ detail: "…" }`. Show it as text. */
  readonly answer: unknown;
  /** With the code `otp_required`: what goes back with the mailed code, to `signInWithCode`. */
  readonly challenge: string | undefined;
}

/**
 * The session of a user in a browser: its pair of tokens, refreshed in time and by one page at a time.
 *
 * Methods throw {@link HallpassError}, {@link SessionError} where an issuer has answered:
 * `signed_out` and `session_ended` where there is nobody signed in, `sign_in_refused` (with `status` and `answer`),
 * `otp_required` (with `challenge`) when a code was mailed that belongs to the password,
 * `issuer_unreachable` when no or no sensible answer came, which says nothing about the session.
 */
export interface Session<C extends object = Record<string, unknown>> {
  /** As it is kept now, whichever page wrote it. */
  readonly state: SessionState;
  /** Why it ended; undefined unless `state` is `"ended"`. */
  readonly end: SessionEnd | undefined;
  /** What the access token says, **not verified**: for showing. Undefined when nobody is signed in. */
  readonly claims: Claims<C> | undefined;
  /** Seconds for which the access token is good, at least; 0 when it is not or there is none. By the issuer's clock. */
  readonly secondsLeft: number;

  /** Opens a session: `{ email, password }`, or what else the issuer's `USERNAME_FIELD` is. */
  signIn(credentials: Record<string, string>): Promise<void>;
  /** Opens a session where `signIn` has failed with `otp_required`: with its `challenge`, and the code that was mailed. */
  signInWithCode(answer: { challenge: string; code: string }): Promise<void>;
  /** Makes an account and opens a session. */
  register(fields: Record<string, string>): Promise<void>;
  /**
   * Begins with a pair that came by another way: from a login of your own, or the answer to a change of password. With
   * `refresh: "cookie"` with the access token of an answer that has set the cookie.
   */
  begin(pair: TokenPair | Pick<TokenPair, "access">): void;
  /**
   * Ends it. Here it has ended at once, whatever the issuer answers; with `everywhere` the issuer is asked first, and when
   * it cannot be reached nothing has changed.
   *
   * @throws {SessionError} `issuer_unreachable`: the issuer could not be told
   */
  signOut(options?: { everywhere?: boolean }): Promise<void>;

  /** An access token that is good now, refreshed if need be. */
  accessToken(): Promise<string>;
  /** Exchanges the pair now, whether it is time or not. */
  refresh(): Promise<void>;
  /**
   * `fetch` with the access token. A 401 is answered by one refresh and one more try.
   *
   * @throws {HallpassError} `origin_not_allowed` for an address that does not get the token
   */
  fetch(...request: Parameters<typeof fetch>): Promise<Response>;

  /** Calls `listener` after each change, whichever page made it; returns a function that ends that. */
  onChange(listener: (change: SessionChange) => void): () => void;
  /** Ends timers and listeners of this page; the session goes on. */
  close(): void;
}

/** Reads what `storage` keeps; asks nobody. On a server, where there is no `document`, nothing is refreshed ahead of time. */
export declare function createSession<C extends object = Record<string, unknown>>(options: SessionOptions): Session<C>;
