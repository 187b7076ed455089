// How many logins, reuses and revocations there were, day by day, and whether somebody held a copy of a token.

import { el } from "../lib/dom.js";
import { answerPlace } from "./asking.js";
import { dayChart } from "./chart.js";
import { choice } from "./choice.js";
import { byKind, changeWords, dayText, halves, MEASURES, numberText, total } from "./periods.js";
import { linkTo } from "./router.js";
import { dataTable, row } from "./table.js";
import { theftsCard } from "./thefts.js";
import { countedKindWords } from "./words.js";

const PERIODS = [7, 30, 90];

export function overview({ api, signal, kept }) {
  kept.days ??= 30;
  const place = answerPlace({
    signal,
    ask: () => asked(api, kept.days, signal),
    show: ({ days, reuses }) => cards(halves(days), reuses),
  });
  const period = choice({
    name: "period",
    legend: "Period",
    options: PERIODS.map((days) => [days, `${days} days`]),
    chosen: kept.days,
    onChoose(days) {
      kept.days = Number(days);
      place.load();
    },
  });
  place.load();
  const note = el("p", { class: "quiet" }, "Days are counted in UTC, and today is not over. Counts come a moment after what they count.");
  return { nodes: [el("div", { class: "row apart" }, period, note), place.node], refresh: place.load };
}

/** Of twice the days, to compare the period with the one before. */
async function asked(api, days, signal) {
  const [stats, reuses] = await Promise.all([api.stats(2 * days, signal), api.events({ kind: "reuse" }, signal)]);
  return { days: stats.days, reuses: reuses.events };
}

function cards({ now, before }, reuses) {
  const charts = MEASURES.map((measure) => {
    const chart = dayChart({ measure, days: now, onChoose: (index) => charts.forEach(({ choose }) => choose(index)) });
    return { ...chart, card: measureCard(measure, now, before, chart.node) };
  });
  return [
    el("div", { class: "grid measures" }, ...charts.map(({ card }) => card)),
    el("div", { class: "grid" }, theftsCard(now, reuses), kindsCard(now)),
    daysTable(now),
  ];
}

function measureCard(measure, now, before, chart) {
  const count = total(now, measure.name);
  return el(
    "section",
    { class: "card" },
    el("h2", {}, measure.title),
    el("p", { class: "total" }, numberText(count)),
    el("p", { class: "note" }, changeWords(count, total(before, measure.name), now.length)),
    chart,
  );
}

function kindsCard(days) {
  const kinds = byKind(days);
  const rows = kinds.map(([name, count]) => {
    const [kind] = name.split(":");
    return row(el("a", { href: linkTo("events", { params: { kind } }) }, countedKindWords(name)), numberText(count));
  });
  return el(
    "section",
    { class: "card" },
    el("h2", {}, "What happened"),
    rows.length === 0
      ? el("p", { class: "empty" }, "Nothing in this period.")
      : dataTable({ caption: `Events of ${days.length} days by kind`, columns: ["Kind", "Events"], rows }).node,
  );
}

/** The charts once more, for whoever would rather read them. */
function daysTable(days) {
  const rows = days.toReversed().map((day) => row(dayText(day.day), ...MEASURES.map(({ name }) => numberText(day[name]))));
  const columns = ["Day", ...MEASURES.map(({ title }) => title)];
  const { node } = dataTable({ caption: `Counts of ${days.length} days, the latest first`, columns, rows });
  return el("details", { class: "card" }, el("summary", {}, "The charts as a table"), node);
}
