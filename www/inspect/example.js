// A token of this minute, made in the page: `{ token, secret }`. Nobody else knows the secret, and nothing is good with it.

const LIFETIME = 5 * 60;

export async function exampleToken(now = Math.floor(Date.now() / 1000)) {
  const secret = base64url(crypto.getRandomValues(new Uint8Array(24)));
  const header = { alg: "HS256", typ: "JWT" };
  const claims = { iss: "the Inspector", sub: "ann", aud: "whoever tries this page", name: "Ann Example", iat: now, exp: now + LIFETIME };
  const input = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8(input));
  return { token: `${input}.${base64url(new Uint8Array(signature))}`, secret };
}

const utf8 = (text) => new TextEncoder().encode(text);

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/gu, "-").replace(/\//gu, "_").replace(/=+$/u, "");
}
