// The page at `/`: a client of the Worker that serves it.

import { browserStorage, createSession } from "/hallpass/session.js";
import { byId } from "/lib/dom.js";
import { duration } from "/lib/time.js";
import { spentTokens } from "./again.js";
import { showCurl } from "./curl.js";
import { entryOfEnding, showEnding } from "./ending.js";
import { showHealth } from "./health.js";
import { say, wordsOf } from "./message.js";
import { pairView } from "./pair.js";
import { entryOf, entryOfElsewhere, entryOfReplay } from "./sentences.js";
import { sessionsList } from "./sessions_list.js";
import { emptyForms, showForms, wireForms } from "./sign_in.js";
import { note } from "./timeline.js";
import { view } from "./views.js";
import { showWho } from "./who.js";
import { toldFetch } from "./wire.js";

const NOT_ROTATED = "A new access token. This Worker lets refresh tokens be used again (ROTATE_REFRESH_TOKENS is off), so none is spent.";
const OUT_EVERYWHERE = "Logged out everywhere: every session of yours has ended, and every access token is refused from now on.";
const NOT_TOLD = "Logged out here, but the issuer could not be told, so it still holds the session for good. It ends when nobody refreshes it.";
const outHere = (left) => `Logged out. The access token would have been good for another ${duration(left)}, and is refused from now on.`;

/** Whether its reader has pressed "Refresh now" and waits for the answer. */
let byHand = false;

const asking = toldFetch((asked, status) => note(entryOf(asked, status, byHand)));
const storage = browserStorage();
const session = createSession({ issuer: location.origin, storage, fetch: asking });
const list = sessionsList(session);
const pair = pairView(session, asking);
const spent = spentTokens({ present, check: list.read, session });

showCurl();
wireForms(session);
byId("refresh").addEventListener("click", refreshNow);
byId("log-out").addEventListener("click", () => logOut(false));
byId("log-out-everywhere").addEventListener("click", () => logOut(true));
session.onChange(changed);
if (await showHealth()) begin();

function begin() {
  byId("demo").hidden = false;
  show("signed_in", false);
  setInterval(() => {
    pair.tick();
    spent.tick();
    list.tick();
  }, 1000);
}

function changed({ kind, here }) {
  const entry = kind === "ended" ? entryOfEnding(session.end, here) : !here && entryOfElsewhere(kind);
  if (entry) note(entry);
  show(kind, here);
}

/** Shows the session as it is; `kind`: what has just happened to it. */
function show(kind, here) {
  view(session.state, here);
  if (session.state === "signed_in") return showSession(kind);
  spent.forget();
  list.clear();
  if (session.end) showEnding(session.end);
  showForms();
}

function showSession(kind) {
  const { access, refresh } = JSON.parse(storage.read());
  pair.show({ access, refresh });
  spent.saw(refresh, session.claims.sid);
  list.read();
  if (kind !== "signed_in") return;
  emptyForms();
  say(byId("signed-in-said"));
  say(byId("signed-out-said"));
  showWho(session);
}

async function refreshNow() {
  const { refresh } = JSON.parse(storage.read());
  byHand = true;
  try {
    await session.refresh();
    const rotated = JSON.parse(storage.read()).refresh !== refresh;
    say(byId("signed-in-said"), rotated ? "A new pair. The refresh token of before is spent." : NOT_ROTATED, "good");
  } catch (error) {
    // Why a session has ended is told in its place.
    if (session.state === "signed_in") say(byId("signed-in-said"), wordsOf(error), "bad");
  }
  byHand = false;
}

async function logOut(everywhere) {
  const left = session.secondsLeft;
  try {
    await session.signOut({ everywhere });
    say(byId("signed-out-said"), everywhere ? OUT_EVERYWHERE : outHere(left), "good");
  } catch (error) {
    const place = session.state === "signed_in" ? "signed-in-said" : "signed-out-said";
    say(byId(place), session.state === "signed_in" ? wordsOf(error) : NOT_TOLD, "bad");
  }
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
