// The ring of signing keys: which one signs, which will, which did, and rolling them.

import { el } from "../lib/dom.js";
import { dateText, nowSeconds } from "../lib/time.js";
import { act } from "./acting.js";
import { answerPlace } from "./asking.js";
import { confirmed } from "./confirm.js";
import { keyTimeline } from "./key_timeline.js";
import { dataTable, row, when } from "./table.js";
import { keyStateClass } from "./words.js";

const COLUMNS = ["Key", "State", "Published", "Signs from", "Over", ""];
const SHARED = Symbol("a shared secret signs");

export function keys(context) {
  const { api, signal } = context;
  const place = answerPlace({
    signal,
    ask: () => ringOf(api, signal),
    show: (ring) => (ring === SHARED ? sharedCard() : ringCards({ ...context, load: place.load }, ring)),
  });
  place.load();
  return { nodes: [place.node], refresh: place.load };
}

async function ringOf(api, signal) {
  try {
    return await api.keys(signal);
  } catch (failure) {
    if (failure.status === 409) return SHARED;
    throw failure;
  }
}

const sharedCard = () =>
  el(
    "section",
    { class: "card" },
    el("h2", {}, "No ring here"),
    el("p", {}, "A shared secret signs (one of the HS algorithms), so Hallpass makes no keys of its own and there is nothing to roll."),
    el(
      "p",
      { class: "quiet" },
      "To replace the secret, set another SIGNING_KEY. The former one goes into VERIFYING_KEYS until the last token it signed has " +
        "expired, or nowhere if it has leaked.",
    ),
  );

function ringCards(context, keys) {
  const ring = keys.toSorted((one, other) => one.signs_from - other.signs_from);
  const roll = el("button", { type: "button", click: () => rolled(context, ring) }, "Roll now");
  const head = el("div", { class: "row apart" }, el("h2", {}, "The ring"), roll);
  const rows = ring.map((key) => keyRow(context, key));
  const { node } = dataTable({ caption: "Keys of the ring", columns: COLUMNS, rows, stacks: true });
  return [
    el("section", { class: "card" }, head, keyTimeline(ring, nowSeconds())),
    el("section", { class: "card" }, el("h2", {}, "Keys"), node),
  ];
}

function keyRow(context, key) {
  const leaked = el(
    "button",
    { type: "button", class: "danger small", "aria-label": `This key has leaked: ${key.kid}`, click: () => declaredLeaked(context, key) },
    "This key has leaked",
  );
  return row(
    el("code", { class: "short", title: key.kid }, key.kid),
    el("span", { class: `badge ${keyStateClass(key.state)}` }, key.state),
    when(key.published_at),
    when(key.signs_from),
    key.over_at === null ? el("span", { class: "quiet" }, "–") : when(key.over_at),
    key.state === "dead" ? "" : leaked,
  );
}

async function rolled(context, before) {
  const words = [
    "The next key takes over as soon as it may: at once, if it has been published for three minutes, so that no verifier meets a key it " +
      "could not have seen.",
    "What the present key has signed stays good, and nobody has to sign in again.",
  ];
  if (!(await confirmed({ title: "Roll the keys?", words, verb: "Roll", signal: context.signal }))) return;
  await changed(context, { what: "Roll", deed: () => context.api.roll(), said: (ring) => rolledWords(before, ring) });
}

const ofState = (ring, state) => ring.find((key) => key.state === state);

function rolledWords(before, ring) {
  if (ofState(ring, "signing")?.kid !== ofState(before, "signing")?.kid) return "Rolled: the next key signs from now on.";
  return `The next key has not been published for long enough. It signs from ${dateText(ofState(ring, "next")?.signs_from)} on.`;
}

const LOSSES = {
  signing:
    "Everything it signed is refused from now on: every access and refresh token since it began to sign. Whoever has none but those, " +
    "and that is nearly everybody, signs in again.",
  retiring: "Everything it signed is refused from now on. Whoever has not refreshed since it stopped signing signs in again.",
  next: "It has signed nothing yet, so nobody notices. Another key takes its place.",
};

/** By its name, not as “the current one”: that may have become another while the question was read. */
async function declaredLeaked(context, { kid, state }) {
  const words = [`The key ${kid}, which is ${state}.`, LOSSES[state], "This cannot be undone. If it has not leaked, roll instead."];
  const { api, signal } = context;
  if (!(await confirmed({ title: "Declare this key leaked?", words, verb: "Declare it leaked", signal }))) return;
  await changed(context, {
    what: `The key ${kid}`,
    deed: () => api.declareLeaked(kid),
    said: () => "The key is dead. Hallpass refuses what it signed, everywhere within a minute; other Workers see it as any revocation.",
  });
}

async function changed(context, { what, deed, said }) {
  await act(context, {
    what,
    deed,
    said,
    async then() {
      await context.load();
      context.heading.focus();
    },
  });
}
