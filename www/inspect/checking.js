// A token before a verifier of the package: with no key at all, with a set of keys, with a secret.
// Each gives a check, `{ keys, explain }`: words for the keys, and what to ask again as time passes, which makes no request:
// `await explain()` is `{ explanation, signer, remarks }`.

import { KeyTrouble, secretBytes } from "./keys.js";
import { isOfKeys, isUnsigned, quoted } from "./words.js";

const SECRETS = { HS256: { bytes: 32, hash: "SHA-256" }, HS384: { bytes: 48, hash: "SHA-384" }, HS512: { bytes: 64, hash: "SHA-512" } };

/** Kinds of key that fit several algorithms, and which. */
const SEVERAL = new Map([
  ["oct", /^HS(?:256|384|512)$/u],
  ["RSA", /^[RP]S(?:256|384|512)$/u],
]);

/** All that can be told without a key: the rules about keys are left aside, unless nobody signed. */
export function withoutKey({ token, rules }, { Verifier }) {
  // Some key has to be there. Nobody knows this one, so it vouches for nothing.
  const verifier = new Verifier({ secret: crypto.getRandomValues(new Uint8Array(32)), ...rules });
  return {
    keys: "any key",
    async explain() {
      const explanation = await verifier.explain(token);
      const stays = (failure) => !isOfKeys(failure) || isUnsigned(explanation.header);
      return { explanation: { ...explanation, failures: explanation.failures.filter(stays) }, remarks: [] };
    },
  };
}

/** With keys as JSON Web Keys. `published`: anybody can fetch them. */
export function withKeys({ token, header, rules }, { keys, published }, { Verifier }) {
  const candidates = keys.map((key) => candidate(key, header, published, Verifier));
  const remarks = candidates.flatMap(({ remark }) => remark ?? []);
  const used = candidates.filter(({ verifier }) => verifier);
  if (used.length === 0) throw new KeyTrouble(remarks.join(" "));
  const verifier = new Verifier({ jwks: { keys: used.map(({ key }) => key) }, ...rules });
  return {
    keys: used.length === 1 ? named(used[0].key) : `any of the ${used.length} keys`,
    async explain() {
      const explanation = await verifier.explain(token);
      return { explanation, signer: explanation.failures.some(isOfKeys) ? undefined : await signer(used, token, header), remarks };
    },
  };
}

/** `{ key, verifier, remark }`: a key with a verifier of its own, or without one and why not. */
function candidate(given, { alg }, published, Verifier) {
  const isNamed = given.alg === undefined && SEVERAL.get(given.kty)?.test(alg);
  const key = isNamed ? { ...given, alg } : given;
  if (published && key.kty === "oct") return { key, remark: `${begun(key)} is a shared secret that anybody can fetch. It was not used.` };
  if (!published && key.kty !== "oct" && key.d !== undefined) return { key, remark: PRIVATE };
  try {
    // Of this one it is only asked whether its key has signed.
    const verifier = new Verifier({ jwks: { keys: [key] }, tokenType: "any" });
    return { key, verifier, remark: isNamed ? usedFor(key) : undefined };
  } catch (error) {
    return { key, remark: `${begun(key)} was not used: it ${error.reason.replace(/^.*the one at 0 /u, "")}.` };
  }
}

const usedFor = (key) =>
  `${begun(key)} does not say for which algorithm it is. It was used for ${key.alg}, as the token’s header says; ` +
  "a program should name the algorithm itself.";

const PRIVATE =
  "This is a private key: whoever has it can make tokens. Checking takes its public half, so take out d (and p, q, dp, dq, qi). " +
  "It has not left this page.";

async function signer(candidates, token, header) {
  for (const { key, verifier } of candidates) {
    const { failures } = await verifier.explain(token);
    if (!failures.some(isOfKeys)) return `${named(key)} (${header.alg})`;
  }
}

/** With a shared secret, `{ text, isBase64url }`. */
export async function withSecret({ token, header, rules }, { text, isBase64url }, { Verifier }) {
  const algorithm = Object.hasOwn(SECRETS, header.alg) ? header.alg : "HS256";
  const secret = secretBytes(text, isBase64url);
  if (secret.length < SECRETS[algorithm].bytes) throw new KeyTrouble(await shortSecret(token, secret, algorithm));
  const verifier = new Verifier({ secret, algorithms: [algorithm], ...rules });
  const otherWay = await fitsOtherwise(token, { text, isBase64url }, algorithm);
  return {
    keys: "this secret",
    async explain() {
      const explanation = await verifier.explain(token);
      const fits = !explanation.failures.some(isOfKeys);
      return { explanation, signer: fits ? `this secret (${header.alg})` : undefined, remarks: fits ? [] : otherWay };
    },
  };
}

/** Verifiers take no short secret. Whoever asks still wants to know whether it is the right one. */
async function shortSecret(token, secret, algorithm) {
  const fits = secret.length > 0 && (await signed(token, secret, algorithm));
  const outcome = fits
    ? "The signature fits this secret, but no verifier of Hallpass takes it"
    : "No verifier of Hallpass takes this secret, and the signature does not fit it either";
  const length = `${secret.length} ${secret.length === 1 ? "byte" : "bytes"}`;
  return (
    `${outcome}: it has ${length}, and ${algorithm} asks for ${SECRETS[algorithm].bytes} at least (RFC 7518). ` +
    "Whoever has one token can find a shorter secret by trying."
  );
}

/** Whether the secret would have been right if it was not text but base64url, or the other way round. */
async function fitsOtherwise(token, { text, isBase64url }, algorithm) {
  try {
    if (!(await signed(token, secretBytes(text, !isBase64url), algorithm))) return [];
    return [`The signature fits if the secret is read as ${isBase64url ? "text" : "base64url"}: choose that above.`];
  } catch {
    return [];
  }
}

async function signed(token, secret, algorithm) {
  const end = token.lastIndexOf(".");
  const signature = Uint8Array.from(atob(token.slice(end + 1).replace(/-/gu, "+").replace(/_/gu, "/")), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: SECRETS[algorithm].hash }, false, ["verify"]);
  return crypto.subtle.verify("HMAC", key, signature, new TextEncoder().encode(token.slice(0, end)));
}

const named = ({ kid }) => (typeof kid === "string" ? `the key ${quoted(kid)}` : "a key without an id");

const begun = (key) => named(key).replace(/^./u, (letter) => letter.toUpperCase());
