// All vectors, in Node.

import { readFileSync } from "node:fs";
import { CHAPTERS, fileOf } from "./generate.mjs";

/** The vectors of one RFC, for example "rfc7519". */
export const vectorsOf = (chapter) => JSON.parse(readFileSync(fileOf(chapter), "utf8"));

export const allVectors = () => CHAPTERS.flatMap(vectorsOf);
