// Writes the vectors down, a file for each RFC: `node tests/vectors/generate.mjs`. Every run writes the same.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CHAPTERS, fileOf } from "./load.mjs";

/** What the file of a chapter holds: a vector in a line. */
export async function textOf(chapter) {
  const { vectors } = await import(`./making/${chapter}.mjs`);
  return `[\n${vectors.map((vector) => JSON.stringify(vector)).join(",\n")}\n]\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const chapter of CHAPTERS) writeFileSync(fileOf(chapter), await textOf(chapter));
}
