// What a program may ask of a JWK set by URL.

import { HallpassError } from "./errors.js";
import { LOOPBACK } from "./loopback.js";

/** In seconds: the default, the least and the most. A set that is a week outdated helps nobody any more. */
const SECONDS = {
  cacheSeconds: [600, 0, 86_400],
  cooldownSeconds: [30, 0, 86_400],
  timeoutSeconds: [5, 0.001, 60],
  staleSeconds: [3600, 0, 604_800],
};

const refuse = (reason) => {
  throw new HallpassError("bad_option", reason);
};

/** The options with their defaults, checked; `url` as text. */
export function remoteOptions({ url, fetch, ...options }) {
  if (fetch !== undefined && typeof fetch !== "function") refuse("`fetch` has to be a function");
  const checked = {
    url: checkedUrl(url, fetch),
    // Looked up when it is needed: it may have been replaced by then. And never called as a method.
    fetch: fetch ?? ((...request) => globalThis.fetch(...request)),
  };
  for (const [name, [byDefault, least, most]] of Object.entries(SECONDS)) {
    const { [name]: seconds = byDefault } = options;
    // NaN is in no range.
    if (typeof seconds !== "number" || !(seconds >= least && seconds <= most)) {
      refuse(`\`${name}\` has to be a number from ${least} to ${most}`);
    }
    checked[name] = seconds;
  }
  return checked;
}

/** No reason names the URL, nor does a cause: a secret may be in it. */
function checkedUrl(text, fetch) {
  let url;
  try {
    url = new URL(text);
  } catch {
    refuse("`jwksUrl` has to be a whole URL");
  }
  if (url.username || url.password) refuse("`jwksUrl` must have no user name or password in it");
  const { protocol, hostname } = url;
  if (protocol !== "https:" && !fetch && !(protocol === "http:" && LOOPBACK.test(hostname))) {
    refuse("`jwksUrl` has to be https, or http on this machine, unless `fetch` is given");
  }
  return url.href;
}
