// Where a token stands in its life, from its dates alone: seconds since the epoch.

import { dateText, duration } from "../lib/time.js";

// No token lives in the year 5138; in milliseconds it is 1973.
const MILLISECONDS_FROM = 1e11;

/**
 * `{ state, left, total, label, words }`: `early`, `good`, `over`, `endless` or `unclear`; seconds left, and in all where it says
 * when they began; a label, which runs with the clock; and what stays true until the state changes.
 */
export function standing(claims, now) {
  const { exp, nbf, iat } = claims;
  if (!Object.hasOwn(claims, "exp")) return { ...WITHOUT_END, ...beginning(claims, now) };
  if (typeof exp !== "number") return { state: "unclear", left: 0, label: "no readable end", words: "Its exp is not a date." };
  const from = [iat, nbf].find((date) => typeof date === "number" && date < exp);
  const left = exp - now;
  const life = { left, total: from === undefined ? undefined : exp - from };
  if (left <= 0) return { state: "over", ...life, label: `expired ${duration(-left)} ago`, words: `It expired on ${dated(exp)}.` };
  const words = `It expires on ${dated(exp)}.`;
  return { state: "good", ...life, label: `${duration(left)} left`, words, ...beginning(claims, now, words) };
}

/** "81 % of its life of 5 min is left", where it says when it began. */
export function shareLeft({ left, total }) {
  if (total === undefined) return "";
  return `${Math.max(0, Math.min(100, Math.ceil((100 * left) / total)))} % of its life of ${duration(total)} is left`;
}

/** What about the dates looks like a slip of whoever made the token. */
export function slips(claims) {
  const dates = ["exp", "nbf", "iat"].filter((name) => typeof claims[name] === "number" && Math.abs(claims[name]) >= MILLISECONDS_FROM);
  return dates.map((name) => `${name} looks like milliseconds. Dates in tokens are seconds, so it says ${dated(claims[name])}.`);
}

const WITHOUT_END = {
  state: "endless",
  left: Infinity,
  label: "never expires",
  words: "It has no exp, so it would be good for ever. Verifiers of Hallpass take no such token.",
};

function beginning({ nbf }, now, words = WITHOUT_END.words) {
  if (typeof nbf !== "number" || nbf <= now) return {};
  return { state: "early", label: `not valid for another ${duration(nbf - now)}`, words: `It is not valid before ${dated(nbf)}. ${words}` };
}

/** A moment as a date. */
export const dated = (seconds) => dateText(seconds) ?? "a day that no calendar has";
