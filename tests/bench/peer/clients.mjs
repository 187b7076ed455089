// Programs with a secret, by HTTP Basic.

import { base64url } from "jose";

/** The client that sends this header, if its secret is right. */
export async function clientOf(header, clients) {
  const [scheme, encoded] = (header ?? "").split(" ");
  if (scheme.toLowerCase() !== "basic" || !encoded) return undefined;
  const [id, secret] = atob(encoded).split(":").map((part) => decodeURIComponent(part.replaceAll("+", " ")));
  const client = clients.get(id);
  if (!client || secret === undefined) return undefined;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return crypto.subtle.timingSafeEqual(hash, base64url.decode(client.secret_sha256)) ? client : undefined;
}
