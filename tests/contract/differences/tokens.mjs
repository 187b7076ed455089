// Where we read a single token otherwise: stricter, or without falling over.

import {
  bearerInvalid,
  done,
  invalid,
  noAccount,
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

const aheadOfUs = "iat thirty seconds ahead";

// As a token with an ordinary `iat`. What is said of its jti, that a sliding refresh keeps it, is said of this one.
const asIssued = (recorded, { steps }) =>
  JSON.parse(JSON.stringify(steps["as issued"]).replaceAll("that of as issued", `that of ${aheadOfUs}`));

const duplicates = "duplicate members of header and payload are refused";
const spelling = "one token has one spelling";
const wrongJsonType = "a claim of the wrong JSON type is refused, never skipped";
const noServerErrors = "its 500s";
const nobodys = "a user id that is empty, an array or an object is answered as that of an unknown user";
const adopted = "a foreign token is adopted with its user, who is not looked up unless the account is built in";

export const tokenDifferences = [
  ...refusedAs(/^(user_id|exp|alg) twice,/, duplicates),
  ...refusedAs(/^the (payload|header|signature) padded/, spelling),
  ...refusedAs(/^typ (unknown|a number)$/, "typ must be absent, JWT or at+jwt"),
  ...refusedAs("b64 true", "crit and b64 refused"),
  ...refusedAs("the payload with a BOM", `${spelling}, and JSON begins with no BOM`),
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

  // Whose token it is.
  {
    scenario: issuers,
    step: "user_id null",
    reason: "a user id of null counts as absent, and so it is absent in what is issued",
    expect: withoutClaims("user_id"),
  },
  {
    scenario: /^verify judges/,
    step: /^user_id an (array|object)$/,
    reason: wrongJsonType,
    expect: invalid,
  },
  {
    scenario: issuingPlaces,
    step: /^user_id (empty|an array|an object)$/,
    reason: nobodys,
    expect: noAccount,
  },
  {
    scenario: bearer,
    step: /^user_id (empty|a word|an array|an object)$/,
    reason: `${noServerErrors}; ${nobodys}, and a word is a user without an account here`,
    expect: userNotFound,
  },
  { scenario: refreshing, step: "user_id a word", reason: adopted, expect: issuedTo("nobody") },
  { scenario: refreshing, step: /^user_id of nobody/, reason: adopted, expect: issuedTo("987654321") },
  { scenario: /^blacklist judges/, step: "user_id a word", reason: adopted, expect: done },
  {
    scenario: /^sliding refresh judges/,
    step: "user_id of nobody, as a number",
    reason: "a user id is a string in every token we issue",
    expect: withString,
  },

  {
    scenario: issuers,
    step: "iss and aud that nobody asked for",
    reason: "iss and aud name the issuer of a token and whom it is for: those of a foreign one are not true of ours",
    expect: withoutClaims("iss", "aud"),
  },
  {
    scenario: "a sliding token has a second end",
    step: "refresh_exp a float",
    reason: "a time is cut to whole seconds in every token we issue",
    expect: wholeSeconds,
  },
  {
    scenario: "a sliding token has a second end",
    step: /^refresh_exp (a word|a numeric string|null|an array|1e15)$/,
    reason: noServerErrors,
    expect: invalid,
  },
];

// As a token with an ordinary user, had it been this one's.
function issuedTo(id) {
  return (recorded, { steps }) =>
    JSON.parse(JSON.stringify(steps["as issued"]).replaceAll(`{"string":"alice's"}`, JSON.stringify(id)));
}

function withString(recorded) {
  const text = JSON.stringify(recorded).replaceAll('"user_id":987654321', '"user_id":"987654321"');
  return JSON.parse(text);
}

function wholeSeconds(recorded) {
  return JSON.parse(JSON.stringify(recorded).replace(/\{"float":("[^"]*")\}/g, "$1"));
}
