// The Authorization header of protected endpoints.

import { mint } from "../mint.mjs";

const path = "/api/v1/users/info/";
const get = (name, headers) => ({ name, method: "GET", path, headers });
const header = (name, value) => get(name, { Authorization: value });
const access = "{{alice.access}}";

export const bearer = [
  {
    name: "the Authorization header has one form",
    users: ["alice"],
    steps: [
      get("no header", {}),
      header("an empty header", ""),
      header("Bearer and the token", `Bearer ${access}`),
      header("bearer in lower case", `bearer ${access}`),
      header("BEARER in upper case", `BEARER ${access}`),
      header("bEaReR in both", `bEaReR ${access}`),
      header("bearer with garbage", "bearer garbage"),
      header("Token as the scheme", `Token ${access}`),
      header("JWT as the scheme", `JWT ${access}`),
      header("Basic as the scheme", "Basic YWxpY2U6c2VjcmV0"),
      header("the token alone", access),
      header("a colon after the scheme", `Bearer: ${access}`),
      header("an equals sign after the scheme", `Bearer=${access}`),
      header("a comma after the scheme", `Bearer,${access}`),
      header("a no-break space", `Bearer\u00a0${access}`),
      header("the scheme alone", "Bearer"),
      header("the scheme and a space", "Bearer "),
      header("bearer alone", "bearer"),
      header("two tokens", `Bearer ${access} ${access}`),
      header("the scheme twice", `Bearer Bearer ${access}`),
      header("a word after the token", `Bearer ${access} x`),
      header("several spaces", `Bearer    ${access}`),
      header("a tab", `Bearer\t${access}`),
      header("a space before", ` Bearer ${access}`),
      header("a space behind", `Bearer ${access} `),
      header("quotes around the token", `Bearer "${access}"`),
      header("garbage", "Bearer garbage"),
      header("letters outside ASCII", "Bearer \u00e9\u00e9"),
      header("only dots", "Bearer .."),
    ],
  },
  {
    name: "a token is read from nowhere else",
    users: ["alice"],
    steps: [
      { name: "the query", method: "GET", path: `${path}?access_token=${access}&token=${access}` },
      get("a cookie", { Cookie: `access=${access}; access_token=${access}; jwt=${access}` }),
      get("Proxy-Authorization", { "Proxy-Authorization": `Bearer ${access}` }),
      get("X-Authorization", { "X-Authorization": `Bearer ${access}` }),
    ],
  },
  {
    name: "only an access token is a bearer",
    users: ["alice"],
    steps: [
      { name: "a sliding login", path: "/api/token/sliding/", json: credentials("alice"), save: { sliding: "token" } },
      { name: "the access token", method: "GET", path, bearer: access },
      { name: "the refresh token", method: "GET", path, bearer: "{{alice.refresh}}" },
      { name: "the sliding token", method: "GET", path, bearer: "{{sliding}}" },
      { name: "the refresh token at reset", path: "/api/v1/users/reset-all-token/", bearer: "{{alice.refresh}}" },
      { name: "the sliding token at logout", path: "/logout_token/", bearer: "{{sliding}}", json: { all: true } },
      { name: "garbage at reset", path: "/api/v1/users/reset-all-token/", bearer: "garbage" },
      { name: "garbage at logout", path: "/logout_token/", bearer: "garbage", json: { all: true } },
      { name: "the access token still", method: "GET", path, bearer: access },
    ],
  },
  {
    name: "a bearer token has a size",
    users: ["alice"],
    tokens: {
      sevenThousand: mint.access("alice", { claims: { filler: "f".repeat(5000) } }),
      nineThousand: mint.access("alice", { claims: { filler: "f".repeat(6600) } }),
    },
    steps: [
      { name: "about seven thousand bytes", method: "GET", path, bearer: "{{sevenThousand}}" },
      { name: "about nine thousand bytes", method: "GET", path, bearer: "{{nineThousand}}" },
    ],
  },
  {
    name: "every type of token goes to the endpoints that take it",
    users: ["alice"],
    steps: [
      { name: "a sliding login", path: "/api/token/sliding/", json: credentials("alice"), save: { sliding: "token" } },
      ...["alice.access", "sliding"].flatMap((token) => [
        { name: `${token} at refresh`, path: "/api/token/refresh/", json: { refresh: `{{${token}}}` } },
        { name: `${token} at blacklist`, path: "/api/token/blacklist/", json: { refresh: `{{${token}}}` } },
      ]),
      ...["alice.access", "alice.refresh"].map((token) => ({
        name: `${token} at sliding refresh`,
        path: "/api/token/sliding/refresh/",
        json: { token: `{{${token}}}` },
      })),
      ...["alice.access", "alice.refresh", "sliding"].map((token) => ({
        name: `${token} at verify`,
        path: "/api/token/verify/",
        json: { token: `{{${token}}}` },
      })),
    ],
  },
  {
    name: "nobody uses the tokens of a user who is inactive",
    users: ["alice"],
    steps: [
      {
        name: "a sliding login before",
        path: "/api/token/sliding/",
        json: credentials("alice"),
        save: { sliding: "token" },
      },
      { standing: "inactive", user: "alice" },
      ...everywhere("alice"),
      { name: "blacklist", path: "/api/token/blacklist/", json: { refresh: "{{alice.refresh}}" } },
    ],
  },
  {
    name: "nobody uses the tokens of a user who is deleted",
    users: ["alice"],
    steps: [
      {
        name: "a sliding login before",
        path: "/api/token/sliding/",
        json: credentials("alice"),
        save: { sliding: "token" },
      },
      { standing: "deleted", user: "alice" },
      ...everywhere("alice"),
      { name: "blacklist", path: "/api/token/blacklist/", json: { refresh: "{{alice.refresh}}" } },
    ],
  },
];

function everywhere(user) {
  return [
    { name: "info", method: "GET", path, bearer: `{{${user}.access}}` },
    { name: "reset", path: "/api/v1/users/reset-all-token/", bearer: `{{${user}.access}}` },
    { name: "logout", path: "/logout_token/", bearer: `{{${user}.access}}`, json: { all: true } },
    { name: "refresh", path: "/api/token/refresh/", json: { refresh: `{{${user}.refresh}}` } },
    { name: "sliding refresh", path: "/api/token/sliding/refresh/", json: { token: "{{sliding}}" } },
    { name: "verify the access token", path: "/api/token/verify/", json: { token: `{{${user}.access}}` } },
    { name: "verify the refresh token", path: "/api/token/verify/", json: { token: `{{${user}.refresh}}` } },
  ];
}

function credentials(user) {
  return { email: `{{${user}.email}}`, password: `{{${user}.password}}` };
}
