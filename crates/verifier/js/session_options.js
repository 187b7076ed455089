// What a program may ask of a session.

import { HallpassError } from "./errors.js";
import { LOOPBACK } from "./loopback.js";
import { browserStorage, SteadyStorage } from "./session_storage.js";

const OPTIONS = ["issuer", "refresh", "storage", "origins", "fetch", "timeoutSeconds"];

/** The options with their defaults, checked: `issuer` as a URL that ends in a slash, `origins` as a set, `cookie` as `refresh` says. */
export function sessionOptions(options) {
  demand(typeof options === "object" && options !== null, "createSession takes an object of options");
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  demand(unknown === undefined, `unknown option '${unknown}'`);
  const issuer = issuerUrl(options.issuer);
  // A key of its own, so that no issuer is sent another one's token.
  const { refresh = "storage", storage = browserStorage({ key: `hallpass:${issuer}` }), origins = [], fetch, timeoutSeconds = 10 } = options;
  demand(typeof storage?.read === "function" && typeof storage.write === "function", "`storage` lacks `read` or `write`");
  demand(fetch === undefined || typeof fetch === "function", "`fetch` has to be a function");
  demand(refresh === "storage" || refresh === "cookie", "`refresh` has to be \"storage\" or \"cookie\"");
  // NaN is in no range.
  demand(timeoutSeconds > 0 && timeoutSeconds <= 60, "`timeoutSeconds` has to be a number up to 60");
  demand(Array.isArray(origins), "`origins` has to be a list");
  return {
    issuer,
    cookie: refresh === "cookie",
    storage: new SteadyStorage(storage),
    origins: new Set([issuer.origin, globalThis.location?.origin, ...origins.map(originOf)]),
    // Looked up when it is needed: it may have been replaced by then. And never called as a method.
    fetch: fetch ?? ((...request) => globalThis.fetch(...request)),
    timeoutSeconds,
  };
}

function issuerUrl(text) {
  demand(URL.canParse(text), "`issuer` has to be a whole URL, such as `location.origin`");
  const url = new URL(text);
  demand(keepsSecrets(url) && !url.username && !url.password, "`issuer` has to be https, and no user name in it");
  url.search = url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function originOf(text) {
  demand(URL.canParse(text) && new URL(text).origin === text, "`origins` are such as \"https://api.example.com\"");
  demand(keepsSecrets(new URL(text)), "`origins` have to be https");
  return text;
}

/** https; http on this very machine, or where the page has come from that way itself. */
function keepsSecrets({ protocol, hostname, origin }) {
  return protocol === "https:" || (protocol === "http:" && (LOOPBACK.test(hostname) || origin === globalThis.location?.origin));
}

function demand(holds, reason) {
  if (!holds) throw new HallpassError("bad_option", reason);
}
