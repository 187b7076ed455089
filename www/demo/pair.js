// The pair, side by side.

import { decode } from "/hallpass/decode.js";
import { byId } from "/lib/dom.js";
import { nowSeconds } from "/lib/time.js";
import { tokenCard } from "./token_card.js";
import { judgeBy } from "./verdict.js";

const PURPOSES = {
  access: ["Access token", "Goes with every request, and lives for minutes."],
  refresh: ["Refresh token", "Buys the next pair, once."],
};

/** `{ show(pair), tick() }`; `fetch` asks for the public keys. */
export function pairView(session, fetch) {
  const judge = judgeBy(fetch);
  const cards = {};
  let decoded;
  for (const [kind, [name, purpose]] of Object.entries(PURPOSES)) {
    cards[kind] = tokenCard({ name, purpose, judge: (token) => judge(token, decoded[kind].header) });
    byId("pair").append(cards[kind].node);
  }
  const tick = () => {
    if (!decoded) return;
    const now = issuersNow(session, decoded.access.claims);
    for (const kind of Object.keys(PURPOSES)) cards[kind].tick(decoded[kind], now);
  };
  return {
    show(pair) {
      decoded = { access: decode(pair.access), refresh: decode(pair.refresh) };
      for (const kind of Object.keys(PURPOSES)) cards[kind].show(pair[kind], decoded[kind]);
      tick();
    },
    tick,
  };
}

/** The session knows how far this machine's clock is off, as long as it has a token that is good. */
function issuersNow({ secondsLeft }, { exp }) {
  return secondsLeft > 0 ? exp - secondsLeft : Math.max(nowSeconds(), exp);
}
