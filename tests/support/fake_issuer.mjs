// An issuer of plain JavaScript, by the clock of this process plus `skew`: its sessions rotate, are spent once, and end. What it
// answers can be held back, lost, or replaced. The real one is in tests/pages.

import { randomUUID } from "node:crypto";

const RACE_SECONDS = 10;

export const CREDENTIALS = { email: "ann@example.com", password: "correct-horse" };

export class FakeIssuer {
  url = "https://id.test";
  /** Seconds. */
  lifetime = 300;
  grace = 0;
  skew = 0;
  rotates = true;
  /** Whether an access token gets its `iat` from the refresh token that was presented, as of Simple JWT before 5.5. */
  copiesIat = false;
  /** Whether a mailed code belongs to the password. */
  asksForCode = false;
  /** Whether it says why, as Hallpass does. */
  tellsWhy = true;
  /** Whether refresh tokens are in a cookie, and the one that the browser has of it. */
  keepsCookie = false;
  jar = undefined;
  /** `{ path, status, body }` of every request. */
  asked = [];
  /** Called with each path before it is looked at, and after that before it is answered; may wait or throw. */
  before = async () => {};
  after = async () => {};

  #sessions = new Map();

  fetch = async (url, init) => {
    const { pathname } = new URL(url instanceof Request ? url.url : url);
    const request = url instanceof Request ? url : new Request(url, init);
    const body = await request.text();
    await this.before(pathname);
    const json = body === "" ? {} : JSON.parse(body);
    const answer = this.keepsCookie ? await this.#answerByCookie(request, pathname, json) : this.#answer(pathname, json, request.headers.get("authorization"));
    this.asked.push({ path: pathname, status: answer.status, body });
    await this.after(pathname);
    // Now the browser has it, and with it the cookie.
    if (answer.jar !== undefined) this.jar = answer.jar ?? undefined;
    return answer;
  };

