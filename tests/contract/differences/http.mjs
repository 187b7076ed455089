// What is around the endpoints: paths, sizes, HTML, and what the platform in front of a Worker does by itself.

import {
  answer,
  any,
  bearerInvalid,
  bearerRefused,
  blacklisted,
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
const platform = "what stands in front of a Worker answers or rewrites this before the Worker sees it";
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
    scenario: "the Authorization header has one form",
    step: /^(a no-break space|letters outside ASCII)$/,
    reason: platform,
    open: "bytes outside ASCII in a header may arrive otherwise",
    expect: [(recorded) => recorded, bearerInvalid, notProvided, bearerForm],
  },
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
    open: "is there a limit of fields below 64 KiB?",
    expect: [answer(400, { detail: any("string") }), invalid],
  },
  {
    scenario: "malformed JSON is refused with the reason",
    step: /^(nested thirty thousand deep|open brackets only)$/,
    reason: "its 500s",
    expect: parseError,
  },

  {
    scenario: "unknown paths are not found",
    step: /%(00|ff)/,
    reason: html,
    open: "the platform may refuse such a path by itself",
    expect: [notFound, { $platform: [400] }],
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
    reason: platform,
    open: "an empty header may not arrive at all",
    expect: [(recorded) => recorded, done],
  },
  {
    scenario: "a query changes nothing but the format",
    step: "format=api",
    reason: html,
    open: "is the browsable format not there, or answered in JSON?",
    expect: [done, notFound],
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
    reason: "a content type in upper case is accepted",
    open: "the contract says so of all three types, Simple JWT refuses this one",
    expect: [(recorded) => recorded, (recorded, { steps }) => steps.multipart],
  },

  {
    scenario: /takes POST only$/,
    step: /^(TRACE|INVENTED)$/,
    reason: platform,
    open: "a method outside the platform's list may be refused by it",
    expect: [(recorded) => recorded, { $platform: [400, 405, 501] }],
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
