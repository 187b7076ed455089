// Claims of other types, and dates around the edges of what is taken, well signed.

import { AUDIENCE, ISSUER, NOW } from "../drafts.mjs";
import { replaced, STRANGE } from "./members.mjs";

const REGISTERED = ["exp", "iat", "nbf", "jti", "sub", "iss", "aud", "sid", "user_id", "token_type", "refresh_exp", "scope"];
const DATES = ["exp", "nbf", "iat"];
// 60 is how far ahead `iat` may be, 10 the leeway that half of the verifiers grant.
const EDGES = [-301, -300, -61, -60, -59, -11, -10, -9, -2, -1, 0, 1, 2, 9, 10, 11, 12, 59, 60, 61, 62, 70, 71, 300, 301];
const KINDS = [
  '"access"',
  '"refresh"',
  '"sliding"',
  '"Access"',
  '"access "',
  '"id"',
  '"\\u0061ccess"',
  "null",
  "7",
  '["access"]',
];
const quote = JSON.stringify;
const ISSUERS = [ISSUER, `${ISSUER}/`, ISSUER.toUpperCase(), ` ${ISSUER}`, "https://issuer.examplé", ""].map(quote);
const AUDIENCES = [
  AUDIENCE,
  `${AUDIENCE}/`,
  "x",
  "",
  [],
  [AUDIENCE],
  ["x"],
  ["x", AUDIENCE],
  [[AUDIENCE]],
  ["x", 1],
  [AUDIENCE, null],
  { a: AUDIENCE },
].map(quote);

const claim = (draft, random) => replaced(draft.claims, quote(random.pick(REGISTERED)), random.pick(STRANGE));
const without = (draft, random) => draft.claims.splice(random.below(draft.claims.length), 1);

function date(draft, random) {
  const seconds = String(NOW + random.pick(EDGES));
  const spellings = [
    seconds,
    seconds,
    seconds,
    `${seconds}.0`,
    `${seconds}.5`,
    `${seconds}.000000001`,
    `${seconds}e0`,
    `"${seconds}"`,
  ];
  replaced(draft.claims, quote(random.pick(DATES)), random.pick(spellings));
}

const dates = (draft, random) => DATES.forEach(() => date(draft, random));
const kind = (draft, random) => replaced(draft.claims, '"token_type"', random.pick(KINDS));
const issuer = (draft, random) =>
  replaced(draft.claims, '"iss"', random.chance(70) ? random.pick(ISSUERS) : `[${random.pick(ISSUERS)}]`);
const audience = (draft, random) => replaced(draft.claims, '"aud"', random.pick(AUDIENCES));

export const CLAIMS = [claim, claim, without, date, date, date, dates, kind, issuer, audience];
