// One token: how long it lives, its text, what it says, and whether its signature holds.

import { claimTable } from "/lib/claims.js";
import { copyButton } from "/lib/copy.js";
import { el, fill } from "/lib/dom.js";
import { expiryRing } from "/lib/ring.js";
import { say } from "./message.js";

/** The parts of a token in its compact form (RFC 7515 section 7.1). */
const PARTS = ["header", "payload", "signature"];

/** `name` and `purpose` in words; `judge(token)` tells what becomes of a verification: `{ text, state }`. */
export function tokenCard({ name, purpose, judge }) {
  const ring = expiryRing();
  const text = el("code", { class: "token", id: `${name.split(" ")[0].toLowerCase()}-text` });
  const said = el("p", { class: "message", role: "status" });
  const header = el("p", { class: "note" });
  const claims = el("div");
  let token;

  const verify = async () => {
    const asked = token;
    const { text, state } = await judge(asked);
    // Of another token it says nothing.
    if (asked === token) say(said, text, state);
  };

  const node = el(
    "section",
    { class: "card", "aria-label": name },
    el("div", { class: "row apart" }, el("h3", {}, name), ring.node),
    el("p", { class: "quiet" }, purpose),
    text,
    el("div", { class: "row" }, expandButton(text, name), copyButton(text, name), verifyButton(name, verify)),
    said,
    el("details", { open: true }, el("summary", {}, "What it says"), header, claims),
  );

  return {
    node,
    show(compact, decoded) {
      if (compact === token) return;
      token = compact;
      fill(text, ...partsOf(compact));
      header.textContent = headerInWords(decoded.header);
      say(said);
    },
    /** `now` by the issuer's clock, in seconds. */
    tick({ claims: told }, now) {
      ring.show(told.exp - now, told.exp - (told.iat ?? told.exp));
      const table = claimTable(told, `Claims of the ${name.toLowerCase()}, not verified`);
      // A table that says the same stays, with whatever is selected in it.
      if (table.textContent !== claims.textContent) fill(claims, el("div", { class: "scroll" }, table));
    },
  };
}

/** The whole text is always there, to be found and copied; what does not fit is cut off by the style sheet. */
function expandButton(text, name) {
  const button = el("button", { type: "button", class: "small", "aria-expanded": "false", "aria-controls": text.id }, "Show all");
  button.setAttribute("aria-label", `Show all of the ${name.toLowerCase()}`);
  button.addEventListener("click", () => {
    const whole = text.classList.toggle("whole");
    button.setAttribute("aria-expanded", String(whole));
    button.textContent = whole ? "Shorten" : "Show all";
    button.setAttribute("aria-label", `${button.textContent}${whole ? "" : " of"} the ${name.toLowerCase()}`);
  });
  return button;
}

const verifyButton = (name, verify) =>
  el("button", { type: "button", class: "small", "aria-label": `Verify the ${name.toLowerCase()}`, click: verify }, "Verify");

function partsOf(compact) {
  return compact.split(".").flatMap((part, index) => [index > 0 && ".", el("span", { class: PARTS[index] }, part)]);
}

const headerInWords = ({ alg, kid }) => (kid === undefined ? `Signed with ${alg}.` : `Signed with ${alg}, key ${kid}.`);
