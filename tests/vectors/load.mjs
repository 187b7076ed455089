// The vectors, read in Node.

import { readFileSync } from "node:fs";

/** One file each. */
export const CHAPTERS = ["rfc7515", "rfc7517", "rfc7518", "rfc7519", "rfc7520", "rfc7797", "rfc8037", "rfc8725"];

export const fileOf = (chapter) => new URL(`${chapter}.json`, import.meta.url);

/** The vectors of one RFC, for example "rfc7519". */
export const vectorsOf = (chapter) => JSON.parse(readFileSync(fileOf(chapter), "utf8"));

export const allVectors = () => CHAPTERS.flatMap(vectorsOf);
