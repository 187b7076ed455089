// RFC 7797: payloads that are not encoded. It needs crit, and there is no extension that we know.

import { chapter, CLAIMS, hs256 } from "./chapter.mjs";
import { encoded, signed } from "./jws.mjs";
import { KEYS } from "./keys.mjs";

const { refuses, vectors } = chapter("7797");
export { vectors };

refuses("section 4.2", "the example with a detached payload that is not encoded is refused", "malformed", {
  token: "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
});
refuses("section 5.2", "claims that are not encoded are refused", "malformed", {
  token: signed(`${encoded({ alg: "HS256", b64: false, crit: ["b64"] })}.${JSON.stringify(CLAIMS)}`, KEYS.rfc7515_a1, "HS256"),
});
for (const [name, parameters] of [
  ["says b64 false and crit", { b64: false, crit: ["b64"] }],
  ["says b64 true and crit", { b64: true, crit: ["b64"] }],
  ["says b64 false without crit", { b64: false }],
  ["says b64 true without crit", { b64: true }],
  ["says b64 null", { b64: null }],
]) {
  refuses("section 6", `a token whose header ${name} is refused, encoded as it is`, "malformed", {
    token: hs256(CLAIMS, { alg: "HS256", ...parameters }),
  });
}
