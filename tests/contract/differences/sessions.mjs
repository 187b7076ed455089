// Where a session ends for good: reuse, logout and reset kill its access tokens too, and only the caller's own.

import {
  bearerEnded,
  blacklisted,
  blacklistedAtVerify,
  fieldError,
  invalid,
  noAccount,
  wrongType,
} from "./answers.mjs";

const endsAccess = "logout and reset also kill access tokens (P2, P4)";
const reuse = "reuse ends the session (P3)";
const spentEnds = "blacklist with a spent refresh token ends its session as well";
const noServerErrors = "its 500s";
const goneEverywhere = "a subject that is deactivated or deleted is refused everywhere";

/** Steps of one scenario, each with the answer it has here. */
const within = (scenario, reason, expectations) =>
  Object.entries(expectations).map(([step, expect]) => ({ scenario, step, reason, expect }));

export const sessionDifferences = [
  ...within("a refresh token spent two rotations ago is refused", reuse, {
    "refresh with the newest": blacklisted,
    "info with the newest access token": bearerEnded,
    "verify the newest access token": blacklistedAtVerify,
  }),
  ...within("a blacklisted refresh token is refused everywhere", endsAccess, {
    "verify the access token": blacklistedAtVerify,
    "info with the access token": bearerEnded,
  }),
  ...within("a rotated-out refresh token cannot be blacklisted again", spentEnds, {
    "refresh with the successor": blacklisted,
    "info with the successor access token": bearerEnded,
  }),
  ...within("blacklisting the successor ends the session", endsAccess, {
    "info with the first access token": bearerEnded,
    "info with the second access token": bearerEnded,
    "verify the second access token": blacklistedAtVerify,
  }),
  ...within("one session ends and the other of the same user lives", endsAccess, { "info in the first": bearerEnded }),
  ...within("logging out with a refresh token ends its session", endsAccess, {
    "info with the access token": bearerEnded,
    "verify the access token": blacklistedAtVerify,
    "info in the other session after that": bearerEnded,
  }),
  ...within("logging out everywhere ends every session of the user and of nobody else", endsAccess, {
    "verify an access token": blacklistedAtVerify,
    "info with an access token": bearerEnded,
  }),
  ...within("resetting all tokens ends every session of the user and of nobody else", endsAccess, {
    "info with the access token": bearerEnded,
    "verify the access token": blacklistedAtVerify,
    "reset with the same access token": bearerEnded,
  }),
  ...within(
    "resetting all tokens reaches those signed elsewhere too",
    "the subject's cutoff applies to an adopted token's iat",
    {
      "refresh the one never used": blacklisted,
      "slide the foreign sliding token": blacklisted,
      "info with the foreign access token": bearerEnded,
    },
  ),

  ...within("logout takes one refresh token", noServerErrors, { "with it once more": blacklisted }),
  ...within("logout refuses what is no refresh token", noServerErrors, {
    garbage: invalid,
    "an access token": wrongType,
    "a number": invalid,
    "an array in its place": fieldError("refresh_token", "Not a valid string."),
    "true in its place": fieldError("refresh_token", "Not a valid string."),
    "a blank": fieldError("refresh_token", "This field may not be blank."),
    "an empty string": fieldError("refresh_token", "This field may not be blank."),
    null: fieldError("refresh_token", "This field may not be null."),
    "an empty object": fieldError("refresh_token", "This field is required."),
    "no body": fieldError("refresh_token", "This field is required."),
    "the name of the other endpoint": fieldError("refresh_token", "This field is required."),
    "an array as the body": fieldError("non_field_errors", "Invalid data. Expected a dictionary, but got list."),
    "null as the body": fieldError("non_field_errors", "No data provided"),
    "a string as the body": fieldError("non_field_errors", "Invalid data. Expected a dictionary, but got str."),
  }),
  { scenario: "logout everywhere takes what is empty for no", step: /^all: /, reason: noServerErrors, expect: invalid },
  ...within("logout with another user's refresh token", "logout takes only the caller's own token", {
    "bob's refresh token": invalid,
    "bob refreshes after it": (recorded, { elsewhere }) =>
      elsewhere("a login does not end other sessions", "refresh with the refresh token from before", "bob"),
  }),

  {
    scenario: /^nobody uses the tokens/,
    step: "refresh",
    reason: `${noServerErrors}; ${goneEverywhere}`,
    expect: noAccount,
  },
  {
    scenario: /^nobody uses the tokens/,
    step: /^(sliding refresh|blacklist)$/,
    reason: goneEverywhere,
    expect: noAccount,
  },
  {
    scenario: /^nobody uses the tokens/,
    step: /^verify the/,
    reason: goneEverywhere,
    expect: blacklistedAtVerify,
  },
];
