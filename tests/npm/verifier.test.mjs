// The Verifier of the npm package, as it was built. The rules themselves are tested in crates/core and crates/verifier.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";
import { inspect } from "node:util";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { HallpassError, Verifier } from "../../crates/verifier/dist/index.js";

const NOW = 1_800_000_000;
const now = () => NOW;
const SECRET = "a shared secret of at least thirty-two bytes";
const CLAIMS = { sub: "u7", sid: "5e55", jti: "00000000d6a1e6ad", token_type: "access", iat: NOW - 5, exp: NOW + 300 };

const keyOf = async (alg) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `of ${alg}`, alg } };
};
const sign = ({ alg, privateKey, jwk }, claims = CLAIMS, header = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: jwk?.kid, ...header }).sign(privateKey);
const shared = (alg = "HS256", secret = SECRET) => ({ alg, privateKey: new TextEncoder().encode(secret) });

const refused = async (act, code, claim) => {
  const error = await Promise.resolve()
    .then(act)
    .then(
      () => assert.fail(`not refused; ${code} was expected`),
      (error) => error,
    );
  assert.ok(error instanceof HallpassError, String(error?.stack ?? error));
  assert.equal(error.code, code, error.message);
  if (claim !== undefined) assert.equal(error.claim, claim);
  return error;
};

test("a token is verified at once with a shared secret, as text or as bytes", async () => {
  const token = await sign(shared());
  for (const secret of [SECRET, new TextEncoder().encode(SECRET)]) {
    const verifier = new Verifier({ secret, now });
    assert.deepEqual(verifier.verifySync(token), { header: { alg: "HS256" }, claims: CLAIMS });
    assert.deepEqual(await verifier.verify(token), verifier.verifySync(token));
  }
});

test("an algorithm of WebCrypto needs the asynchronous verify and says so", async () => {
  const key = await keyOf("ES256");
  const verifier = new Verifier({ jwks: { keys: [key.jwk] }, now });
  const token = await sign(key);
  assert.deepEqual((await verifier.verify(token)).claims, CLAIMS);
  const error = await refused(() => verifier.verifySync(token), "needs_async");
  assert.match(error.reason, /verify/);
});

test("of several keys for a token without kid each is tried", async () => {
  const [one, other, stranger] = [await keyOf("RS256"), await keyOf("RS256"), await keyOf("RS256")];
  const jwks = { keys: [one, other].map(({ jwk }) => ({ ...jwk, kid: undefined })) };
  const verifier = new Verifier({ jwks, now });
  for (const key of [one, other]) assert.deepEqual((await verifier.verify(await sign(key))).claims, CLAIMS);
  await refused(async () => verifier.verify(await sign(stranger)), "bad_signature");
});

test("an RSA key that names no algorithm is used for those the caller names", async () => {
  const key = await keyOf("PS256");
  const { alg, ...jwk } = key.jwk;
  await refused(() => new Verifier({ jwks: { keys: [jwk] }, now }), "bad_key");
  const verifier = new Verifier({ jwks: { keys: [jwk] }, algorithms: ["PS256"], now });
  assert.deepEqual((await verifier.verify(await sign(key))).claims, CLAIMS);
  const other = await sign({ ...key, alg: "RS256", privateKey: (await keyOf("RS256")).privateKey });
  await refused(() => verifier.verify(other), "algorithm_not_allowed");
});

