// What is around the endpoints: paths, sizes, HTML, and what the platform in front of a Worker does by itself.

import {
  answer,
  any,
  bearerInvalid,
  bearerRefused,
  done,
  fieldError,
  inFull,
  invalid,
  notFound,
  parseError,
  tooLarge,
} from "./answers.mjs";

const slash = "a path works with and without its last slash";
const html = "HTML answers become JSON";
const size = "bodies over 64 KiB are 413";
const notProvided = answer(401, { detail: "Authentication credentials were not provided." });
const bearerForm = answer(401, {
  detail: "Authorization header must contain two space-delimited values",
  code: "bad_authorization_header",
});

const slashless = (step, expect) => ({
  scenario: "a path is found without its last slash",
  step,
  reason: slash,
  expect,
});
const anyCase = (step, expect) => ({
  scenario: "the Authorization header has one form",
  step,
  reason: "`bearer` in any case",
  expect,
});

export const httpDifferences = [
  slashless("login", inFull("login takes credentials and refuses others", "the right ones")),
  slashless("refresh", inFull("a login does not end other sessions", "refresh with the refresh token from before")),
  slashless(/^verify/, done),
  slashless(/^(blacklist|sliding refresh)$/, invalid),
  slashless("sliding login", inFull("sliding login takes credentials and refuses others", "the right ones")),
  slashless("info", inFull("a login does not end other sessions", "info with the access token from before")),
  slashless("registration", inFull("several bad members are reported together", "registration without members")),
  slashless(/^(reset|logout)$/, notProvided),
  slashless("GET on a POST endpoint", answer(405, { detail: 'Method "GET" not allowed.' })),

  anyCase(
    /^(bearer in lower case|BEARER in upper case|bEaReR in both)$/,
    (recorded, { steps }) => steps["Bearer and the token"],
  ),
  anyCase("bearer with garbage", bearerInvalid),
  anyCase("bearer alone", bearerForm),
  {
    scenario: "a bearer token has a size",
    step: "about nine thousand bytes",
    reason: "header tokens over 8 KiB are refused before any crypto",
    expect: bearerRefused("Token is invalid"),
  },

  {
    scenario: "bodies have a size",
    step: /^(a byte over 64 KiB|a megabyte|a megabyte that is no JSON|three megabytes|three megabytes of form)$|with a megabyte$/,
    reason: size,
    expect: tooLarge,
  },
  {
    scenario: "bodies have a size",
    step: "a thousand and one form fields",
    reason: html,
    expect: answer(400, { detail: "The form has more than 1000 fields." }),
  },
  {
    scenario: "malformed JSON is refused with the reason",
    step: /^(nested thirty thousand deep|open brackets only)$/,
    reason: "its 500s",
    expect: parseError,
  },

  { scenario: "unknown paths are not found", step: /./, reason: html, expect: notFound },
  {
    scenario: "only JSON can be had",
    step: /^Accept: text\/html/,
    reason: html,
    expect: done,
  },
  {
    scenario: "only JSON can be had",
    step: "HTML for an error",
    reason: html,
    expect: fieldError("token", "This field is required."),
  },
  {
    scenario: "only JSON can be had",
    step: "an empty Accept",
    reason: "a Worker is not told of an empty header, so it is as if no Accept were sent",
    expect: done,
  },
  {
    scenario: "a query changes nothing but the format",
    step: "format=api",
    reason: html,
    expect: done,
  },
  {
    scenario: "multipart is as good as JSON",
    step: "another boundary",
    reason: "a body in which its boundary does not stand has no parts, and so no fields at all",
    expect: answer(400, { email: ["This field is required."], password: ["This field is required."] }),
  },
  {
    scenario: "multipart is as good as JSON",
    step: "multipart in upper case",
    reason: "a content type is read without regard to case, that of multipart too",
    expect: (recorded, { steps }) => steps.multipart,
  },

  {
    scenario: /takes POST only$/,
    step: "INVENTED",
    reason: "workerd refuses a method that HTTP does not know, before a Worker is asked",
    expect: { $platform: 501 },
  },
  {
    scenario: /^(OPTIONS describes an endpoint|protected endpoints ask)/,
    step: /^(OPTIONS .* with one|\/api\/(?!v1).*)$/,
    reason: html,
    expect: jsonOnly,
  },
  {
    scenario: "OPTIONS describes an endpoint",
    step: "/api/v1/users/registration/",
    reason: `${html}; the read-only members are the recorded serializer's own`,
    expect: (recorded) => ({ ...jsonOnly(recorded), body: { ...jsonOnly(recorded).body, actions: any("anything") } }),
  },
];

// Simple JWT can render HTML too, and says so.
function jsonOnly(recorded) {
  return { ...recorded, body: { ...recorded.body, renders: ["application/json"] } };
}
