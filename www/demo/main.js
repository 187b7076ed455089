// The page at `/`: a client of the Worker that serves it.

import { createSession } from "/hallpass/session.js";
import { byId, fill } from "../lib/dom.js";
import { duration } from "../lib/time.js";
import { spentTokens } from "./again.js";
import { showCurl } from "./curl.js";
import { entryOfEnding, showEnding } from "./ending.js";
import { showHealth } from "./health.js";
import { say, wordsOf } from "./message.js";
import { entryOf, entryOfElsewhere } from "./sentences.js";
import { sessionsList } from "./sessions_list.js";
import { emptyForms, showForms, wireForms } from "./sign_in.js";
import { watchedStorage } from "./storage.js";
import { note } from "./timeline.js";
import { view } from "./views.js";
import { showWho } from "./who.js";
import { toldFetch } from "./wire.js";

const NOT_ROTATED = "A new access token. This Worker lets refresh tokens be used again (ROTATE_REFRESH_TOKENS is off), so none is spent.";
const OUT_EVERYWHERE = "Logged out everywhere: every session of yours has ended, and every access token is refused from now on.";
const IN_COOKIE = "A new access token. The refresh token is in its cookie, where this page does not see whether it is another one.";
const NOT_TOLD = "Logged out here, but the issuer could not be told, so there the session goes on until its refresh token expires.";
const outHere = (left) => `Logged out. The access token would have been good for another ${duration(left)}, and is refused from now on.`;

/** What shows the pair, once there has been one. */
let pair;

/** Whether its reader has pressed "Refresh now" and waits for the answer. */
let byHand = false;

const asking = toldFetch((asked, status) => note(entryOf(asked, status, byHand)));
const storage = watchedStorage();
showCurl();
const health = await showHealth();
/** Whether the browser has the refresh token in a cookie (REFRESH_COOKIE), and this page never. */
const inCookie = health?.refresh_cookie === true;
const session = createSession({ issuer: location.origin, refresh: inCookie ? "cookie" : "storage", storage, fetch: asking });
const list = sessionsList(session);
const spent = spentTokens(session, list.read);

wireForms(session);
byId("refresh").addEventListener("click", refreshNow);
byId("log-out").addEventListener("click", () => logOut(false));
byId("log-out-everywhere").addEventListener("click", () => logOut(true));
session.onChange(changed);
if (health) begin();

function begin() {
  byId("demo").hidden = false;
  // Nobody here has a refresh token that could be presented again.
  byId("again").hidden = inCookie;
  show("signed_in", false);
  setInterval(() => {
    pair?.tick();
    spent.tick();
    list.tick();
  }, 1000);
}

function changed({ kind, here }) {
  if (kind === "ended") note(entryOfEnding(session.end, here));
  else if (!here) note(entryOfElsewhere(kind));
  if (kind === "signed_out" && !here) say(byId("signed-out-said"), "Somebody logged out in another tab.", "warn");
  show(kind, here);
}

/** Shows the session as it is; `kind`: what has just happened to it. */
function show(kind, here) {
  view(session.state, here);
  if (session.state === "signed_in") return showSession(kind);
  pair?.clear();
  spent.forget();
  list.clear();
  if (session.end) showEnding(session.end);
  showForms();
}

function showSession(kind) {
  if (kind === "signed_in") beginSession();
  showPair();
  if (!inCookie) spent.saw(kept().refresh, session.claims.sid);
  list.read();
}

function beginSession() {
  pair?.clear();
  list.clear();
  emptyForms();
  fill(byId("who"));
  say(byId("signed-in-said"));
  say(byId("signed-out-said"));
  showWho(session, asking);
}

async function showPair() {
  try {
    const { pairView } = await import("./pair.js");
    pair ??= pairView(session, asking);
    // It may be over by now.
    if (session.state === "signed_in") pair.show(kept());
  } catch {
    say(byId("signed-in-said"), "The part of this page that shows tokens could not be loaded. Reload the page.", "bad");
  }
}

/** What the session has written: JSON with the two tokens in it; the refresh token is null where it is in a cookie. */
function kept() {
  return JSON.parse(storage.latest()) ?? {};
}

async function refreshNow() {
  const { refresh } = kept();
  byHand = true;
  say(byId("signed-in-said"), "Asking the issuer …");
  try {
    await session.refresh();
    const rotated = kept().refresh !== refresh;
    say(byId("signed-in-said"), inCookie ? IN_COOKIE : rotated ? "A new pair. The refresh token of before is spent." : NOT_ROTATED, "good");
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
    if (session.state === "signed_in") say(byId("signed-in-said"), wordsOf(error), "bad");
    // Everywhere it has ended already, then, and why is told in its place.
    else if (!everywhere) say(byId("signed-out-said"), NOT_TOLD, "bad");
  }
}
