// The live sessions of a user, each with its unspent token, and how they are ended.

import { copyButton } from "../lib/copy.js";
import { byId, el } from "../lib/dom.js";
import { moment } from "../lib/time.js";
import { act, unlessMissing } from "./acting.js";
import { confirmed } from "./confirm.js";
import { clientText } from "./people.js";
import { dataTable, lines, row, shortId } from "./table.js";

const COLUMNS = ["Client", "Started", "Last refreshed", "Expires", "Outstanding token", ""];

export function sessionsCard(context) {
  const { sessions } = context.user;
  const heading = el("h2", { id: "sessions", tabindex: "-1" }, "Live sessions");
  const endAll = el("button", { type: "button", class: "danger small", click: () => endSessions(context) }, "End all");
  const canEndAll = context.user.standing !== "deleted";
  return el(
    "section",
    { class: "card" },
    el("div", { class: "row apart" }, heading, canEndAll && endAll),
    sessions.length === 0 ? el("p", { class: "empty" }, "No session is live.") : table(context, sessions),
  );
}

function table(context, sessions) {
  const rows = sessions.map((session) => sessionRow(context, session));
  const caption = `${sessions.length} live, each with the refresh or sliding token that is not spent yet`;
  return dataTable({ caption, columns: COLUMNS, rows, stacks: true }).node;
}

function sessionRow(context, session) {
  const jti = shortId(session.jti);
  const label = `End the session of ${session.client || "an unnamed client"}, started ${moment(session.started_at).title}`;
  return row(
    clientText(session.client),
    moment(session.started_at),
    moment(session.last_refreshed_at),
    moment(session.expires_at),
    lines(el("span", {}, session.kind), el("span", { class: "row tight" }, jti, copyButton(jti, "the token’s id", context.say))),
    el("button", { type: "button", class: "danger small", "aria-label": label, click: () => endSession(context, session) }, "End"),
  );
}

async function endSession(context, session) {
  const { api, signal, user, load } = context;
  const client = session.client || "a client that did not say what it is";
  const words = [
    `Signed in with: ${client}`,
    "Every token of this session is refused from now on; other Workers see it as they see any revocation.",
  ];
  if (!(await confirmed({ title: "End this session?", words, verb: "End the session", signal }))) return;
  await act(context, {
    what: `The session of ${client}`,
    deed: () => unlessMissing(api.endSession(user.sub, session.sid), GONE),
    said: (answer) => (answer === GONE ? "That session had ended already." : "The session has ended."),
    then: () => reloaded(load),
  });
}

const GONE = Symbol("ended before");

async function endSessions(context) {
  const { api, signal, user, load } = context;
  const words = ["All sessions end, and everything that was issued to this user up to now is called back.", "Signing in again works."];
  if (!(await confirmed({ title: "End all sessions?", words, verb: "End all sessions", signal }))) return;
  await act(context, {
    what: `All sessions of ${user.email ?? user.sub}`,
    deed: () => api.endSessions(user.sub),
    said: () => "All sessions have ended, and everything issued so far is called back.",
    then: () => reloaded(load),
  });
}

/** The button that was pressed is gone with its row: the focus goes to where the table is, or was. */
async function reloaded(load) {
  await load();
  byId("sessions")?.focus();
}
