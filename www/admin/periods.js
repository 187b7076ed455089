// Counts of days, put together into periods and compared.

export const MEASURES = [
  { name: "logins", title: "Logins", one: "login", many: "logins" },
  { name: "reuses", title: "Reuses", one: "reuse", many: "reuses" },
  { name: "revocations", title: "Revocations", one: "revocation", many: "revocations" },
];

const numbers = new Intl.NumberFormat("en");
// The days are counted in UTC, wherever the reader is.
const dates = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const shortDates = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

export const numberText = (number) => numbers.format(number);
export const dayText = (seconds) => dates.format(seconds * 1000);
export const shortDayText = (seconds) => shortDates.format(seconds * 1000);

/** "5 logins". */
export const counted = (count, { one, many }) => `${numberText(count)} ${count === 1 ? one : many}`;

export const total = (days, name) => days.reduce((sum, day) => sum + day[name], 0);

/** Of twice as many days as a period has, the period and the one before it. */
export const halves = (days) => ({ before: days.slice(0, days.length / 2), now: days.slice(days.length / 2) });

/** How a period's total stands to that of the one before. */
export function changeWords(now, before, days) {
  const then = `the ${days} days before`;
  if (before === 0) return now === 0 ? `none in ${then} either` : `none in ${then}`;
  if (now === before) return `as many as in ${then}`;
  const percent = numberText(Math.max(1, Math.round((Math.abs(now - before) / before) * 100)));
  return `${now > before ? `▲ ${percent} % more` : `▼ ${percent} % fewer`} than in ${then} (${numberText(before)})`;
}

/** The counts of each kind over all days, the most frequent first: `[["login", 12], …]`. */
export function byKind(days) {
  const sums = new Map();
  for (const { kinds } of days) {
    for (const [kind, count] of Object.entries(kinds)) sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  return [...sums].sort(([, one], [, other]) => other - one);
}
