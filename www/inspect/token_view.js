// What a token says, shown: its parts in their colours, its header and claims, and where it stands in its life.

import { claimTable, retellDates } from "../lib/claims.js";
import { byId, el, fill } from "../lib/dom.js";
import { expiryRing } from "../lib/ring.js";
import { nowSeconds } from "../lib/time.js";
import { shareLeft, slips, standing } from "./standing.js";

const HEADER_MEANINGS = {
  alg: "signed with",
  typ: "type",
  kid: "id of the key",
  cty: "type of the content",
  enc: "encrypted with",
  zip: "compressed with",
  crit: "has to be understood",
  jku: "address of keys, not asked",
  x5u: "address of keys, not asked",
  jwk: "a key, not used",
  x5c: "certificates, not used",
};

/** `show(apart)`: what `takenApart` gave; `tick()`: a second has passed. */
export function tokenView() {
  const [parts, header, claims, life] = ["parts", "header", "claims", "life"].map(byId);
  const ring = expiryRing();
  const share = el("p", { class: "note" });
  const words = el("p");
  fill(life, ring.node, share, words);
  let shown;
  const tick = () => {
    if (!shown) return;
    const now = nowSeconds();
    const stands = standing(shown, now);
    // Of a life whose beginning or end is not told no share can be drawn: it is all there, or gone.
    ring.show(stands.total === undefined ? Math.sign(stands.left) : stands.left, stands.total ?? 1, stands.label);
    if (stands.state === "early" || stands.state === "endless") ring.node.dataset.state = "short";
    share.textContent = shareLeft(stands);
    words.textContent = [stands.words, ...slips(shown)].join(" ");
    retellDates(claims, now);
  };
  return {
    show(apart) {
      fill(parts, ...apart.parts.map(part));
      fill(header, ...(apart.header ? shownObject(apart.header, "Header", HEADER_MEANINGS) : []));
      fill(claims, ...(apart.claims ? shownObject(apart.claims, "Claims") : []));
      shown = apart.claims?.value;
      life.hidden = !shown;
      tick();
    },
    tick,
  };
}

function part({ name, text }, index) {
  const label = `${index + 1}. ${name}`;
  const length = `${text.length.toLocaleString("en")} ${text.length === 1 ? "character" : "characters"}`;
  const attributes = { class: "part-text mono", tabindex: "0", role: "region", "aria-label": `${name}, as it was pasted` };
  const box = el("div", attributes, text || "empty");
  const title = el("p", { class: "part-name" }, label, el("span", { class: "quiet" }, ` ${length}`));
  return el("li", { class: `part part-${index + 1}` }, title, box);
}

function shownObject({ text, value }, name, meanings) {
  const isEmpty = Object.keys(value).length === 0;
  const table = isEmpty ? el("p", { class: "quiet" }, "Nothing: an empty object.") : claimTable(value, name, { meanings });
  return [table, el("details", {}, el("summary", {}, `${name} as written`), el("pre", {}, text))];
}
