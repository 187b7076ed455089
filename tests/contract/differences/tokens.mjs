// Where we read a single token otherwise: stricter, or without falling over.

import {
  bearerInvalid,
  blacklisted,
  done,
  invalid,
  noAccount,
  pair,
  userNotFound,
  withoutClaims,
  withoutExp,
  withoutId,
} from "./answers.mjs";

const bodyPlaces = /^(refresh|verify|blacklist|sliding refresh) judges/;
const issuingPlaces = /^(refresh|blacklist|sliding refresh) judges/;
const bearer = /^bearer authentication judges/;
const refreshing = /^refresh judges/;
const issuers = /^(refresh|sliding refresh) judges/;

/** One difference at the endpoints that read a token from a body, and its twin where it is the bearer. */
const refusedAs = (step, reason) => [
  { scenario: bodyPlaces, step, reason, expect: invalid },
  { scenario: bearer, step, reason, expect: bearerInvalid },
];

/** Refused or taken: nothing written says which. */
const openlyInvalid = (step, reason, open) => [
  { scenario: bodyPlaces, step, reason, open, expect: [(recorded) => recorded, invalid] },
  { scenario: bearer, step, reason, open, expect: [(recorded) => recorded, bearerInvalid] },
];

const aheadOfUs = "iat thirty seconds ahead";

// As a token with an ordinary `iat`. What is said of its jti, that a sliding refresh keeps it, is said of this one.
const asIssued = (recorded, { steps }) =>
  JSON.parse(JSON.stringify(steps["as issued"]).replaceAll("that of as issued", `that of ${aheadOfUs}`));

const duplicates = "duplicate members of header and payload are refused";
const spelling = "one token has one spelling";
const wrongJsonType = "a claim of the wrong JSON type is refused, never skipped";
const noServerErrors = "its 500s";
const unknownUser =
  "a subject without a built-in account is not looked up elsewhere, yet the contract calls an unknown user a 401";

