// How long an answer may be used (RFC 9111), by one who keeps it for itself.

const SHORTEST = 1;
const LONGEST = 86_400;

/**
 * Seconds for which an answer with these headers is good: `max-age` less `Age`, and `otherwise` when there is no `max-age`.
 *
 * It is a second at least, also for `no-store` and `no-cache`: a set is asked for when a token comes, and asking once a token
 * would let whoever sends tokens decide what the issuer has to bear. It is a day at most: a `max-age` of a year is a mistake.
 * `must-revalidate` does not matter: for how long an outdated set is used is a setting of the program's.
 */
export function lifetime(headers, otherwise) {
  const control = headers.get("cache-control") ?? "";
  const [, maxAge] = /(?:^|,)\s*max-age\s*=\s*"?([^,"]*)/i.exec(control) ?? [];
  let seconds = otherwise;
  if (maxAge !== undefined) seconds = Number(maxAge) - Math.max(0, Number(headers.get("age")) || 0);
  if (/(?:^|,)\s*no-(?:store|cache)\b/i.test(control)) seconds = 0;
  // What cannot be read counts as outdated (RFC 9111 section 4.2.1).
  return Math.min(Math.max(seconds || 0, SHORTEST), LONGEST);
}
