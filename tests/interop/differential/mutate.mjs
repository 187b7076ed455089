// A good token, spoiled in none, one or a few ways.

import { finished, newDraft } from "./drafts.mjs";
import { CLAIMS } from "./mutations/claims.mjs";
import { HEADER } from "./mutations/header.mjs";
import { JSON_TEXT } from "./mutations/json.mjs";
import { SIGNATURE } from "./mutations/signature.mjs";
import { SIZE } from "./mutations/size.mjs";
import { FORM, SPELLING } from "./mutations/spelling.mjs";
import { randomOf } from "./random.mjs";

// How often each group is drawn; what is well signed shows more.
const GROUPS = [
  [HEADER, 24],
  [CLAIMS, 34],
  [JSON_TEXT, 20],
  [SPELLING, 9],
  [FORM, 5],
  [SIGNATURE, 7],
  [SIZE, 1],
].flatMap(([group, share]) => Array(share).fill(group));

const HOW_MANY = [0, ...Array(11).fill(1), ...Array(6).fill(2), 3, 3];

/** The `nth` token of a seed, and for whom it is: `{ token, algorithm, demanding }`. */
export function mutated(seed, nth) {
  const random = randomOf(seed, nth);
  const draft = newDraft(random);
  for (let left = random.pick(HOW_MANY); left > 0; left -= 1) random.pick(random.pick(GROUPS))(draft, random);
  return { nth, token: finished(draft), algorithm: draft.key.algorithm, demanding: random.chance(40) };
}
