// What the guard and the real verifier make of each other, where the fake one of the other tests has no say.

import assert from "node:assert/strict";
import test from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createGuard } from "../../crates/verifier/dist/edge.js";
import { Verifier } from "../../crates/verifier/dist/index.js";
import { FakeKv } from "../support/guarded.mjs";

const NOW = Math.floor(Date.now() / 1000);
const CLAIMS = { sub: "u7", user_id: "u7", sid: "5e55", jti: "00000000d6a1e6ad", token_type: "access", iat: NOW - 5, exp: NOW + 300 };

const keyOf = async (alg, kid) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
};
const sign = ({ alg, privateKey }, header, claims = CLAIMS) => new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(privateKey);
const ask = (guard, token) => guard(new Request("https://api.example.com/", { headers: { Authorization: `Bearer ${token}` } }));
const reason = async (answer) => (answer instanceof Response ? (await answer.json()).reason : "in");

test("a leaked key is refused also where its token does not name it", async () => {
  for (const alg of ["EdDSA", "ES256", "RS256"]) {
    const [leaked, next] = [await keyOf(alg, "leaked"), await keyOf(alg, "next")];
    const kv = new FakeKv();
    const verifier = new Verifier({ jwks: { keys: [leaked.jwk, next.jwk] } });
    const guard = createGuard({ verifier, blacklist: kv, cacheSeconds: 0 });
    kv.put("kid:leaked", { reason: "key_leaked", at: NOW });
    for (const header of [{ kid: "leaked" }, {}]) assert.equal(await reason(await ask(guard, await sign(leaked, header))), "revoked", alg);
    for (const header of [{ kid: "next" }, {}]) assert.equal(await reason(await ask(guard, await sign(next, header))), "in", alg);
  }
});

test("a cutoff is compared with the second that the core read, however the date is written", async () => {
  const secret = new TextEncoder().encode("a shared secret of at least thirty-two bytes");
  const kv = new FakeKv();
  const guard = createGuard({ verifier: new Verifier({ secret }), blacklist: kv, cacheSeconds: 0 });
  kv.put("sub:u7", { cutoff: NOW, reason: "end_all", at: NOW - 1 });
  const issued = async (iat) => {
    const text = JSON.stringify({ ...CLAIMS, iat: 0 }).replace('"iat":0', `"iat":${iat}`);
    const token = await sign({ alg: "HS256", privateKey: secret }, {}, { ...CLAIMS, iat: 0 });
    const [header] = token.split(".");
    const input = `${header}.${Buffer.from(text).toString("base64url")}`;
    const { createHmac } = await import("node:crypto");
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  };
  const rows = [
    [`${NOW - 1}`, "revoked"],
    [`${NOW - 1}.9999999999`, "revoked"],
    [`${NOW}`, "in"],
    [`${NOW}.5`, "in"],
  ];
  for (const [iat, expected] of rows) assert.equal(await reason(await ask(guard, await issued(iat))), expected, iat);
});

const SECRET = new TextEncoder().encode("a shared secret of at least thirty-two bytes");
const HMAC = { alg: "HS256", privateKey: SECRET };
const status = (answer) => (answer instanceof Response ? answer.status : 200);

test("a namespace that says neither a text nor null of a key lets nobody in", async () => {
  const verifier = new Verifier({ secret: SECRET });
  const token = await sign(HMAC, {});
  const namespaces = [
    async () => new Map(),
    async (keys) => (Array.isArray(keys) ? {} : undefined),
    ...[{}, 0, false, [], 7n].map((value) => async (keys) => new Map(keys.map((key) => [key, value]))),
  ];
  for (const get of namespaces) {
    const guard = createGuard({ verifier, blacklist: { get } });
    assert.equal(status(await ask(guard, token)), 503, String(get));
  }
  assert.equal(verifier.verifySync(token).claims.sub, "u7");
});

test("an issuer that answers 200 with anything but an empty object has not said that the token is good", async () => {
  const verifier = new Verifier({ secret: SECRET });
  const token = await sign(HMAC, {});
  for (const [body, expected] of [["{}", 200], [' { } ', 200], ['{"detail":"Token is blacklisted"}', 503], ['{"error":"no"}', 503], ["[]", 503]]) {
    const guard = createGuard({ verifier, strict: { fetch: async () => new Response(body) } });
    assert.equal(status(await ask(guard, token)), expected, body);
  }
});

test("many good tokens do not make it forget one that was called back", async () => {
  const kv = new FakeKv();
  const guard = createGuard({ verifier: new Verifier({ secret: SECRET }), blacklist: kv, onKvError: "open", cacheSeconds: 300 });
  kv.put("jti:bad", { reason: "revoked", at: NOW, until: NOW + 600 });
  const bad = await sign(HMAC, {}, { ...CLAIMS, jti: "bad" });
  assert.equal(await reason(await ask(guard, bad)), "revoked");
  for (let n = 0; n < 4200; n += 1) await ask(guard, await sign(HMAC, {}, { ...CLAIMS, jti: `good ${n}` }));
  kv.down = true;
  assert.equal(await reason(await ask(guard, bad)), "revoked");
});
