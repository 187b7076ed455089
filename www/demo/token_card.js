// One token: how long it lives, its text, what it says, and whether its signature holds.

import { decode } from "/hallpass/decode.js";
import { claimTable } from "../lib/claims.js";
import { copyButton } from "../lib/copy.js";
import { el, fill } from "../lib/dom.js";
import { expiryRing } from "../lib/ring.js";
import { say } from "./message.js";

/** The parts of a token in its compact form (RFC 7515 section 7.1). */
const PARTS = ["header", "payload", "signature"];

/** `judge(token, header)` gives what becomes of a verification: `{ text, state }`. */
export function tokenCard({ name, purpose, judge }) {
  const subject = `the ${name.toLowerCase()}`;
  const ring = expiryRing();
  const text = el("code", { class: "token", id: name.toLowerCase().replace(" ", "-") });
  const said = el("p", { class: "message", role: "status" });
  const signed = el("p", { class: "note signed" });
  const claims = el("div");
  let token;
  let decoded;

  const verify = async () => {
    const asked = token;
    say(said, "Verifying …");
    const verdict = await judge(asked, decoded.header);
    // Of another token it says nothing.
    if (asked === token) say(said, verdict.text, verdict.state);
  };

  const buttons = [expandButton(text, subject), copyButton(text, subject), smallButton("Verify", `Verify ${subject}`, verify)];
  const node = el(
    "section",
    { class: "card", "aria-label": name },
    el("div", { class: "row apart" }, el("h3", {}, name), ring.node),
    el("p", { class: "quiet" }, purpose),
    text,
    el("div", { class: "row" }, ...buttons),
    said,
    // On a small screen there is more to see than fits.
    el("details", { open: matchMedia("(min-width: 48rem)").matches }, el("summary", {}, "What it says"), claims, signed),
  );

  return {
    node,
    show(compact) {
      if (compact === token) return;
      token = compact;
      decoded = decode(compact);
      fill(text, ...partsOf(compact));
      signed.textContent = signatureOf(decoded.header);
      say(said);
    },
    /** `now` by the issuer's clock, in seconds. */
    tick(now) {
      const { exp, iat = exp } = decoded.claims;
      ring.show(exp - now, exp - iat);
      const table = claimTable(decoded.claims, `Claims of ${subject}`, { now });
      // A table that says the same stays, with whatever is selected in it.
      if (table.textContent !== claims.textContent) fill(claims, table);
    },
  };
}

/** The whole text is always there, to be found and copied; what does not fit is cut off by the style sheet. */
function expandButton(text, subject) {
  const button = smallButton("Show all", `Show all of ${subject}`, () => {
    button.setAttribute("aria-expanded", String(text.classList.toggle("whole")));
  });
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", text.id);
  return button;
}

const smallButton = (text, name, click) => el("button", { type: "button", class: "small", "aria-label": name, click }, text);

function partsOf(compact) {
  return compact.split(".").flatMap((part, index) => [index > 0 && ".", el("span", { class: PARTS[index] }, part)]);
}

const signatureOf = ({ alg, kid }) => (kid === undefined ? `Signed with ${alg}.` : `Signed with ${alg}, by the key ${kid}.`);
