// What was pasted, in a sentence or two: the first thing that one reads about it.

import { LONGEST } from "./input.js";
import { standing } from "./standing.js";
import { isUnsigned, quoted } from "./words.js";

/** `{ state, words, more }` of what `takenApart` gave, and of `refusal`: why the package does not read it, if it does not. */
export function summary(apart, refusal, now) {
  if (apart.form !== "jws") return OTHERS[apart.form](apart);
  if (refusal) return malformed(apart, refusal);
  const { header, claims } = apart;
  if (isUnsigned(header.value)) {
    return { state: "bad", words: UNSIGNED, more: [] };
  }
  const { state } = standing(claims.value, now);
  const { alg, kid } = header.value;
  const key = typeof kid === "string" ? `, with the key ${quoted(kid)}` : "";
  return { ...BY_DATES[state], words: `A JWT that says it is signed by ${quoted(alg)}${key}. ${BY_DATES[state].words}`, more: [] };
}

const UNSIGNED = "Nobody signed this token: its algorithm is “none”. Whatever it says, anybody may have written it.";

const BY_DATES = {
  good: { state: "", words: "By its dates it is good." },
  early: { state: "warn", words: "It is not valid yet." },
  over: { state: "bad", words: "It has expired." },
  endless: { state: "warn", words: "It does not say when it expires." },
  unclear: { state: "bad", words: "When it expires cannot be read." },
};

const OTHERS = {
  long: () => ({
    state: "bad",
    words: `This is longer than ${LONGEST / 1024} KiB. Verifiers of Hallpass look at no token of that length, nor does this page.`,
    more: [],
  }),
  jwe: ({ header }) => ({
    state: "warn",
    words:
      `This is an encrypted token (JWE): it has five parts, and says that it is encrypted with ${quoted(header.value.enc)}. ` +
      "Its claims can only be read with the key of whom it is for, which no page should be given. Its header is below.",
    more: [],
  }),
  opaque: ({ count }) => ({ state: "bad", words: `This is not a JWT. ${OPAQUE[count] ?? partsOf(count)}`, more: [] }),
};

const partsOf = (count) => `It has ${count} parts; a JWT has three, with dots between.`;

const OPAQUE = {
  1: "A JWT has three parts with dots between, and this has no dot. It may be an opaque token, which only its issuer can read.",
  2: "A JWT has three parts with dots between, and this has two: the last, the signature, may have been lost.",
  3: "It has three parts, as a JWT has, but the first is not base64url.",
  5: "It has five parts, as an encrypted token has, but its header cannot be read.",
};

function malformed({ header, claims, defects }, { reason }) {
  const read = header || claims ? " What can be read of it is shown all the same." : "";
  const words = `No verifier of Hallpass takes this for a token: ${reason}.${read}`;
  return { state: "bad", words, more: [...defects, ...explained(header?.value)] };
}

const NOT_TAKEN = {
  crit: "crit names extensions that have to be understood; verifiers of Hallpass know none.",
  b64: "b64 changes what is signed, which verifiers of Hallpass do not go along with.",
};

/** What there is to say about members of the header that make it be refused. */
function explained(header) {
  if (!header) return [];
  return Object.entries(NOT_TAKEN).flatMap(([name, words]) => (Object.hasOwn(header, name) ? [`Header: ${words}`] : []));
}
