// How many tokens are judged, of which seed, and where the README says what came of it.

import { seedOf } from "./random.mjs";

export const USUAL = { seed: 0x4a11_9a55, count: 100_000 };

/** HALLPASS_SEED and HALLPASS_TOKENS; the README's tables are about the usual ones. */
export function settings(env = process.env) {
  const [seed, count] = [seedOf(USUAL.seed, env), Number(env.HALLPASS_TOKENS ?? USUAL.count)];
  return { seed, count, usual: seed === USUAL.seed && count === USUAL.count };
}

export const README = new URL("../README.md", import.meta.url);

/** What stands between the two marks. */
export const REPORT = /(?<=<!-- differential -->\n)[^]*(?=\n<!-- \/differential -->)/;
