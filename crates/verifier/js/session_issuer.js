// What a session asks its issuer, and what the answers mean.

import { boundedText } from "./bounded_body.js";
import { inTime } from "./deadline.js";
import { SessionError } from "./session_error.js";
import { heldOf, isPair } from "./session_kept.js";

const LONGEST_ANSWER = 256 * 1024;

/** The header in which Hallpass says why a refresh token is refused, and what it says of one that was spent a moment ago. */
const WHY = "hallpass-reason";
const LOST_RACE = "lost_race";

/** What it calls a refusal for want of a cookie. */
const NO_COOKIE = "no_refresh_cookie";

export class Issuer {
  #base;
  #fetch;
  #cookie;
  /** How long one request takes at most. */
  seconds;

  constructor({ issuer, fetch, cookie, timeoutSeconds }) {
    this.#base = issuer;
    this.#fetch = fetch;
    this.#cookie = cookie;
    this.seconds = timeoutSeconds;
  }

  /** `{ access, refresh }` for what opens a session there. Those of a new account have longer names. */
  async open(path, fields) {
    const { status, body } = await this.#post(path, { body: fields });
    return opened(status, body, this.#pair(body?.access ?? body?.access_token, body?.refresh ?? body?.refresh_token));
  }

  /** What becomes of a refresh token: see `meaningOf`. Never rejects. */
  async exchange(refresh) {
    try {
      return meaningOf(await this.#post("api/token/refresh/", { body: inBody(refresh) }), refresh);
    } catch (error) {
      return { kind: "unknown", error };
    }
  }

  /**
   * Ends the session of a pair. It may have ended, which is as good.
   *
   * By the refresh token; but a cookie may be another session's by now, so where that is not `ours`, by the access token.
   */
  async giveBack({ access, refresh, claims }, ours = false) {
    // Also when the page is closed over it.
    const answer =
      refresh === null && !ours
        ? await this.#ask("DELETE", `api/sessions/${claims.sid}/`, { access, keepalive: true })
        : await this.#post("api/token/blacklist/", { body: inBody(refresh), keepalive: true });
    if (![200, 204, 401, refresh === null ? 404 : 401].includes(answer.status)) throw unreachable(answer);
  }

  /** Ends every session of the bearer; false if it is refused. */
  async endAll(access) {
    const answer = await this.#post("api/v1/users/reset-all-token/", { access });
    if (answer.status !== 205 && answer.status !== 401) throw unreachable(answer);
    return answer.status === 205;
  }

  #pair(access, refresh) {
    return { access, refresh: heldOf(refresh, this.#cookie ? null : undefined) };
  }

  #post(path, request) {
    return this.#ask("POST", path, request);
  }

  /** `{ status, why, body }`; `body` is undefined where it is no JSON. */
  async #ask(method, path, { body, access, keepalive = false }) {
    const headers = { accept: "application/json" };
    if (this.#cookie) headers["hallpass-cookie"] = "1";
    if (body !== undefined) headers["content-type"] = "application/json";
    if (access !== undefined) headers.authorization = `Bearer ${access}`;
    const credentials = this.#cookie ? "include" : "same-origin";
    const init = { method, headers, body: JSON.stringify(body), credentials, cache: "no-store", keepalive };
    try {
      return await inTime(this.seconds, async (signal) => {
        const answer = await this.#fetch(new URL(path, this.#base).href, { ...init, signal });
        const text = await boundedText(answer, LONGEST_ANSWER, signal);
        return { status: answer.status, why: answer.headers.get(WHY) ?? undefined, body: parsed(text) };
      });
    } catch (cause) {
      throw new SessionError("issuer_unreachable", "the issuer cannot be reached", { cause });
    }
  }
}

/**
 * What the answer to a refresh means. Only the issuer itself ends a session: an answer that somebody on the way may have given
 * says nothing.
 *
 * | status | in it | meaning |
 * |---|---|---|
 * | 200 | an access token, and a refresh token unless those are not rotated or in a cookie | `renewed`: `pair` |
 * | 401 | `Hallpass-Reason: lost_race` | `lost`: somebody else has spent the token a moment ago |
 * | 401 | `token_not_valid`, and no reason: not every issuer tells it | `lost`, perhaps |
 * | 401 | `no_refresh_cookie` | `ended`: `no_cookie` |
 * | 401 | another reason, or a `detail` | `ended`: `reason` |
 * | any other | | `unknown`: `error` |
 */
export function meaningOf({ status, why, body }, refresh) {
  const pair = { access: body?.access, refresh: heldOf(body?.refresh, refresh) };
  if (status === 200 && isPair(pair)) return { kind: "renewed", pair };
  if (status === 401 && isText(body?.detail)) {
    if (why === LOST_RACE || (why === undefined && body.code === "token_not_valid")) return { kind: "lost" };
    return { kind: "ended", reason: why ?? (body.code === NO_COOKIE ? "no_cookie" : "unknown") };
  }
  return { kind: "unknown", error: unreachable({ status, body }) };
}

/** A body with a refresh token, unless that is in the cookie. */
const inBody = (refresh) => ({ refresh: refresh ?? undefined });

/** The pair of an answer that opens a session. */
function opened(status, answer, pair) {
  if (status < 300 && isPair(pair)) return pair;
  if (status < 400 || status >= 500 || !answer) throw unreachable({ status, body: answer });
  // The password is right, and a mailed code belongs to it.
  const code = answer.code === "otp_required" ? answer.code : "sign_in_refused";
  throw new SessionError(code, sentenceIn(answer) ?? code, { status, answer });
}

/** What was no refusal is not shown: it may hold tokens, though none that can be kept. */
export const unreachable = ({ status, body }) =>
  new SessionError("issuer_unreachable", `the issuer answered ${status}`, { status, answer: status < 400 ? undefined : body });

/** The first sentence of `{ detail: "…" }` or `{ field: ["…"] }`. */
const sentenceIn = (answer) => [Object.values(Object(answer))].flat(2).find(isText);

const isText = (value) => typeof value === "string" && value !== "";

function parsed(text) {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
