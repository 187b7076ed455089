// Whether a user may have tokens: deactivating, reactivating, deleting.

import { el } from "../lib/dom.js";
import { act } from "./acting.js";
import { confirmed } from "./confirm.js";

const TOMBSTONE = "Deleted for good. What is left is the id, so that no token of it is ever accepted again.";

/** What can be done about a user who is known. */
export function standingCard(context) {
  const { standing } = context.user;
  if (standing === "deleted") return card(el("p", {}, TOMBSTONE));
  const change = standing === "deactivated" ? reactivation : deactivation;
  return card(...change(context, context.user.sub), ...deletion(context));
}

/** What can be done about an id that nothing is known of. */
export function strangerCard(context) {
  const words =
    "Nothing is known of this id. If it comes from another issuer or from a login of your own, it can be kept out before it is " +
    "seen here for the first time.";
  return card(el("p", {}, words), ...deactivation(context, context.sub));
}

const card = (...children) => el("section", { class: "card" }, el("h2", {}, "Standing"), ...children);

const step = (words, button) => el("div", { class: "step" }, el("p", { class: "quiet" }, words), button);

function deactivation(context, sub) {
  const words = "Deactivating ends all sessions and keeps this user out until somebody reactivates the account.";
  const click = () =>
    changed(context, {
      title: "Deactivate this user?",
      words: [
        "All sessions end, nobody signs in as this user, and every token is refused.",
        "It can be undone; no session comes back by that.",
      ],
      verb: "Deactivate",
      deed: () => context.api.deactivate(sub),
      said: "Deactivated. All sessions have ended.",
    });
  return [step(words, el("button", { type: "button", class: "danger", click }, "Deactivate"))];
}

function reactivation(context, sub) {
  const words = "Reactivating lets this user sign in again. No session or token of before lives again.";
  const click = () =>
    changed(context, {
      title: "Reactivate this user?",
      words: [words],
      verb: "Reactivate",
      deed: () => context.api.reactivate(sub),
      said: "Reactivated. This user may sign in again.",
    });
  return [step(words, el("button", { type: "button", class: "main", click }, "Reactivate"))];
}

function deletion(context) {
  const { sub, email } = context.user;
  const words = "Deleting is final. The e-mail address can be registered again, by somebody new.";
  const click = () =>
    changed(context, {
      title: "Delete this user for good?",
      words: [
        "All sessions end, the account and what is known of its owner go. What is left is the id, and that it was deleted.",
        "This cannot be undone.",
      ],
      verb: "Delete for good",
      typed: [email, sub].filter(Boolean),
      deed: () => context.api.deleteUser(sub),
      said: "Deleted for good.",
    });
  return [step(words, el("button", { type: "button", class: "danger", click }, "Delete for good"))];
}

async function changed(context, { title, words, verb, typed, deed, said }) {
  if (!(await confirmed({ title, words, verb, typed, signal: context.signal }))) return;
  await act(context, {
    what: `${verb} ${context.user?.email ?? context.user?.sub ?? context.sub}`,
    deed,
    said: () => said,
    async then() {
      await context.load();
      context.heading.focus();
    },
  });
}
