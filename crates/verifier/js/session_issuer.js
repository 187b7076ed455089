// What a session asks its issuer, and what the answers mean.

import { boundedText } from "./bounded_body.js";
import { inTime } from "./deadline.js";
import { SessionError } from "./session_error.js";
import { isPair } from "./session_kept.js";

const LONGEST_ANSWER = 256 * 1024;

/** The header in which Hallpass says why a refresh token is refused, and what it says of one that was spent a moment ago. */
const WHY = "hallpass-reason";
const LOST_RACE = "lost_race";

export class Issuer {
  #base;
  #fetch;
  /** How long one request takes at most. */
  seconds;

  constructor({ issuer, fetch, timeoutSeconds }) {
    this.#base = issuer;
    this.#fetch = fetch;
    this.seconds = timeoutSeconds;
  }

  /** `{ access, refresh }` for credentials. */
  async signIn(credentials) {
    const { status, body } = await this.#post("api/token/", { body: credentials });
    return opened(status, body, { access: body?.access, refresh: body?.refresh });
  }

  /** `{ access, refresh }` of a new account. */
  async register(fields) {
    const { status, body } = await this.#post("api/v1/users/registration/", { body: fields });
    return opened(status, body, { access: body?.access_token, refresh: body?.refresh_token });
  }

  /** What becomes of a refresh token: see `meaningOf`. Never rejects. */
  async exchange(refresh) {
    try {
      return meaningOf(await this.#post("api/token/refresh/", { body: { refresh } }), refresh);
    } catch (error) {
      return { kind: "unknown", error };
    }
  }

  /** Ends the session of a refresh token. It may have ended, which is as good. */
  async giveBack(refresh) {
    // Also when the page is closed over it.
    const answer = await this.#post("api/token/blacklist/", { body: { refresh }, keepalive: true });
    if (answer.status !== 200 && answer.status !== 401) throw unreachable(answer);
  }

  /** Ends every session of the bearer; false if it is refused. */
  async endAll(access) {
    const answer = await this.#post("api/v1/users/reset-all-token/", { access });
    if (answer.status !== 205 && answer.status !== 401) throw unreachable(answer);
    return answer.status === 205;
  }

  /** `{ status, why, body }`; `body` is undefined where it is no JSON. */
  async #post(path, { body, access, keepalive = false }) {
    const headers = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (access !== undefined) headers.authorization = `Bearer ${access}`;
    const init = { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin", cache: "no-store", keepalive };
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
 * | 200 | an access token, and a refresh token unless those are not rotated | `renewed`: `pair` |
 * | 401 | `Hallpass-Reason: lost_race` | `lost`: somebody else has spent the token a moment ago |
 * | 401 | `token_not_valid`, and no reason: not every issuer tells it | `lost`, perhaps |
 * | 401 | another reason, or a `detail` | `ended`: `reason` |
 * | any other | | `unknown`: `error` |
 */
export function meaningOf({ status, why, body }, refresh) {
  const pair = { access: body?.access, refresh: body?.refresh ?? refresh };
  if (status === 200 && isPair(pair)) return { kind: "renewed", pair };
  if (status === 401 && isText(body?.detail)) {
    if (why === LOST_RACE || (why === undefined && body.code === "token_not_valid")) return { kind: "lost" };
    return { kind: "ended", reason: why ?? "unknown" };
  }
  return { kind: "unknown", error: unreachable({ status, body }) };
}

/** The pair of an answer that opens a session. */
function opened(status, answer, pair) {
  if ((status === 200 || status === 201) && isPair(pair)) return pair;
  const refused = status >= 400 && status < 500 && answer !== undefined;
  if (!refused) throw unreachable({ status, body: answer });
  throw new SessionError("sign_in_refused", sentenceIn(answer) ?? "the issuer refuses", { status, answer });
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
