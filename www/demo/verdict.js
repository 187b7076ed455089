// Whether a token's signature holds, worked out in this page with the keys that the issuer publishes.

import { verifying } from "../lib/verifying.js";

const JWKS = "/.well-known/jwks.json";

/** `judge(token, header)` gives `{ text, state }`; `fetch` asks for the keys, `now()` is the issuer's time. */
export function judgeBy(fetch, now) {
  let verifier;
  return async (token, { alg }) => {
    if (alg.startsWith("HS")) return { text: sharedSecret(alg), state: "warn" };
    try {
      const { Verifier } = await verifying();
      verifier ??= new Verifier({ jwksUrl: new URL(JWKS, location.origin), tokenType: "any", fetch, now });
      const { header } = await verifier.verify(token);
      return { text: verified(header), state: "good" };
    } catch (error) {
      return { text: `Not verified: ${error.reason ?? "the verifier could not be loaded; try again"}.`, state: "bad" };
    }
  };
}

const verified = ({ kid }) =>
  `Verified: ${kid === undefined ? "a published key" : `the published key ${kid}`} signed it, and it has not expired. ` +
  "Whether it was called back a signature cannot tell.";

const sharedSecret = (alg) =>
  `Not to be verified here: ${alg} signs with a secret, so there are no public keys. Whoever can verify such a token can also make one.`;
