// Moments and durations in words. Moments are seconds since the epoch, as tokens have them.

import { el } from "./dom.js";

const DAY = 86_400;
const UNITS = [
  ["year", 365 * DAY, "year", "years"],
  ["month", 30 * DAY, "month", "months"],
  ["day", DAY, "day", "days"],
  ["hour", 3600, "h", "h"],
  ["minute", 60, "min", "min"],
  ["second", 1, "s", "s"],
];

// The pages speak English, so their dates do; the time zone is the reader's.
const LOCALE = "en-GB";
const relative = new Intl.RelativeTimeFormat(LOCALE);
const absolute = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "medium" });

// Beyond it a Date has no value.
const LATEST = 8_640_000_000_000;

export const nowSeconds = () => Date.now() / 1000;

/** "in 4 minutes", "3 days ago", "now". Of a unit there are two at least, or one would say too little; but for minutes. */
export function fromNow(seconds, now = nowSeconds()) {
  const difference = Math.round(seconds - now);
  if (difference === 0) return "now";
  const fits = ([unit, size]) => Math.abs(difference) >= (unit === "minute" ? size : 2 * size);
  const [unit, size] = UNITS.find(fits) ?? UNITS.at(-1);
  return relative.format(Math.round(difference / size), unit);
}

const most = (unit) => (unit === "month" ? 11 : Infinity);

/** "4 min 10 s", "2 days 3 h": of the units the largest, and the one after it. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const largest = UNITS.findIndex(([, size]) => whole >= size);
  if (largest < 0) return "0 s";
  let left = whole;
  const parts = UNITS.slice(largest, largest + 2).map(([, size, one, many], index) => {
    // After years there are eleven months at most, though twelve of 30 days are no year.
    const count = Math.min(index > 0 ? most(one) : Infinity, Math.floor(left / size));
    left -= count * size;
    return count > 0 && `${count} ${count === 1 ? one : many}`;
  });
  return parts.filter(Boolean).join(" ");
}

/** The date and time of a moment, or undefined where no calendar has it. */
export function dateText(seconds) {
  return Math.abs(seconds) <= LATEST ? absolute.format(seconds * 1000) : undefined;
}

/** A `<time>` that shows a moment in words and its date when pointed at; `full` shows both. */
export function moment(seconds, { full = false, now = nowSeconds() } = {}) {
  const date = dateText(seconds);
  if (date === undefined) return el("span", {}, "beyond any calendar");
  const attributes = { datetime: new Date(seconds * 1000).toISOString(), title: date };
  return el("time", attributes, full ? `${date} (${fromNow(seconds, now)})` : fromNow(seconds, now));
}
