// What becomes of a refresh token that is presented again. Spent ones are remembered while the page is open, and nowhere else.

import { byId } from "../lib/dom.js";
import { duration, nowSeconds } from "../lib/time.js";
import { say } from "./message.js";
import { entryOfReplay } from "./sentences.js";
import { note } from "./timeline.js";
import { toldFetch } from "./wire.js";

/** Within so many seconds of its exchange the issuer takes the token before the current one for a lost race. */
const RACE = 10;

const GRACE = "this Worker answers a spent refresh token with the same pair for a while (REFRESH_GRACE_SECONDS).";

const PRESENT = [byId("again-last"), byId("again-older")];

/** `check()` asks for something with the access token, and resolves to whether it was answered. */
export function spentTokens(session, check) {
  let current;
  /** The newest first: `{ token, at }`. */
  let spent = [];

  const use = async ({ token }) => {
    say(byId("again-said"), "Asking …");
    const status = await present(token);
    const lives = await check();
    // Otherwise the page tells why it has ended.
    if (session.state === "signed_in") say(byId("again-said"), ...outcomeOf(status, lives));
  };
  for (const [index, button] of PRESENT.entries()) button.addEventListener("click", () => use(spent[index]));

  const tick = () => {
    PRESENT[0].disabled = spent.length === 0;
    PRESENT[1].hidden = spent.length < 2;
    byId("again-age").textContent = spent.length === 0 ? "There is none yet: refresh first." : ageOf(spent[0]);
  };

  return {
    /** Another pair is kept: what it replaced is spent, if it was of the same session. */
    saw(refresh, sid) {
      if (current?.sid !== sid) spent = [];
      else if (current.token !== refresh) spent = [{ token: current.token, at: nowSeconds() }, ...spent].slice(0, PRESENT.length);
      if (current?.token !== refresh) say(byId("again-said"));
      current = { token: refresh, sid };
      tick();
    },
    forget() {
      current = undefined;
      spent = [];
    },
    tick,
  };
}

/** Tries a spent refresh token; resolves to the status, or undefined when nothing came. */
async function present(refresh) {
  const told = toldFetch((asked, status) => note(entryOfReplay(asked, status)));
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ refresh }), cache: "no-store" };
  try {
    return (await told("/api/token/refresh/", init)).status;
  } catch {
    return undefined;
  }
}

function ageOf({ at }) {
  const age = nowSeconds() - at;
  const meaning = age < RACE ? "now it would be taken for a lost race" : "now it would be taken for a theft";
  return `The old one was spent ${duration(age)} ago: ${meaning}.`;
}

function outcomeOf(status, lives) {
  if (status === 401 && !lives) return ["401: it is spent, and buys nothing. Whether your session lives cannot be known now.", "warn"];
  if (status === 401) return ["401: it is spent, and buys nothing. It was taken for a lost race, so your session lives.", "good"];
  if (status === 200) return [`200: ${GRACE}`, "warn"];
  return [`${status ?? "No answer"}: nothing is known of what the issuer made of it.`, "bad"];
}
