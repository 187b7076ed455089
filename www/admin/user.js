// One user: who it is, the live sessions, what has happened, and what can be done about it.

import { copyButton } from "../lib/copy.js";
import { el } from "../lib/dom.js";
import { moment } from "../lib/time.js";
import { unlessMissing } from "./acting.js";
import { answerPlace } from "./asking.js";
import { eventList } from "./event_list.js";
import { fullName, standingBadge } from "./people.js";
import { linkTo } from "./router.js";
import { facts } from "./table.js";
import { sessionsCard } from "./user_sessions.js";
import { standingCard, strangerCard } from "./user_standing.js";

export function user(context) {
  const { api, route, signal, heading } = context;
  const sub = route.id;
  heading.textContent = sub;
  const happened = eventList({ api, signal, filter: () => ({ sub }), caption: "Events of this user, the newest first" });
  const place = answerPlace({
    signal,
    ask: () => described(api, sub, signal),
    show({ user, listed }) {
      heading.textContent = user?.email || sub;
      if (user === undefined) return strangerCard({ ...context, sub, load });
      return cards({ ...context, user, listed, load });
    },
  });
  const load = () => Promise.all([place.load(), happened.load()]);
  load();
  const back = el("p", {}, el("a", { href: linkTo("users") }, "All users"));
  const events = el("section", { class: "card" }, el("h2", {}, "Events"), happened.node);
  return { nodes: [back, place.node, events], refresh: load };
}

/** Who it is says what decides; since when, and when here last, only the list knows, and the page does without if it has to. */
async function described(api, sub, signal) {
  const [user, page] = await Promise.all([
    unlessMissing(api.user(sub, signal), undefined),
    api.users({ query: sub }, signal).catch(() => ({ users: [] })),
  ]);
  return { user, listed: page.users.find((one) => one.sub === sub) };
}

function cards(context) {
  const { user, listed, say } = context;
  const id = el("code", {}, user.sub);
  const profile = facts([
    ["Standing", standingBadge(user.standing)],
    ["E-mail", user.email],
    ["Name", fullName(user) || undefined],
    ["Id", el("span", { class: "row" }, id, copyButton(id, "the id", say))],
    ["Created", listed && moment(listed.created_at, { full: true })],
    ["Last login", listed?.last_login_at && moment(listed.last_login_at, { full: true })],
  ]);
  const who = el("section", { class: "card slip" }, el("h2", {}, "Profile"), profile);
  const standing = standingCard(context);
  return [el("div", { class: "grid" }, who, standing), sessionsCard(context)];
}
