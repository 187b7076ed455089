// All events, by kind and by user. The filter stands in the address, so the back button takes it back.

import { el } from "../lib/dom.js";
import { eventList } from "./event_list.js";
import { linkTo } from "./router.js";
import { looksLikeToken } from "./token_text.js";
import { EVENT_KINDS, kindWords } from "./words.js";

export function events({ api, route, signal, say }) {
  const filter = { kind: route.params.get("kind") ?? "", sub: route.params.get("sub") ?? "" };
  const list = eventList({ api, signal, filter: () => filter, caption: captionOf(filter) });
  list.load();
  return { nodes: [el("div", { class: "card" }, filterForm(filter, say), list.node)], refresh: list.load };
}

const captionOf = ({ kind, sub }) =>
  ["Events, the newest first", kind && `only “${kindWords(kind)}”`, sub && `only of ${sub}`].filter(Boolean).join("; ");

function filterForm(filter, say) {
  const kind = el("select", { id: "kind" }, el("option", { value: "" }, "All kinds"), ...kindOptions());
  kind.value = filter.kind;
  const sub = el("input", { id: "sub", type: "search", autocomplete: "off", spellcheck: "false", "aria-describedby": "sub-note" });
  sub.value = filter.sub;
  const go = () => {
    const params = { kind: kind.value, sub: sub.value.trim() };
    if (looksLikeToken(params.sub)) return say("This looks like a token. What is looked for here is the id of a user, its sub.", "bad");
    location.hash = linkTo("events", { params });
  };
  const submit = (event) => {
    event.preventDefault();
    go();
  };
  return el(
    "form",
    { class: "filter", submit },
    el("div", { class: "field" }, el("label", { for: "kind" }, "Kind"), kind),
    el("div", { class: "field" }, el("label", { for: "sub" }, "User"), sub),
    el("button", { type: "submit" }, "Show"),
    el("span", { class: "note", id: "sub-note" }, "The whole id of a user, not the e-mail address: the page of a user has it."),
  );
}

const kindOptions = () => Object.entries(EVENT_KINDS).map(([kind, words]) => el("option", { value: kind }, words));
