// Entries of the blacklist, as another hand could have written them.

import { nowSeconds } from "../support/mint.mjs";

const NUMBERS = ["0", "-0", "1", "-1", "1.5", "1e3", "null", "true", '"7"', "[]", "{}", "18446744073709551616", "1e400"];
const WRONG = ["", "null", "[]", "{", "x", '"text"', "7", "{,}", "\ufeff{}", "\0"];

/** Around the `iat` of a token, before and after it. */
const cutoffs = (iat) => [
  ...[-2, -1, 0, 1, 2, 3600].map((by) => String(iat + by)),
  `${iat}.0`,
  `${iat}.5`,
  `"${iat}"`,
  ...NUMBERS,
];

/** The text of a subject's entry. */
export function entryText(random, iat) {
  if (random.chance(8)) return random.pick(WRONG);
  const members = ['"reason":"end_all"', `"at":${random.pick([String(iat), ...NUMBERS])}`];
  if (random.chance(85))
    members.push(`${random.pick(['"cutoff"', '"cutoff"', '"\\u0063utoff"', '"Cutoff"'])}:${random.pick(cutoffs(iat))}`);
  if (random.chance(8)) members.push(`"cutoff":${random.pick(cutoffs(iat))}`);
  if (random.chance(30)) members.push(`"until":${random.pick([String(iat + 900), ...NUMBERS])}`);
  if (random.chance(10))
    members.push(random.pick(['"more":{"cutoff":0}', '"more":"\\ud800"', `"more":${"[".repeat(130)}${"]".repeat(130)}`]));
  const text = `{${members.join(random.pick([",", " ,\n"]))}}`;
  return random.chance(6) ? text.slice(0, random.below(text.length)) : text;
}

/** The cutoff that every reader finds in it; undefined where one may not. */
export function cutoffOf(text) {
  try {
    const { cutoff } = JSON.parse(text);
    return Number.isSafeInteger(cutoff) && !Object.is(cutoff, -0) && cutoff >= 0 ? cutoff : undefined;
  } catch {
    return undefined;
  }
}

/** What an entry's metadata says: as the issuer writes it, or nearly. */
export function metadata(random) {
  const at = nowSeconds();
  const facts = { reason: random.pick(["rotated", "logout", "end_all", "é\u2028", ""]), at };
  const others = { sub: "u7", sid: "5e55", kind: "refresh", cutoff: at + 1, until: at + 900 };
  for (const [name, value] of Object.entries(others)) if (random.chance(50)) facts[name] = value;
  if (random.chance(60)) return { facts, whole: true };
  const name = random.pick(Object.keys({ ...facts, more: 1 }));
  const strange = random.pick([null, true, -1, 1.5, 2 ** 53, "x", "", [], {}, [facts], undefined]);
  return { facts: random.chance(10) ? random.pick([null, [], "x", 7, {}]) : { ...facts, [name]: strange }, whole: false };
}
