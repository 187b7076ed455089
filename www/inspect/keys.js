// Where keys come from: the address of a set, a pasted key or set, a shared secret. What is wrong with one is told in words.

/** Why there are no keys to check with, for whoever asked. */
export class KeyTrouble extends Error {}

const OF_THIS_MACHINE = /^(?:localhost|127\.0\.0\.1)$/u;

/** Where the issuer of a token has its keys by custom; those of this Worker where it names no address. */
export function usualAddress(iss, origin) {
  const isAddress = typeof iss === "string" && iss.length < 2000 && URL.canParse(iss) && new URL(iss).protocol === "https:";
  return `${isAddress ? iss.replace(/\/$/u, "") : origin}/.well-known/jwks.json`;
}

/** Why this page cannot ask an address, in words; undefined where it can. */
export function addressTrouble(address, origin) {
  if (!URL.canParse(address)) return "This is not a whole address, like https://id.example.com/.well-known/jwks.json.";
  const { protocol, hostname, username, password, origin: asked } = new URL(address);
  if (username || password) return "An address with a user name or a password in it is not asked.";
  if (protocol === "https:" || asked === origin || (protocol === "http:" && OF_THIS_MACHINE.test(hostname))) return undefined;
  return (
    "This page can only ask addresses that begin with https://, or http:// on this very machine. " +
    "Open the address in another tab, and paste the key set here instead."
  );
}

/** The keys at an address: `{ keys, published }`. Nothing but the address leaves the page. */
export async function keysAt(address, { Verifier }) {
  const trouble = addressTrouble(address, location.origin);
  if (trouble) throw new KeyTrouble(trouble);
  return { keys: checked(JSON.parse(await fetched(address, Verifier)).keys), published: true };
}

/** The answer, asked for and held to its limits by the package. */
async function fetched(address, Verifier) {
  const seen = {};
  const ask = async (url, init) => {
    try {
      seen.answer = await fetch(url, { ...init, credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" });
      if (seen.answer.status !== 200) return seen.answer;
      // Read here: when the package has what it needs it ends the exchange, also for a copy of the answer.
      seen.bytes = await seen.answer.arrayBuffer();
      return new Response(seen.bytes, { headers: seen.answer.headers });
    } catch (error) {
      seen.isLate = init.signal.aborted;
      throw error;
    }
  };
  try {
    await new Verifier({ jwksUrl: address, fetch: ask }).load();
  } catch (error) {
    throw new KeyTrouble(fetchTrouble(new URL(address).host, seen, error.reason), { cause: error });
  }
  return new TextDecoder().decode(seen.bytes);
}

function fetchTrouble(host, { answer, bytes, isLate }, reason) {
  if (isLate) return `${host} did not answer within five seconds.`;
  if (!answer) {
    return (
      `There is no answer from ${host} that this page may read. Either it cannot be reached, or it does not let pages of other ` +
      "sites read its keys (CORS: the answer lacks Access-Control-Allow-Origin); the browser does not tell which. " +
      "Open the address in another tab: if the keys show there, copy them, and choose “A key I paste”."
    );
  }
  if (answer.type === "opaqueredirect") {
    return `${host} answered with a redirect, which is not followed. Give the address that it leads to.`;
  }
  if (answer.status !== 200) return `${host} answered ${answer.status}: there is no key set at this address.`;
  if (!bytes) return `The answer of ${host} broke off.`;
  return `What ${host} answered is not a JSON Web Key set (${reason.replace(/^.*: /u, "")}).`;
}

/** Keys from a pasted JSON Web Key, an array of such, or a set. */
export function pastedKeys(text) {
  if (text.trim() === "") throw new KeyTrouble("Paste a key first.");
  if (/^\s*-----BEGIN/u.test(text)) {
    throw new KeyTrouble('This is a PEM file. Keys are taken as JSON Web Keys here, like {"kty":"RSA","n":…,"e":…}.');
  }
  const value = parsed(text);
  return { keys: checked(Array.isArray(value) ? value : (value?.keys ?? [value])), published: false };
}

function checked(listed) {
  const isKey = (key) => typeof key === "object" && key !== null && typeof key.kty === "string";
  const keys = Array.isArray(listed) ? listed.filter(isKey) : [];
  if (keys.length > 0) return keys;
  throw new KeyTrouble(listed?.length === 0 ? EMPTY : "This is JSON, but neither a JSON Web Key, which has a kty, nor a set of them.");
}

const EMPTY =
  "The key set is empty. An issuer that signs with a shared secret (HS256 and the like) publishes no keys: " +
  "it takes that secret to check.";

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new KeyTrouble('This is not JSON. A key looks like {"kty":"OKP",…}; a secret belongs under “A shared secret”.');
  }
}

/** The bytes of a secret that stands there as text or as base64url. */
export function secretBytes(text, isBase64url) {
  if (text === "") throw new KeyTrouble("Type the secret first.");
  if (!isBase64url) return new TextEncoder().encode(text);
  try {
    // Other tools write the alphabet of base64, and padding; the bytes are the same.
    const binary = atob(text.trim().replace(/-/gu, "+").replace(/_/gu, "/").replace(/=+$/u, ""));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    throw new KeyTrouble("This secret is not base64url. If it is a text, choose that.");
  }
}