  /** As Hallpass with `REFRESH_COOKIE`: what the page says is refused, what it has in the cookie is put in the place of it. */
  async #answerByCookie(request, path, body) {
    const authorization = request.headers.get("authorization");
    const meant = request.headers.get("hallpass-cookie") === "1" && request.credentials === "include";
    const jar = meant ? this.jar : undefined;
    const [, sid] = path.match(/^\/api\/sessions\/([^/]+)\/$/) ?? [];
    if (sid !== undefined) return this.#endOne(sid, authorization, jar);
    const byCookie = path === "/api/token/refresh/" || path === "/api/token/blacklist/";
    if (!byCookie && path !== "/api/token/" && path !== "/api/v1/users/registration/") {
      return this.#clearing(this.#answer(path, body, authorization), jar !== undefined && path === "/api/v1/users/reset-all-token/");
    }
    if (!meant) return json(403, { detail: "The header Hallpass-Cookie is missing: 1.", code: "cookie_header_missing" });
    if (body.refresh !== undefined) return json(400, { refresh: ["This Worker takes refresh tokens from their cookie alone."] });
    if (byCookie && jar === undefined) return json(401, { detail: "No refresh token came along.", code: "no_refresh_cookie" });
    const answer = this.#answer(path, byCookie ? { refresh: jar } : body, authorization);
    const { refresh, refresh_token = refresh, ...rest } = await answer.json();
    const taken = Object.assign(json(answer.status, rest, Object.fromEntries(answer.headers)), { jar: refresh_token });
    const isOver = answer.status === 401 && byCookie && answer.headers.get("hallpass-reason") !== "lost_race";
    return this.#clearing(taken, isOver || (path === "/api/token/blacklist/" && answer.status === 200));
  }

  #clearing = (answer, clears) => (clears ? Object.assign(answer, { jar: null }) : answer);

  #endOne(sid, authorization, jar) {
    if (!this.takes(authorization)) return json(401, { detail: "Given token not valid for any token type", code: "token_not_valid" });
    if (!this.isAlive(sid)) return json(404, { detail: "Not found." });
    this.end("logout", sid);
    return this.#clearing(new Response(null, { status: 204 }), claimsIn(jar)?.sid === sid);
  }

  /** How often a path was asked for. */
  times(path) {
    return this.asked.filter((asked) => asked.path === path).length;
  }

  get now() {
    return Math.floor(Date.now() / 1000) + this.skew;
  }

  /** A session with its first pair. */
  open() {
    const session = { sid: randomUUID(), counter: 0, rotatedAt: this.now, ended: undefined };
    this.#sessions.set(session.sid, session);
    return this.#pair(session);
  }

  /** Ends one session, or all. */
  end(reason, only) {
    for (const [sid, session] of this.#sessions) if (only === undefined || sid === only) session.ended ??= reason;
  }

  isAlive(sid) {
    return this.#sessions.get(sid)?.ended === undefined;
  }

  /** Whether a bearer is good now. */
  takes(authorization) {
    const claims = claimsIn(authorization?.replace("Bearer ", ""));
    return claims?.token_type === "access" && claims.exp > this.now && this.isAlive(claims.sid);
  }

  #answer(path, body, authorization) {
    if (path === "/api/token/") return this.#signIn(body);
    if (path === "/api/token/otp/") return this.#takeCode(body);
    if (path === "/api/v1/users/registration/") return this.#register(body);
    if (path === "/api/token/refresh/") return this.#refresh(claimsIn(body.refresh));
    if (path === "/api/token/blacklist/") return this.#giveBack(claimsIn(body.refresh));
    if (!this.takes(authorization)) return json(401, { detail: "Given token not valid for any token type", code: "token_not_valid" });
    if (path !== "/api/v1/users/reset-all-token/") return json(200, { body });
    this.end("end_all");
    return new Response(null, { status: 205 });
  }

  #signIn({ email, password }) {
    const known = email === CREDENTIALS.email && password === CREDENTIALS.password;
    if (!known) return json(401, { detail: "No active account found with the given credentials" });
    return this.asksForCode ? json(401, { detail: "A code has been sent.", code: "otp_required", challenge: "c7" }) : json(200, this.open());
  }

  #takeCode({ challenge, code }) {
    if (challenge !== "c7") return json(401, { detail: "Sign in again.", code: "otp_over" });
    return code === "042137" ? json(200, this.open()) : json(401, { detail: "The code is another one.", code: "otp_wrong" });
  }

  #register({ email }) {
    if (email === CREDENTIALS.email) return json(400, { email: ["user with this email already exists."] });
    const { access, refresh } = this.open();
    return json(201, { email, first_name: "", last_name: "", access_token: access, refresh_token: refresh });
  }

  #refresh({ sid, n, iat: presented }) {
    const session = this.#sessions.get(sid);
    if (session.ended) return this.#refused(session.ended);
    const since = this.now - session.rotatedAt;
    if (n === session.counter && !this.rotates) return json(200, { access: this.#pair(session, presented).access });
    if (n === session.counter) {
      session.counter += 1;
      session.rotatedAt = this.now;
      return json(200, (session.newest = this.#pair(session, presented)));
    }
    if (n === session.counter - 1 && since < this.grace) return json(200, session.newest);
    if (n === session.counter - 1 && since < RACE_SECONDS) return this.#refused("lost_race");
    session.ended = "reuse";
    return this.#refused("reuse");
  }

  #giveBack({ sid }) {
    const session = this.#sessions.get(sid);
    if (session.ended) return this.#refused(session.ended);
    session.ended = "logout";
    return json(200, {});
  }

  #refused(why) {
    return json(401, { detail: "Token is blacklisted", code: "token_not_valid" }, this.tellsWhy ? { "Hallpass-Reason": why } : {});
  }

  #pair({ sid, counter }, presented) {
    const [iat, jti] = [this.now, randomUUID()];
    return {
      access: token({ token_type: "access", iat: this.copiesIat ? (presented ?? iat) : iat, exp: iat + this.lifetime, jti, sid, sub: "u7" }),
      refresh: token({ token_type: "refresh", iat, exp: iat + 86_400, jti, sid, n: counter }),
    };
  }
}

/** Storage that several pages share, each by an adapter of its own; what one writes the others hear of a moment later. */
export function sharedStorage({ sharedAs } = {}) {
  let kept = null;
  const listeners = new Map();
  return () => {
    const me = Symbol();
    return {
      sharedAs,
      read: () => kept,
      write(text) {
        kept = text;
        for (const [who, listener] of listeners) if (who !== me) setImmediate(listener);
      },
      subscribe(listener) {
        listeners.set(me, listener);
        return () => listeners.delete(me);
      },
    };
  };
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
export const token = (claims) => `${encoded({ alg: "EdDSA", kid: "k1" })}.${encoded(claims)}.${encoded("signature")}`;

function claimsIn(text) {
  return text === undefined ? undefined : JSON.parse(Buffer.from(text.split(".")[1], "base64url").toString());
}

const json = (status, body, headers = {}) => Response.json(body, { status, headers });
