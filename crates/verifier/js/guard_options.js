// Options of a guard are checked when it is made: what is wrong here would let the wrong people in, or nobody.

import { HallpassError } from "./errors.js";
import { LEEWAY, VERIFY_BEARER } from "./internal.js";

/** Seconds for which the issuer keeps an entry after the `exp` of the last token that it calls back. */
const LONGEST_LEEWAY = 300;
const LONGEST_CACHE = 300;

const OPTIONS = ["verifier", "blacklist", "cacheSeconds", "onKvError", "strict", "strictFor", "realm"];
const INTROSPECTION = ["url", "clientId", "clientSecret", "fetch"];

/** The options with their defaults. */
export function checked(options) {
  demand(isObject(options), "createGuard takes an object of options");
  refuseUnknown(options, OPTIONS, "option");
  for (const name of ["blacklist", "strict"]) {
    // `env.BLACKLIST` of a Worker whose settings lack the binding. Ignored, it would be one check less.
    demand(!(name in options) || options[name] !== undefined, `${name} is undefined: is the binding missing?`);
  }
  const { verifier, blacklist, cacheSeconds = 10, onKvError = "closed", strict, strictFor, realm } = options;
  checkVerifier(verifier);
  demand(blacklist !== undefined || strict !== undefined, "blacklist or strict is needed");
  demand(blacklist === undefined || isFunction(blacklist?.get), "blacklist is no KV namespace");
  const believable = typeof cacheSeconds === "number" && cacheSeconds >= 0 && cacheSeconds <= LONGEST_CACHE;
  demand(believable, `cacheSeconds is no number from 0 to ${LONGEST_CACHE}`);
  demand(["closed", "open"].includes(onKvError), 'onKvError is neither "closed" nor "open"');
  if (strict !== undefined) checkStrict(strict);
  demand(strictFor === undefined || isFunction(strictFor), "strictFor is no function");
  demand(strictFor === undefined || strict !== undefined, "strictFor needs strict");
  demand(realm === undefined || (isText(realm) && /^[ -~]+$/.test(realm)), "realm is not visible ASCII");
  return { verifier, blacklist, cacheSeconds, onKvError, strict, strictFor, realm };
}

/** Whether `strict` is no service binding. One of those seems to have a function under every name, a `url` too. */
export const isIntrospection = (strict) => isObject(strict) && (typeof strict.url === "string" || strict.url instanceof URL);

function checkVerifier(verifier) {
  demand(isFunction(verifier?.[VERIFY_BEARER]), "verifier is no Verifier of this package");
  const kept = verifier[LEEWAY] <= LONGEST_LEEWAY;
  demand(kept, `verifier has a leeway over ${LONGEST_LEEWAY} seconds: longer than revocations are kept`);
}

function checkStrict(strict) {
  const introspection = isIntrospection(strict);
  demand(introspection || isFunction(strict?.fetch), "strict is neither a service binding nor an introspection");
  if (!introspection) return;
  refuseUnknown(strict, INTROSPECTION, "option of strict");
  const { url, clientId, clientSecret, fetch } = strict;
  for (const text of [clientId, clientSecret]) demand(isText(text), "strict lacks clientId or clientSecret");
  demand(fetch === undefined || isFunction(fetch), "strict.fetch is no function");
  demand(mayBeAsked(url, fetch), "strict.url is not https, and the client's secret would be for all to read");
}

/** https; http on this very machine; or whatever a `fetch` of the caller's own makes of it. */
function mayBeAsked(text, fetch) {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  // A Request refuses these.
  if (username !== "" || password !== "") return false;
  if (protocol === "https:") return true;
  return protocol === "http:" && (fetch !== undefined || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

function refuseUnknown(options, known, what) {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  demand(unknown === undefined, `unknown ${what} '${unknown}'`);
}

function demand(holds, reason) {
  if (!holds) throw new HallpassError("bad_option", reason);
}

const isText = (value) => typeof value === "string" && value !== "";
const isObject = (value) => typeof value === "object" && value !== null;
const isFunction = (value) => typeof value === "function";
