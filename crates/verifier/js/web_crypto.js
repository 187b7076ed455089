// Signatures of RSA and the NIST curves, which the platform checks faster than WebAssembly could.

import { HallpassError } from "./errors.js";

const PARAMETERS = {
  ES: (bits) => ({ name: "ECDSA", hash: `SHA-${bits}` }),
  RS: (bits) => ({ name: "RSASSA-PKCS1-v1_5", hash: `SHA-${bits}` }),
  // A salt as long as the hash (RFC 7518 section 3.5).
  PS: (bits) => ({ name: "RSA-PSS", hash: `SHA-${bits}`, saltLength: bits / 8 }),
};
const parametersOf = (algorithm) => PARAMETERS[algorithm.slice(0, 2)](Number(algorithm.slice(2)));

/** The keys of one set, imported when they are first needed. */
export class WebCryptoKeys {
  #keys;
  // Never a promise: on workerd one belongs to the request that made it.
  #imported = new Map();

  constructor(set) {
    this.#keys = JSON.parse(set).keys;
  }

  /** Which of the candidates that `asks` names signed the token, as `{ key, holds }`. One that is no key has signed nothing. */
  async signer(token, asks) {
    const end = token.lastIndexOf(".");
    const input = new TextEncoder().encode(token.slice(0, end));
    const signature = bytesOf(token.slice(end + 1));
    for (const { key, place, algorithm } of asks) {
      const verifying = await this.#key(place, algorithm);
      if (!verifying) continue;
      if (await working(() => subtle().verify(parametersOf(algorithm), verifying, signature, input))) return { key, holds: true };
    }
    return { key: asks[0].key, holds: false };
  }

  async #key(place, algorithm) {
    const name = `${place} ${algorithm}`;
    if (!this.#imported.has(name)) this.#imported.set(name, await imported(this.#keys[place], algorithm));
    return this.#imported.get(name);
  }
}

/** A key of WebCrypto; `undefined` where it is none, such as a point that is not on its curve. */
async function imported({ kty, n, e, crv, x, y }, algorithm) {
  // Nothing but the public key: what the others say has been heeded, and runtimes differ in what they make of it.
  const jwk = kty === "RSA" ? { kty, n, e } : { kty, crv, x, y };
  const parameters = { ...parametersOf(algorithm), namedCurve: crv };
  return working(() => subtle().importKey("jwk", jwk, parameters, false, ["verify"]).catch(noKey));
}

function noKey(error) {
  if (error.name === "NotSupportedError") throw error;
}

function subtle() {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) throw new HallpassError("crypto_failed", "no WebCrypto here: a page needs https for it");
  return subtle;
}

async function working(act) {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof HallpassError) throw cause;
    throw new HallpassError("crypto_failed", "WebCrypto does not know this algorithm or has failed", { cause });
  }
}

/** The bytes of a part of which the core has seen that it is base64url. */
function bytesOf(part) {
  const binary = atob(part.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
