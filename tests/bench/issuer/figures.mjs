// Windows made into figures.

import { spread } from "../measure.mjs";

export const rateOf = ({ requests, milliseconds }) => (requests / milliseconds) * 1000;
export const cpuEach = ({ cpu, requests }) => (cpu === undefined ? undefined : cpu / requests);
export const altogetherEach = ({ altogether, requests }) => (altogether === undefined ? undefined : altogether / requests);

export const median = (figures) => spread(figures).median;

/** Median, least and most over rounds of how many times as much one is as the other in the same round. */
export function ratioOf(ours, peers, figureOf) {
  const ratios = ours.map((window, round) => figureOf(window) / figureOf(peers[round]));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** Three digits, or all of those before the point. */
export const digits = (number) => number.toFixed(Math.max(0, 2 - Math.max(0, Math.floor(Math.log10(number)))));

export const range = ({ median, least, most }) => `${digits(median)} (${digits(least)}–${digits(most)})`;

/** A table of Markdown: the first column to the left, numbers to the right. */
export function table(columns, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map((_, place) => (place === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}
