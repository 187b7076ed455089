// The figures' place in the README.

import { readFileSync, writeFileSync } from "node:fs";
import { inProject } from "../../../tools/project.mjs";

const README = inProject("tests", "bench", "README.md");
const [BEGIN, END] = ["<!-- figures of the issuer -->", "<!-- end of the figures -->"];

export function writeReadme(figures) {
  const [before, rest] = readFileSync(README, "utf8").split(BEGIN);
  const [, after] = rest.split(END);
  writeFileSync(README, `${before}${BEGIN}\n\n${figures}\n\n${END}${after}`);
}