test("every rule is asked for by its option", async () => {
  const rows = [
    [{ issuer: "https://a" }, {}, "wrong_issuer", "iss"],
    [{ issuer: ["https://a", "https://b"] }, { iss: "https://b" }],
    [{ audience: "api" }, { aud: ["web"] }, "wrong_audience", "aud"],
    [{ audience: ["x", "api"] }, { aud: ["web", "api"] }],
    [{}, { exp: NOW }, "expired", "exp"],
    [{ leeway: 10 }, { exp: NOW - 9 }],
    [{}, { exp: undefined }, "missing_claim", "exp"],
    [{}, { nbf: NOW + 1 }, "not_yet_valid", "nbf"],
    [{}, { iat: NOW + 61 }, "issued_in_future", "iat"],
    [{ maxAge: 60 }, { iat: NOW - 61 }, "too_old", "iat"],
    [{ requiredClaims: ["org"] }, {}, "missing_claim", "org"],
    [{ requiredClaims: ["org"] }, { org: null }],
    [{}, { token_type: "refresh" }, "wrong_kind", "token_type"],
    [{}, { token_type: undefined }],
    [{ tokenType: "access" }, { token_type: undefined }, "missing_claim", "token_type"],
    [{ tokenType: ["access", "refresh"] }, { token_type: "refresh" }],
    [{ tokenType: "any" }, { token_type: "whatever" }],
    [{ tokenTypeClaim: "kind" }, { kind: "refresh" }, "wrong_kind"],
    [{ now: () => 0 }, {}, "clock_unset"],
    [{ now: () => NaN }, {}, "clock_unset"],
    [{ now: () => Infinity }, {}, "bad_option"],
  ];
  for (const [options, claims, code, claim] of rows) {
    const verifier = new Verifier({ secret: SECRET, now, ...options });
    const token = await sign(shared(), { ...CLAIMS, ...claims });
    if (code) {
      await refused(() => verifier.verify(token), code, claim);
      await refused(() => verifier.verifySync(token), code, claim);
    } else {
      assert.equal(verifier.verifySync(token).claims.sub, "u7", inspect(options));
    }
  }
});

test("options that make no sense are refused by their name", async () => {
  const rows = [
    [undefined, /options/],
    [{}, /jwksUrl/],
    [{ audiance: "x" }, /audiance/],
    [{ secret: SECRET, jwks: { keys: [] } }, /secret/],
    [{ secret: 7 }, /secret/],
    [{ issuer: ["https://a", "https://b"] }, /jwksUrl/],
    [{ secret: SECRET, issuer: 7 }, /issuer/],
    [{ secret: SECRET, audience: [] }, /audience/],
    [{ secret: SECRET, leeway: "5" }, /leeway/],
    [{ secret: SECRET, leeway: 301 }, /leeway/],
    [{ secret: SECRET, maxAge: -1 }, /maxAge/],
    [{ secret: SECRET, tokenType: "Access" }, /tokenType/],
    [{ secret: SECRET, algorithms: [] }, /algorithms/],
    [{ secret: SECRET, algorithms: ["none"] }, /algorithms/],
    [{ secret: SECRET, requiredClaims: "sub" }, /requiredClaims/],
    [{ secret: SECRET, now: NOW }, /now/],
    [{ secret: SECRET, cacheSeconds: 5 }, /cacheSeconds/],
    [{ jwksUrl: "http://keys.example.com/" }, /jwksUrl|https/],
  ];
  for (const [options, told] of rows) {
    const error = await refused(() => new Verifier(options), "bad_option");
    assert.match(error.reason, told);
  }
});

test("keys that are none are refused when the verifier is made", async () => {
  const key = await keyOf("EdDSA");
  const rows = [
    { secret: "too short" },
    { secret: SECRET, algorithms: ["HS512"] },
    { secret: SECRET, algorithms: ["ES256"] },
    { jwks: null },
    { jwks: { keys: {} } },
    { jwks: { keys: [] } },
    { jwks: { keys: [{ ...key.jwk, use: "enc" }] } },
    { jwks: { keys: [{ ...key.jwk, x: "AAAA" }] } },
    { jwks: { keys: [await exportJWK((await generateKeyPair("ES256", { extractable: true })).privateKey)] } },
  ];
  for (const options of rows) await refused(() => new Verifier({ now, ...options }), "bad_key");
});

test("keys that are not used are listed beside those that are", async () => {
  const key = await keyOf("EdDSA");
  const verifier = new Verifier({ jwks: { keys: [{ kty: "what", kid: "odd" }, key.jwk, {}] }, now });
  assert.deepEqual(
    verifier.unusableKeys.map(({ index, kid }) => [index, kid]),
    [
      [0, "odd"],
      [2, undefined],
    ],
  );
  assert.equal((await verifier.verify(await sign(key))).claims.sub, "u7");
});

