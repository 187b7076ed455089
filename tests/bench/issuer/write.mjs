// The figures' place in the README.

import { readFileSync, writeFileSync } from "node:fs";
import { inProject } from "../../../tools/project.mjs";

const README = inProject("tests", "bench", "README.md");
const [BEGIN, END] = ["<!-- figures of the issuer -->", "<!-- end of the figures -->"];

export const readme = () => readFileSync(README, "utf8");

export const writeReadme = (figures) => writeFileSync(README, placeIn(readme(), figures));

/** A text with these figures in the place of others. */
export function placeIn(text, figures) {
  const [before, rest] = text.split(BEGIN);
  const [, after] = rest.split(END);
  return `${before}${BEGIN}\n\n${figures}\n\n${END}${after}`;
}