export const tokenDifferences = [
  ...refusedAs(/^(user_id|exp|alg) twice,/, duplicates),
  ...refusedAs(/^the (payload|header|signature) padded/, spelling),
  ...refusedAs(/^typ (unknown|a number)$/, "typ must be absent, JWT or at+jwt"),
  ...refusedAs("b64 true", "crit and b64 refused"),
  ...refusedAs(/^exp (true|a numeric string|1e15|1e300)$/, `${wrongJsonType}; ${noServerErrors}`),
  ...refusedAs("iss a number", wrongJsonType),
  {
    scenario: /judges the claims/,
    step: aheadOfUs,
    reason: "on reading iat may be up to 60 s ahead",
    expect: asIssued,
  },
  { scenario: issuingPlaces, step: "without jti", reason: noServerErrors, expect: withoutId },
  { scenario: issuingPlaces, step: "without any claim", reason: noServerErrors, expect: withoutExp },

  // The right answer to these is written nowhere, or twice and differently.
  ...openlyInvalid(
    "typ in lower case",
    "typ must be absent, JWT or at+jwt",
    "is the media type read without regard to case?",
  ),
  ...openlyInvalid("the payload with a BOM", spelling, "is a BOM before the payload a second spelling?"),
  ...openlyInvalid(
    /^iat a float ago$/,
    wrongJsonType,
    "iat is said to be an integer; only exp is said to be read as a float",
  ),
  ...openlyInvalid(
    /^token_type (null|a number|an array)$/,
    wrongJsonType,
    "the contract counts null among the wrong types; is it, or any other JSON type, told as that or as no token?",
  ),
  {
    scenario: refreshing,
    step: "user_id null",
    reason: wrongJsonType,
    open: "null is refreshed by Simple JWT as if it were absent",
    expect: [withoutClaims(), withoutClaims("user_id"), invalid],
  },
  {
    scenario: /^(verify|blacklist|sliding refresh) judges/,
    step: "user_id null",
    reason: wrongJsonType,
    open: "null is taken by Simple JWT as if it were absent",
    expect: [withoutClaims(), withoutClaims("user_id"), invalid],
  },
  {
    scenario: bearer,
    step: "user_id null",
    reason: wrongJsonType,
    open: "is null a user nobody finds, or no token?",
    expect: [userNotFound, bearerInvalid],
  },
  {
    scenario: refreshing,
    step: /^user_id (empty|a word|of nobody)/,
    reason: noServerErrors,
    open: unknownUser,
    expect: [noAccount, pair, invalid],
  },
  {
    scenario: /^blacklist judges/,
    step: /^user_id (empty|a word|of nobody)/,
    reason: noServerErrors,
    open: "the contract says both: blacklisting works for absent users, and it is a 401 as for an unknown user",
    expect: [done, noAccount, invalid],
  },
  {
    scenario: /^sliding refresh judges/,
    step: /^user_id (empty|a word|of nobody)/,
    reason: "a subject that is deactivated or deleted is refused everywhere",
    open: unknownUser,
    expect: [(recorded) => recorded, withString, noAccount, invalid],
  },
  {
    scenario: bearer,
    step: /^user_id (empty|a word)/,
    reason: noServerErrors,
    expect: [userNotFound, bearerInvalid],
    open: "is an empty user_id nobody, or no token?",
  },
  {
    scenario: /^verify judges/,
    step: /^user_id an (array|object)$/,
    reason: wrongJsonType,
    expect: invalid,
  },
  {
    scenario: issuingPlaces,
    step: /^user_id an (array|object)$/,
    reason: `${wrongJsonType}; ${noServerErrors}`,
    open: "the contract wants the answer for an unknown user, the design a refusal of the wrong type",
    expect: [invalid, noAccount],
  },
  {
    scenario: bearer,
    step: /^user_id an (array|object)$/,
    reason: `${wrongJsonType}; ${noServerErrors}`,
    open: "the contract wants the answer for an unknown user, the design a refusal of the wrong type",
    expect: [bearerInvalid, userNotFound],
  },
  {
    scenario: issuers,
    step: /^(sub a string|iss and aud that nobody asked for|nbf ten seconds ago)$/,
    reason: "custom claims are carried by every rotation; registered names are refused as such",
    open: "do registered claims of an adopted token travel, as they do in Simple JWT?",
    expect: [(recorded) => recorded, withoutClaims("iss", "aud", "nbf", "sub")],
  },
  {
    scenario: "claims of a signed token travel through every refresh",
    step: /^(refresh|refresh the successor|slide|slide the successor)$/,
    reason: "custom claims are carried by every rotation; registered names are refused as such",
    open: "does nbf of an adopted token travel, as it does in Simple JWT?",
    expect: [(recorded) => recorded, withoutClaims("nbf")],
  },
  {
    scenario: "a sliding token has a second end",
    step: "refresh_exp a float",
    reason: "exp, iat integers",
    open: "is a float of an adopted token made an integer?",
    expect: [(recorded) => recorded, wholeSeconds],
  },
  {
    scenario: "a sliding token has a second end",
    step: /^refresh_exp (a word|a numeric string|null|an array|1e15)$/,
    reason: noServerErrors,
    expect: invalid,
  },
  {
    scenario: "of several refusals the strongest is told",
    step: /^blacklisted and (an access|a sliding) token too$|^blacklisted and without/,
    reason: "ADOPT_FOREIGN_TOKENS looks a token up by its session, which is opened by its type",
    open: "is a token of another type under a called-back jti blacklisted or of the wrong type? Only who signs can make one",
    expect: [blacklisted, (recorded) => recorded],
  },
];

function withString(recorded) {
  const text = JSON.stringify(recorded).replaceAll('"user_id":987654321', '"user_id":"987654321"');
  return JSON.parse(text);
}

function wholeSeconds(recorded) {
  return JSON.parse(JSON.stringify(recorded).replace(/\{"float":("[^"]*")\}/g, "$1"));
}
