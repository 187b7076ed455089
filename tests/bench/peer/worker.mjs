// The same work in JavaScript, as it would be written at home: Hono for paths, jose for tokens, one object for each subject, KV for
// what was called back. Of what Hallpass does, it has what is measured.

import { Hono } from "hono";
import { anyCalledBack, callBack } from "./blacklist.mjs";
import { clientOf } from "./clients.mjs";
import { settingsOf } from "./settings.mjs";
import { claimsOf, counterOf, now, signedPair } from "./tokens.mjs";

export { SubjectObject } from "./subject.mjs";

const app = new Hono();
const objectOf = ({ env }, sub) => env.SUBJECTS.get(env.SUBJECTS.idFromName(sub));
const refused = (c, detail) => c.json({ detail, code: "token_not_valid" }, 401);
const NO_STORE = { "Cache-Control": "no-store" };

app.use(async (c, next) => {
  c.set("settings", await settingsOf(c.env));
  await next();
});

/** A client's, with this scope if one is wanted. */
const clientOnly = (scope) => async (c, next) => {
  const client = await clientOf(c.req.header("authorization"), c.get("settings").clients);
  if (!client) return c.json({ error: "invalid_client" }, 401, { "WWW-Authenticate": "Basic" });
  if (scope && !client.scopes.includes(scope)) return c.json({ error: "insufficient_scope" }, 403);
  await next();
};

/** Whoever has a good access token; whether it was called back is for the handler to find out. */
const bearer = async (c, next) => {
  const [scheme, token] = (c.req.header("authorization") ?? "").split(" ");
  const claims = scheme.toLowerCase() === "bearer" && token && (await claimsOf(token, "access", c.get("settings")));
  if (!claims) return refused(c, "Given token not valid for any token type");
  c.set("claims", claims);
  await next();
};

app.post("/api/sessions/", clientOnly("sessions:open"), async (c) => {
  const settings = c.get("settings");
  const { sub, claims = {}, profile } = await c.req.json();
  if (typeof sub !== "string" || sub === "") return c.json({ sub: ["This field is required."] }, 400);
  const opened = await objectOf(c, sub).open(settings.refreshLifetime, claims, profile);
  if (!opened) return c.json({ detail: "Too many sessions." }, 409);
  return c.json(await signedPair({ ...opened, sub }, settings), 201, NO_STORE);
});

app.post("/api/token/refresh/", async (c) => {
  const settings = c.get("settings");
  const { refresh } = await c.req.json();
  const claims = await claimsOf(refresh, "refresh", settings);
  if (!claims) return refused(c, "Token is invalid");
  const { sub, sid, jti, exp } = claims;
  const answer = await objectOf(c, sub).exchange(sid, counterOf(claims), settings.refreshLifetime);
  if (answer.ended) c.executionCtx.waitUntil(callBack(c.env.BLACKLIST, `sid:${sid}`, { sub, reason: "reuse" }, lastOver(settings)));
  if (answer.refused) return refused(c, "Token is blacklisted");
  c.executionCtx.waitUntil(callBack(c.env.BLACKLIST, `jti:${jti}`, { sub, sid, kind: "refresh", reason: "rotated" }, exp));
  return c.json(await signedPair({ ...answer, sub }, settings), 200, NO_STORE);
});

app.get("/api/v1/users/info/", bearer, async (c) => {
  const { sub, sid } = c.get("claims");
  const { live, profile } = await objectOf(c, sub).check(sid);
  if (!live) return refused(c, "Token is blacklisted");
  return profile ? c.json(profile) : c.json({ detail: "User not found", code: "user_not_found" }, 401);
});

app.get("/api/check/", bearer, async (c) => {
  const { jti, sid, sub } = c.get("claims");
  try {
    if (await anyCalledBack(c.env.BLACKLIST, [`jti:${jti}`, `sid:${sid}`, `sub:${sub}`])) return refused(c, "Token is blacklisted");
  } catch {
    return c.json({ detail: "The blacklist cannot be read." }, 503);
  }
  return c.json({});
});

app.post("/oauth/introspect", clientOnly(), async (c) => {
  const { token } = await c.req.parseBody();
  const claims = await claimsOf(token, undefined, c.get("settings"));
  const live = claims && (await objectOf(c, claims.sub).check(claims.sid)).live;
  return c.json(live ? { active: true, ...claims } : { active: false }, 200, NO_STORE);
});

app.post("/oauth/revoke", async (c) => {
  const settings = c.get("settings");
  const { token } = await c.req.parseBody();
  const claims = await claimsOf(token, "refresh", settings);
  if (claims && (await objectOf(c, claims.sub).end(claims.sid))) {
    const { sub, sid } = claims;
    c.executionCtx.waitUntil(callBack(c.env.BLACKLIST, `sid:${sid}`, { sub, reason: "revoked" }, lastOver(settings)));
  }
  return c.body(null, 200);
});

app.get("/.well-known/jwks.json", (c) => c.json(c.get("settings").jwks, 200, { "Cache-Control": "public, max-age=300" }));
app.get("/healthz", (c) => c.json({ status: "ok", algorithm: c.get("settings").algorithm }));

/** When the last token is over that has been issued until now. */
const lastOver = ({ accessLifetime, refreshLifetime }) => now() + Math.max(accessLifetime, refreshLifetime);

export default app;
