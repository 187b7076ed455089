// Methods, paths, content negotiation and OPTIONS: what surrounds every endpoint.

const posts = [
  "/api/token/",
  "/api/token/refresh/",
  "/api/token/verify/",
  "/api/token/blacklist/",
  "/api/token/sliding/",
  "/api/token/sliding/refresh/",
  "/api/v1/users/registration/",
];
const methods = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "INVENTED"];
const json = { token: "{{alice.access}}" };
const verify = (name, step) => ({ name, path: "/api/token/verify/", json, ...step });
const accept = (value) => verify(`Accept: ${value}`, { headers: { Accept: value } });

const info = "/api/v1/users/info/";
const reset = "/api/v1/users/reset-all-token/";

export const overHttp = [
  ...posts.map((path) => ({
    name: `${path} takes POST only`,
    steps: methods.map((method) => ({ name: method, method, path })),
  })),
  {
    name: "a wrong method is refused before the body is read",
    steps: [
      { name: "PUT with JSON", method: "PUT", path: "/api/token/", json: {} },
      { name: "PUT with malformed JSON", method: "PUT", path: "/api/token/", text: "{" },
      { name: "PUT with another content type", method: "PUT", path: "/api/token/", text: "{}", type: "text/plain" },
      { name: "DELETE with a body", method: "DELETE", path: "/api/token/verify/", json: { token: "x" } },
    ],
  },
  {
    name: "protected endpoints ask who it is before they look at the method",
    users: ["alice"],
    steps: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].flatMap((method) =>
      [info, reset, "/logout_token/"].flatMap((path) => [
        { name: `${method} ${path} without a token`, method, path },
        // A reset or a logout that went through would end the session of the steps after it.
        ...(method === "POST" && path !== info
          ? []
          : [{ name: `${method} ${path} with one`, method, path, bearer: "{{alice.access}}" }]),
      ]),
    ),
  },
  {
    name: "OPTIONS describes an endpoint",
    steps: posts.map((path) => ({ name: path, method: "OPTIONS", path })),
  },
  {
    name: "unknown paths are not found",
    steps: [
      "/nothing/",
      "/api/",
      "/api/token/nothing/",
      "/api/token//",
      "/api//token/",
      "//api/token/",
      "/api/token/refresh/more/",
      "/API/TOKEN/",
      "/api/v1/users/",
      "/api/token/%00/",
      "/%ff/",
      "/api/token.json",
    ].flatMap((path) => [
      { name: `POST ${path}`, path, json: {} },
      { name: `GET ${path}`, method: "GET", path },
    ]),
  },
  {
    name: "a path is found without its last slash",
    users: ["alice"],
    steps: [
      { name: "login", path: "/api/token", json: { email: "{{alice.email}}", password: "{{alice.password}}" } },
      { name: "refresh", path: "/api/token/refresh", json: { refresh: "{{alice.refresh}}" } },
      { name: "verify", path: "/api/token/verify", json },
      { name: "blacklist", path: "/api/token/blacklist", json: { refresh: "garbage" } },
      {
        name: "sliding login",
        path: "/api/token/sliding",
        json: { email: "{{alice.email}}", password: "{{alice.password}}" },
      },
      { name: "sliding refresh", path: "/api/token/sliding/refresh", json: { token: "garbage" } },
      { name: "verify with a query", path: "/api/token/verify?a=b", json },
      { name: "info", method: "GET", path: "/api/v1/users/info", bearer: "{{alice.access}}" },
      { name: "registration", path: "/api/v1/users/registration", json: {} },
      { name: "reset", path: "/api/v1/users/reset-all-token" },
      { name: "logout", path: "/logout_token" },
      { name: "GET on a POST endpoint", method: "GET", path: "/api/token" },
    ],
  },
  {
    name: "a query changes nothing but the format",
    users: ["alice"],
    steps: [
      verify("an unknown name", { path: "/api/token/verify/?next=/" }),
      verify("the token in the query", { path: "/api/token/verify/?token={{alice.access}}", json: {} }),
      verify("format=json", { path: "/api/token/verify/?format=json" }),
      verify("format=json though XML is accepted", {
        path: "/api/token/verify/?format=json",
        headers: { Accept: "application/xml" },
      }),
      verify("format=xml", { path: "/api/token/verify/?format=xml" }),
      verify("format=api", { path: "/api/token/verify/?format=api" }),
      verify("an empty format", { path: "/api/token/verify/?format=" }),
      { name: "format=xml at info", method: "GET", path: `${info}?format=xml`, bearer: "{{alice.access}}" },
      { name: "format=xml at info without a token", method: "GET", path: `${info}?format=xml` },
      { name: "format=xml with a wrong method", method: "GET", path: "/api/token/?format=xml" },
    ],
  },
  {
    name: "only JSON can be had",
    users: ["alice"],
    steps: [
      ...[
        "application/json",
        "*/*",
        "application/*",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/xml, application/json;q=0.5",
        "application/xml",
        "image/png, text/plain",
        "text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/xml, */*;q=0.1",
        "nonsense",
      ].map(accept),
      verify("an empty Accept", { headers: { Accept: "" } }),
      verify("XML for an error", { json: {}, headers: { Accept: "application/xml" } }),
      verify("HTML for an error", { json: {}, headers: { Accept: "text/html" } }),
      verify("XML for a refusal", { json: { token: "garbage" }, headers: { Accept: "application/xml" } }),
      {
        name: "XML at info",
        method: "GET",
        path: info,
        bearer: "{{alice.access}}",
        headers: { Accept: "application/xml" },
      },
      { name: "XML at info without a token", method: "GET", path: info, headers: { Accept: "application/xml" } },
      { name: "XML with a wrong method", method: "GET", path: "/api/token/", headers: { Accept: "application/xml" } },
      verify("another language", { json: { token: "garbage" }, headers: { "Accept-Language": "de" } }),
    ],
  },
];