test("an explanation lists every rule that is broken, and the first is what verify says", async () => {
  for (const key of [await keyOf("ES256"), await keyOf("EdDSA")]) {
    const verifier = new Verifier({ jwks: { keys: [key.jwk] }, issuer: "me", requiredClaims: ["org"], now });
    const token = await sign(key, { ...CLAIMS, exp: NOW - 1, token_type: "refresh" });
    const { valid, claims, failures } = await verifier.explain(token);
    assert.deepEqual([valid, claims.sub], [false, "u7"]);
    const codes = ["expired", "wrong_issuer", "wrong_kind", "missing_claim"];
    assert.deepEqual(failures.map(({ code }) => code), codes);
    const forged = `${token.slice(0, -10)}AAAAAAAAAA`;
    assert.deepEqual((await verifier.explain(forged)).failures.map(({ code }) => code), ["bad_signature", ...codes]);
    await refused(() => verifier.verify(forged), "bad_signature");
    const good = await sign(key, { ...CLAIMS, iss: "me", org: "o" });
    assert.deepEqual(await verifier.explain(good), { valid: true, ...(await verifier.verify(good)), failures: [] });
    for (const odd of [undefined, 7, "", "a.b.c"]) {
      assert.deepEqual((await verifier.explain(odd)).failures.map(({ code }) => code), ["malformed"]);
    }
  }
});

test("what is no token is malformed, whatever its type", async () => {
  const verifier = new Verifier({ secret: SECRET, now });
  for (const token of [undefined, null, 7, {}, [], "", "x", "a.b.c", "\ud800.a.b", "a".repeat(200_000), Symbol("x")]) {
    await refused(() => verifier.verify(token), "malformed");
    await refused(() => verifier.verifySync(token), "malformed");
  }
});

test("neither a verifier nor its errors show the secret or the token", async () => {
  const verifier = new Verifier({ secret: SECRET, now });
  assert.ok(!inspect(verifier, { depth: 9, showHidden: true }).includes("secret of"));
  const token = await sign(shared("HS256", `${SECRET}!`));
  const error = await refused(() => verifier.verify(token), "bad_signature");
  for (const part of token.split(".")) assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(part));
});

test("a thousand verifiers work, the first as well as the last", async () => {
  const secret = (n) => `${SECRET} number ${n}`;
  const verifiers = Array.from({ length: 1000 }, (_, n) => new Verifier({ secret: secret(n), now }));
  for (const n of [0, 1, 500, 999, 0]) {
    const token = await sign(shared("HS256", secret(n)));
    assert.equal(verifiers[n].verifySync(token).claims.sub, "u7");
    await refused(() => verifiers[(n + 1) % 1000].verifySync(token), "bad_signature");
  }
});

test("what was handed over may be wiped or changed: the verifier has it as it was", async () => {
  const secret = new TextEncoder().encode(SECRET);
  const lists = { audience: ["api"], issuer: ["me"], requiredClaims: ["org"], algorithms: ["HS256"], tokenType: ["access"] };
  const verifier = new Verifier({ secret, now, ...lists });
  const good = await sign(shared(), { ...CLAIMS, aud: "api", iss: "me", org: "o" });
  const forged = await sign({ alg: "HS256", privateKey: new Uint8Array(secret.length) }, { ...CLAIMS, aud: "api", iss: "me", org: "o" });
  secret.fill(0);
  for (const list of Object.values(lists)) list.length = 0;
  // The verifier gives way to these and is opened anew.
  for (let n = 0; n < 300; n += 1) new Verifier({ secret: `${SECRET} ${n}`, now });
  assert.equal(verifier.verifySync(good).claims.sub, "u7");
  await refused(() => verifier.verifySync(forged), "bad_signature");
  await refused(async () => verifier.verifySync(await sign(shared())), "wrong_issuer");
});

test("options that JSON cannot hold, and texts with half a character, are refused with a code", async () => {
  const circular = { keys: [] };
  circular.keys.push(circular);
  for (const jwks of [circular, { keys: [1n] }, () => {}, Symbol("x")]) await refused(() => new Verifier({ jwks, now }), "bad_key");
  await refused(() => new Verifier({ secret: "\ud800".repeat(40) }), "bad_option");
  for (const wrong of [5n, "5", Symbol("x"), {}, null]) {
    const verifier = new Verifier({ secret: SECRET, now: () => wrong });
    await refused(async () => verifier.verify(await sign(shared())), "bad_option");
  }
});

