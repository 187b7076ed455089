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
    return { state: "bad", words: "Nobody signed this token: its algorithm is “none”. Whatever it says, anybody may have written it.", more: [] };
  }
  const { state } = standing(claims.value, now);
  const { alg, kid } = header.value;
  const key = typeof kid === "string" ? `, with the key ${quoted(kid)}` : "";
  return { ...BY_DATES[state], words: `A JWT that says it is signed by ${quoted(alg)}${key}. ${BY_DATES[state].words}`, more: [] };
}

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
    words: `This is longer than ${LONGEST / 1024} KiB. Verifiers of Hallpass look at no token of that length, and this page does not either.`,
    more: [],
  }),
  jwe: ({ header }) => ({
    state: "warn",
    words: `This is an encrypted token (JWE): it has five parts, and says that it is encrypted with ${quoted(header.value.enc)}. Its claims can only be read with the key of whom it is for, which no page should be given. Its header is below.`,
    more: [],
  }),
  opaque: ({ count }) => ({ state: "bad", words: `This is not a JWT. ${OPAQUE[count] ?? `It has ${count} parts; a JWT has three, with dots between.`}`, more: [] }),
};

const OPAQUE = {
  1: "A JWT has three parts with dots between, and this has no dot. It may be an opaque token, about which only its issuer can say anything.",
  2: "A JWT has three parts with dots between, and this has two: the last, the signature, may have been lost.",
  3: "It has three parts, as a JWT has, but the first is not base64url.",
  5: "It has five parts, as an encrypted token has, but its header cannot be read.",
};

function malformed({ header, claims, defects }, { reason }) {
  const read = header || claims ? " What can be read of it is shown all the same." : "";
  const words = `No verifier of Hallpass takes this for a token: ${reason}.${read}`;
  return { state: "bad", words, more: [...defects, ...explained(header?.value)] };
}

/** What there is to say about members of the header that make it be refused. */
function explained(header) {
  if (!header) return [];
  const words = [];
  if (Object.hasOwn(header, "crit")) words.push("Header: crit names extensions that one has to understand, and no verifier of Hallpass knows any.");
  if (Object.hasOwn(header, "b64")) words.push("Header: b64 changes what is signed, which no verifier of Hallpass goes along with.");
  if (typeof header.typ === "string" && /^jwe$/iu.test(header.typ)) words.push("Header: typ says JWE, but it has three parts, as a signed token has.");
  return words;
}
