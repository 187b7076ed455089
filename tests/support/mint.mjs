// Tokens of another issuer that shares the key.

import { createHmac, randomBytes } from "node:crypto";

export const SIGNING_KEY = "a key of two that share it, long enough";

export const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A token signed with the shared key; of a kind and a subject, with `claims` over what such a token says. */
export function mint(token_type, sub, claims = {}) {
  const [iat, jti] = [nowSeconds(), randomBytes(16).toString("hex")];
  const payload = { token_type, exp: iat + 3600, iat, jti, sub, user_id: sub, ...claims };
  const signed = [{ alg: "HS256", typ: "JWT" }, payload].map(encoded).join(".");
  return `${signed}.${createHmac("sha256", SIGNING_KEY).update(signed).digest("base64url")}`;
}

const encoded = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
