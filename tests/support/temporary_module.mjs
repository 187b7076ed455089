// The text of a document's example as a module.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "./worker.mjs";

export function temporaryModule(text) {
  const file = join(temporaryFolder(), "example.mjs");
  writeFileSync(file, text);
  return import(pathToFileURL(file).href);
}
