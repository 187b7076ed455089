// The sessions of whoever is signed in, on all devices.

import { byId, el, fill } from "../lib/dom.js";
import { dateText, fromNow, moment } from "../lib/time.js";
import { issuersNow } from "./clock.js";
import { say, wordsOf } from "./message.js";

const ADDRESS = "/api/sessions/";

/** `{ read(), clear(), tick() }` */
export function sessionsList(session) {
  let asked = 0;
  /** What was said last of why the list could not be read. */
  let unread;

  const fail = (words) => say(byId("sessions-said"), (unread = words), "bad");

  /** Reads the list and shows it, unless it was asked for anew meanwhile; resolves to whether it could be read. */
  const read = async () => {
    const mine = ++asked;
    try {
      const answer = await session.fetch(ADDRESS, { headers: { accept: "application/json" } });
      const sessions = answer.ok ? await answer.json() : undefined;
      if (mine !== asked) return answer.ok;
      if (sessions) show(sessions);
      else fail(`The list cannot be read: status ${answer.status}.`);
      return answer.ok;
    } catch (error) {
      if (mine === asked) fail(wordsOf(error));
      return false;
    }
  };

  const show = (sessions) => {
    const place = byId("sessions-list");
    const held = place.contains(document.activeElement) ? document.activeElement.id : undefined;
    fill(place, ...sessions.map((one) => entry(one, issuersNow(session), end)));
    // Whoever is at a button of the list stays there: it is read anew with every refresh.
    if (held !== undefined) (byId(held) ?? byId("sessions-title")).focus({ preventScroll: true });
    if (byId("sessions-said").textContent === unread) say(byId("sessions-said"));
  };

  const end = async ({ sid }) => {
    try {
      const answer = await session.fetch(`${ADDRESS}${encodeURIComponent(sid)}/`, { method: "DELETE" });
      say(byId("sessions-said"), ...outcomeOf(answer.status));
    } catch (error) {
      say(byId("sessions-said"), wordsOf(error), "bad");
    }
    await read();
    // The button that was pressed is gone with its session.
    if (session.state === "signed_in") byId("sessions-title").focus();
  };

  byId("sessions-read").addEventListener("click", () => {
    say(byId("sessions-said"));
    return read();
  });

  const clear = () => {
    // Whatever is under way is about somebody else's.
    asked += 1;
    fill(byId("sessions-list"));
    say(byId("sessions-said"));
  };

  /** Keeps what is shown of times true. */
  const tick = () => {
    const now = issuersNow(session);
    for (const time of byId("sessions-list").querySelectorAll("time")) time.textContent = fromNow(Date.parse(time.dateTime) / 1000, now);
  };

  return { read, clear, tick };
}

function entry(one, now, end) {
  const at = (seconds) => moment(seconds, { now });
  const client = one.client || "No User-Agent";
  const name = `End this one: opened ${dateText(one.started_at)}, ${client}`;
  return el(
    "li",
    {},
    el(
      "div",
      { class: "row apart" },
      el("span", { class: "client" }, client),
      one.current ? el("span", { class: "badge good" }, "this one") : button(`end-${one.sid}`, name, () => end(one)),
    ),
    el(
      "p",
      { class: "note" },
      ...["opened ", at(one.started_at), ", refreshed ", at(one.last_refreshed_at), ", ends ", at(one.expires_at)],
      " unless refreshed",
    ),
  );
}

const button = (id, name, click) => el("button", { type: "button", id, class: "small", "aria-label": name, click }, "End this one");

function outcomeOf(status) {
  if (status === 204) return ["It has ended. Whoever uses it is asked to sign in again.", "good"];
  if (status === 404) return ["It had ended already.", "good"];
  return [`It could not be ended: status ${status}.`, "bad"];
}