test("the keys of an issuer are fetched, and fetched again when it rolls them", async (t) => {
  const [first, second] = [await keyOf("EdDSA"), await keyOf("ES256")];
  const issuer = await serving(t, { keys: [first.jwk] });
  const verifier = new Verifier({ jwksUrl: issuer.url, cooldownSeconds: 0, now });
  await refused(async () => verifier.verifySync(await sign(first)), "needs_async");
  await verifier.load();
  assert.equal(verifier.verifySync(await sign(first)).claims.sub, "u7");
  assert.equal(issuer.requests, 1);
  issuer.set = { keys: [first.jwk, second.jwk] };
  assert.equal((await verifier.verify(await sign(second))).claims.sub, "u7");
  assert.equal(issuer.requests, 2);
  const stranger = await keyOf("EdDSA");
  await refused(async () => verifier.verify(await sign(stranger, CLAIMS, { kid: "unheard of" })), "unknown_key");
  assert.equal(issuer.requests, 3);
  await refused(async () => verifier.verify(await sign(stranger, CLAIMS, { kid: "unheard of" })), "unknown_key");
  assert.equal(issuer.requests, 3, "a kid that a fetch did not bring is not asked for again at once");
});

test("an issuer's own address is where its keys are and what its tokens have to name", async (t) => {
  const key = await keyOf("EdDSA");
  const issuer = await serving(t, { keys: [key.jwk] }, "/tenant/.well-known/jwks.json");
  for (const address of [`${issuer.origin}/tenant`, `${issuer.origin}/tenant/`]) {
    const verifier = new Verifier({ issuer: address, now });
    assert.equal((await verifier.verify(await sign(key, { ...CLAIMS, iss: address }))).claims.sub, "u7");
    await refused(async () => verifier.verify(await sign(key)), "wrong_issuer");
  }
});

test("a shared secret in a set that anybody can fetch is not used", async (t) => {
  const secret = Buffer.from(SECRET);
  const issuer = await serving(t, { keys: [{ kty: "oct", k: secret.toString("base64url"), alg: "HS256" }] });
  const verifier = new Verifier({ jwksUrl: issuer.url, now });
  await refused(async () => verifier.verify(await sign(shared())), "algorithm_not_allowed");
  assert.match(verifier.unusableKeys[0].reason, /shared secret/);
});

test("an issuer that answers nonsense is unavailable, not the token's fault", async (t) => {
  const key = await keyOf("EdDSA");
  for (const set of [[], { keys: 7 }, "x", { error: "no" }]) {
    const issuer = await serving(t, set);
    const verifier = new Verifier({ jwksUrl: issuer.url, now });
    await refused(async () => verifier.verify(await sign(key)), "jwks_unavailable");
    await refused(async () => verifier.explain(await sign(key)), "jwks_unavailable");
  }
});

test("keys that are replaced while WebCrypto is asked do not let a token of the former ones fail or pass by accident", async (t) => {
  const [first, second] = [await keyOf("ES256"), await keyOf("ES256")];
  second.jwk.kid = "another";
  const issuer = await serving(t, { keys: [first.jwk] });
  const verifier = new Verifier({ jwksUrl: issuer.url, cooldownSeconds: 0, now });
  await verifier.load();
  issuer.set = { keys: [second.jwk, first.jwk] };
  // The second makes the set be fetched while the first ones are being checked.
  const tokens = [first, first, second, first].map((key) => sign(key));
  const verdicts = await Promise.all((await Promise.all(tokens)).map((token) => verifier.verify(token)));
  assert.ok(verdicts.every(({ claims }) => claims.sub === "u7"));
});

/** A server of one set of keys, which the test may replace. */
async function serving(t, set, path = "/jwks.json") {
  const issuer = { set, requests: 0 };
  const server = createServer((request, response) => {
    issuer.requests += 1;
    response.writeHead(request.url === path ? 200 : 404, { "content-type": "application/json" });
    response.end(typeof issuer.set === "string" ? issuer.set : JSON.stringify(issuer.set));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  issuer.origin = `http://127.0.0.1:${server.address().port}`;
  issuer.url = issuer.origin + path;
  return issuer;
}
