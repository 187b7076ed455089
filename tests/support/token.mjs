// What a token says, read without a check, and tokens of another issuer with the same shared secret.

import { createHmac } from "node:crypto";

/** `{ header, payload, signature }` of a JWS in compact form. */
export function decodeToken(token) {
  const [header, payload, signature] = token.split(".");
  return { header: json(header), payload: json(payload), signature };
}

/** A token of any payload, signed with HMAC. */
export function signToken(payload, key, { alg = "HS256", ...header } = {}) {
  const signed = [{ alg, typ: "JWT", ...header }, payload].map((part) => base64url(JSON.stringify(part))).join(".");
  const hash = alg.replace("HS", "sha");
  return `${signed}.${createHmac(hash, key).update(signed).digest("base64url")}`;
}

/** Seconds since the epoch. */
export const now = () => Math.floor(Date.now() / 1000);

const json = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
const base64url = (text) => Buffer.from(text).toString("base64url");
