// What time it is for the issuer.

import { nowSeconds } from "../lib/time.js";

/** The session knows how far this machine's clock is off, as long as it has a token that is good. */
export function issuersNow({ secondsLeft, claims }) {
  return secondsLeft > 0 ? claims.exp - secondsLeft : Math.max(nowSeconds(), claims?.exp ?? 0);
}
