// Whether what was deployed answers at its address, and answers right. Nothing is left behind there but, if that is asked for, a user
// who was deleted.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../child.mjs";

const ANSWERED_WITHIN = 15_000;
const PAUSE = 2000;

/** `{ url, environment, adminKey, smokeUser, patience }`, the last in milliseconds: a new address takes a while to be known. */
export async function smoke({ url, environment, adminKey, smokeUser = false, patience = 90_000 }) {
  const asked = new Asked(url);
  const { json } = await up(asked, environment, patience);
  console.log(`  ${url} answers: version ${json.version}, ${json.algorithm}`);
  asked.inCookie = json.refresh_cookie === true;
  await keys(asked, json.algorithm);
  const nonsense = await asked.json("POST", "/api/token/refresh/", { refresh: "nonsense" });
  expect(nonsense, 401, "a token that is none is refused", nonsense.json?.code === "token_not_valid");
  if (adminKey !== undefined) await deep(asked, adminKey);
  if (smokeUser) await throwAwayUser(asked, adminKey);
}

/** Asks for its health until it is well, for a while. */
async function up(asked, environment, patience) {
  const until = Date.now() + patience;
  for (;;) {
    const answer = await asked.json("GET", "/healthz");
    if (answer.status === 200 && answer.json?.status === "ok") return answer;
    if (Date.now() > until) throw new Stop(`${asked.url} ${notUp(answer, environment)}`);
    await sleep(Math.min(PAUSE, patience));
  }
}

function notUp({ status, json, error }, environment) {
  const again = "Then run this again.";
  if (status === undefined) return `does not answer (${error}). An address that is new can take minutes; if Hallpass is at another one, add --url. ${again}`;
  if (status === 503) {
    return `answers 503: a setting or a secret is wrong. The log names it; while you watch it, run this again:\n  npx wrangler tail --env ${environment}`;
  }
  if (json?.status === undefined) return `answers ${status}, but it is not Hallpass that answers. Look at the routes of wrangler.toml, or add --url. ${again}`;
  return `answers ${status}. The log says why: npx wrangler tail --env ${environment}`;
}

/** The key set: with a ring there are keys, and their secret opens them. */
async function keys(asked, algorithm) {
  const set = await asked.json("GET", "/.well-known/jwks.json");
  const hint = "500 here means that KEYRING_SECRET is another than the one before: see docs/operating.md, Losing KEYRING_SECRET";
  expect(set, 200, "the key set has its keys", algorithm !== "EdDSA" || set.json?.keys?.length > 0, hint);
}

/** Every store takes and gives. */
async function deep(asked, adminKey) {
  const answer = await asked.json("GET", "/healthz?deep=1", { bearer: adminKey });
  const failing = Object.entries(answer.json?.stores ?? {}).filter(([, { ok }]) => !ok);
  const hint = failing.map(([name, { error }]) => `${name}: ${error}`).join("; ");
  expect(answer, 200, "every store takes and gives", failing.length === 0, hint);
}

/** Somebody registers, refreshes, comes with the spent token, logs out, and is deleted. */
async function throwAwayUser(asked, adminKey) {
  const account = { email: `smoke-${randomBytes(8).toString("hex")}@example.com`, password: randomBytes(16).toString("hex") };
  const registered = await asked.json("POST", "/api/v1/users/registration/", { body: account });
  expect(registered, 201, "somebody can register");
  const access = registered.json.access_token;
  try {
    const next = await asked.json("POST", "/api/token/refresh/", { refresh: registered.refresh });
    expect(next, 200, "a refresh token is exchanged");
    const again = await asked.json("POST", "/api/token/refresh/", { refresh: registered.refresh });
    expect(again, 401, "the same one again is refused");
    const out = { bearer: next.json.access, refresh: next.refresh, field: "refresh_token" };
    expect(await asked.json("POST", "/logout_token/", out), 200, "a session can be ended");
    expect(await asked.json("GET", "/api/v1/users/info/", { bearer: next.json.access }), 401, "and its tokens with it");
  } finally {
    const { sub } = JSON.parse(Buffer.from(access.split(".")[1], "base64url"));
    const gone = await asked.json("DELETE", `/admin/api/users/${encodeURIComponent(sub)}/`, { bearer: adminKey });
    expect(gone, 204, "that user is deleted");
  }
}

/** Says what holds, and stops at the first thing that does not. No answer is shown: there may be tokens in it. */
function expect(answer, status, what, holds = true, hint = "") {
  if (answer.status === status && holds) return void console.log(`  ${what}`);
  throw new Stop(`It does not hold that ${what}: ${answer.status ?? answer.error}.${hint === "" ? "" : `\n${hint}`}`);
}

/** The cookie of REFRESH_COOKIE. */
const COOKIE = "__Host-hallpass_refresh";

/** The Worker at an address. */
class Asked {
  /** Whether refresh tokens go by that cookie, and not by bodies. */
  inCookie = false;

  constructor(url) {
    this.url = url;
  }

  /** `{ status, json, refresh }`, or `{ error }` where there is no answer. A `refresh` token goes the way it came, else as `field`. */
  async json(method, path, { bearer, body, refresh, field = "refresh" } = {}) {
    const headers = { accept: "application/json" };
    if (this.inCookie) headers["hallpass-cookie"] = "1";
    if (refresh !== undefined && this.inCookie) headers.cookie = `${COOKIE}=${refresh}`;
    else if (refresh !== undefined) body = { [field]: refresh };
    if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const signal = AbortSignal.timeout(ANSWERED_WITHIN);
    try {
      const answer = await fetch(`${this.url}${path}`, { method, headers, body: body && JSON.stringify(body), redirect: "manual", signal });
      const json = parsed(await answer.text());
      const kept = answer.headers.getSetCookie().find((cookie) => cookie.startsWith(`${COOKIE}=`));
      return { status: answer.status, json, refresh: kept?.split(/[=;]/)[1] ?? json?.refresh ?? json?.refresh_token };
    } catch (error) {
      return { error: error.cause?.code ?? error.cause?.message ?? error.name };
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
