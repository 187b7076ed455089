// What a verifier is made of, checked by name before any of it crosses into WebAssembly.

import { HallpassError } from "./errors.js";

const RULES = {
  algorithms: strings,
  issuer: oneOrMore,
  audience: oneOrMore,
  tokenType: oneOrMore,
  requiredClaims: strings,
  leeway: number,
  maxAge: number,
  tokenTypeClaim: string,
  userIdClaim: string,
};
const SOURCES = ["jwksUrl", "jwks", "secret"];
const REMOTE = ["fetch", "cacheSeconds", "cooldownSeconds", "timeoutSeconds", "staleSeconds"];
const KNOWN = new Set([...Object.keys(RULES), ...SOURCES, ...REMOTE, "now"]);

/** The options sorted by who takes them: `rules` for WebAssembly, one of `secret`, `jwks` and `remote`, and `now`. */
export function sorted(options) {
  if (typeof options !== "object" || options === null) throw wrong("options", "takes an object");
  for (const name of Object.keys(options)) if (!KNOWN.has(name)) throw wrong(name, "is not an option");
  const given = (names) => names.filter((name) => Object.hasOwn(options, name) && options[name] !== undefined);
  const rules = Object.fromEntries(given(Object.keys(RULES)).map((name) => [name, RULES[name](name, options[name])]));
  const remote = Object.fromEntries(given(REMOTE).map((name) => [name, options[name]]));
  const [source, another] = given(SOURCES);
  if (another) throw wrong(another, `stands beside \`${source}\`: keys come from one place`);
  if (source === "secret" || source === "jwks") {
    for (const name of Object.keys(remote)) throw wrong(name, "is for keys that are fetched");
  }
  return { rules, now: clock(options.now), ...keysFrom(source, options, remote) };
}

function keysFrom(source, options, remote) {
  if (source === "secret") return { secret: bytes(options.secret) };
  if (source === "jwks") return { jwks: json(options.jwks) };
  if (source === "jwksUrl") return { remote: { ...remote, url: options.jwksUrl } };
  if (typeof options.issuer === "string") return { remote: { ...remote, url: keysOf(options.issuer) } };
  throw wrong("jwksUrl", "or `jwks`, `secret` or one `issuer` says where the keys are");
}

/** Where Hallpass publishes its keys, and others too. */
const keysOf = (issuer) => `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;

/** Copied, as all that is handed over by reference: a verifier may be opened again when its maker has long wiped it. */
function bytes(secret) {
  // Half a character would be replaced, and many texts be one secret.
  if (typeof secret === "string" && !/\p{Surrogate}/u.test(secret)) return new TextEncoder().encode(secret);
  if (secret instanceof Uint8Array) return new Uint8Array(secret);
  throw wrong("secret", "takes a string or a Uint8Array");
}

function json(jwks) {
  try {
    return JSON.stringify(jwks) ?? "";
  } catch {
    return "";
  }
}

function clock(now = () => Date.now() / 1000) {
  if (typeof now !== "function") throw wrong("now", "takes a function: seconds since the epoch");
  // WebAssembly would make a number of anything, or fail at it half-way.
  return () => {
    const seconds = now();
    if (typeof seconds !== "number") throw wrong("now", "tells no number");
    return seconds;
  };
}

function string(name, value) {
  if (typeof value !== "string") throw wrong(name, "takes a string");
  return value;
}

function number(name, value) {
  if (!Number.isSafeInteger(value) || value < 0) throw wrong(name, "takes a whole number of seconds");
  return value;
}

function strings(name, value) {
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) throw wrong(name, "takes an array of strings");
  return [...value];
}

/** An empty list would ask for nothing at all, which nobody means. */
function oneOrMore(name, value) {
  const list = strings(name, typeof value === "string" ? [value] : value);
  if (list.length === 0) throw wrong(name, "takes a string or several");
  return list;
}

const wrong = (name, why) => new HallpassError("bad_option", `\`${name}\` ${why}`);
