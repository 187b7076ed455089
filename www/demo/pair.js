// The pair, side by side. Loaded when there is one, for it brings the WebAssembly that decodes.

import { byId, el, fill } from "../lib/dom.js";
import { issuersNow } from "./clock.js";
import { tokenCard } from "./token_card.js";
import { judgeBy } from "./verdict.js";

const NONE = {};

const IN_COOKIE =
  "Buys the next pair, once. The browser has it in a cookie that no script can read, this page's neither (REFRESH_COOKIE), and sends it along by itself.";

/** `{ show(pair), clear(), tick() }`; `fetch` asks for the public keys. */
export function pairView(session, fetch) {
  const judge = judgeBy(fetch, () => issuersNow(session));
  let cards = NONE;

  const tick = () => {
    if (cards === NONE) return;
    const now = issuersNow(session);
    for (const card of Object.values(cards)) card.tick(now);
  };

  return {
    show({ access, refresh }) {
      if (cards === NONE) cards = newCards(judge, refresh === null);
      cards.access.show(access);
      cards.refresh.show(refresh);
      tick();
    },
    /** Tokens of a session that is over do not stay in the page. */
    clear() {
      cards = NONE;
      fill(byId("pair"));
    },
    tick,
  };
}

function newCards(judge, inCookie) {
  const cards = {
    access: tokenCard({ name: "Access token", purpose: "Goes with every request, and lives for minutes.", judge }),
    refresh: inCookie ? cookieCard() : tokenCard({ name: "Refresh token", purpose: "Buys the next pair, once.", judge }),
  };
  fill(byId("pair"), cards.access.node, cards.refresh.node);
  return cards;
}

/** In the place of a token that nobody here can see. */
function cookieCard() {
  const title = el("div", { class: "row apart" }, el("h3", {}, "Refresh token"));
  const node = el("section", { class: "card", "aria-label": "Refresh token" }, title, el("p", { class: "quiet" }, IN_COOKIE));
  return { node, show() {}, tick() {} };
}
