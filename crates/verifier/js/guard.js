// Bearer tokens (RFC 6750), checked by a verifier and by who knows what was called back.

import { Blacklist } from "./blacklist.js";
import { credentials } from "./credentials.js";
import { HallpassError } from "./errors.js";
import { checked, isIntrospection } from "./guard_options.js";
import { CALLS_BACK, VERIFY_BEARER } from "./internal.js";
import { Refusals } from "./refusals.js";
import { BoundIssuer, IntrospectingIssuer } from "./strict.js";

export function createGuard(options) {
  const { verifier, realm, ...rest } = checked(options);
  const refusals = new Refusals(realm);
  const revocation = revocationCheck(verifier, rest);
  return async (request) => {
    const { token, lacks, tooLong } = credentials(request.headers);
    if (lacks !== undefined) return refusals.lacking(lacks);
    try {
      if (tooLong) throw new HallpassError("malformed", "longer than any token");
      const { claims, header, ...known } = await verifier[VERIFY_BEARER](token);
      const checkedAt = await revocation(request, { token, claims, ...known });
      return { claims, header, checkedAt };
    } catch (error) {
      return refusals.of(error);
    }
  };
}

/** `(request, bearer) => checkedAt`, which throws where the token was called back or that cannot be known. */
function revocationCheck(verifier, { blacklist, cacheSeconds, onKvError, strict, strictFor }) {
  const entries = blacklist && new Blacklist(blacklist, { cacheSeconds, onKvError });
  const byBlacklist = ({ targets, issuedAt }) =>
    entries.check(targets, (key, entry) => verifier[CALLS_BACK](issuedAt, key, entry));

  const issuer = strict && (isIntrospection(strict) ? new IntrospectingIssuer(strict) : new BoundIssuer(strict));
  const byIssuer = async ({ token, claims }) => {
    const now = Math.floor(Date.now() / 1000);
    await issuer.check(token, claims);
    return now;
  };

  const isStrict = (request, claims) => issuer && (!entries || !strictFor || strictFor(request, claims));
  return (request, bearer) => (isStrict(request, bearer.claims) ? byIssuer(bearer) : byBlacklist(bearer));
}
