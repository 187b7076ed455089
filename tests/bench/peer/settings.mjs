// The Worker's variables, read once for each isolate.

import { importJWK } from "jose";

let settings;

/** `{ algorithm, signing, verifying, keyId, jwks, clients, accessLifetime, refreshLifetime }`; the two lifetimes are seconds. */
export const settingsOf = (env) => (settings ??= read(env));

async function read(env) {
  return {
    ...(await keysOf(env)),
    clients: new Map(JSON.parse(env.CLIENTS).map((client) => [client.id, client])),
    accessLifetime: Number(env.ACCESS_TOKEN_LIFETIME ?? 300),
    refreshLifetime: Number(env.REFRESH_TOKEN_LIFETIME ?? 86400),
  };
}

async function keysOf({ ALGORITHM: algorithm, SIGNING_KEY, SIGNING_JWK }) {
  if (algorithm === "HS256") {
    // A CryptoKey, not bytes: those would be imported again for every token.
    const usages = ["sign", "verify"];
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(SIGNING_KEY), { name: "HMAC", hash: "SHA-256" }, false, usages);
    return { algorithm, signing: key, verifying: key, jwks: { keys: [] } };
  }
  const { d, ...open } = JSON.parse(SIGNING_JWK);
  const [signing, verifying] = await Promise.all([importJWK({ ...open, d }, algorithm), importJWK(open, algorithm)]);
  return { algorithm, signing, verifying, keyId: open.kid, jwks: { keys: [open] } };
}
