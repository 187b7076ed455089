// The endpoints of the tutorials: registration, info, reset and logout.

const path = "/api/v1/users/registration/";
const info = "/api/v1/users/info/";
const password = "F1i779jMXKus!";
const register = (name, json, more) => ({ name, path, json: { password, ...json }, ...more });
const fresh = (name) => `${name}.{{nonce}}@example.com`;
const logout = (name, step, user = "alice") => ({
  name,
  path: "/logout_token/",
  bearer: `{{${user}.access}}`,
  ...step,
});

const badEmails = {
  "no at sign": "alice",
  "no domain": "alice@",
  "no local part": "@example.com",
  "two at signs": "a@b@example.com",
  "a domain without a dot": "alice@example",
  "a space inside": "ali ce@example.com",
  "a dot at the end of the domain": "alice@example.com.",
  "two dots in the local part": "a..b@example.com",
  "a dot at the start": ".alice@example.com",
  "an underscore in the domain": "alice@exa_mple.com",
  "a hyphen at the start of the domain": "alice@-example.com",
  "an angle-bracketed address": "Alice <alice@example.com>",
  "letters outside ASCII in the local part": "\u00e9lise@example.com",
  "a one-letter top domain": "alice@example.c",
  "a number as top domain": "alice@example.123",
  "255 characters": `${"a".repeat(50)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(18)}.com`,
  "one label of 64 characters": `alice@${"b".repeat(64)}.com`,
  "an IP address": "alice@127.0.0.1",
};

const goodEmails = {
  "a plus sign": fresh("alice+tag"),
  quotes: `"al ice.{{nonce}}"@example.com`,
  "an IP address in brackets": "alice.{{nonce}}@[127.0.0.1]",
  localhost: "alice.{{nonce}}@localhost",
  "letters outside ASCII in the domain": "alice.{{nonce}}@b\u00fccher.example",
  "many signs": "!#$%&'*+/=?^_`{}|~-.{{nonce}}@example.com",
  "a subdomain": "alice.{{nonce}}@mail.example.co.uk",
  "white space around": `  ${fresh("trimmed")}\n`,
  "the domain in upper case": "upper.{{nonce}}@EXAMPLE.COM",
  "the local part in upper case": "LOCAL.{{nonce}}@example.com",
};

const passwords = {
  "seven characters": "1234567",
  "eight characters": "12345678",
  "eight with white space around seven": " 1234567 ",
  "seven letters outside ASCII": "\u00e9".repeat(7),
  "eight letters outside ASCII": "\u00e9".repeat(8),
  "seven emoji": "\u{1f600}".repeat(7),
  "eight emoji": "\u{1f600}".repeat(8),
  "128 characters": "p".repeat(128),
  "129 characters": "p".repeat(129),
  "128 emoji": "\u{1f600}".repeat(128),
  "a common one": "password",
  "a number of eight digits": 12345678,
  "a number of seven digits": 1234567,
};

export const tutorials = [
  {
    name: "registration answers the user and two tokens",
    steps: [
      register(
        "e-mail and password only",
        { email: fresh("only") },
        { save: { access: "access_token", refresh: "refresh_token" } },
      ),
      { name: "info with the access token", method: "GET", path: info, bearer: "{{access}}" },
      { name: "verify the refresh token", path: "/api/token/verify/", json: { token: "{{refresh}}" } },
      { name: "refresh with the refresh token", path: "/api/token/refresh/", json: { refresh: "{{refresh}}" } },
      { name: "login", path: "/api/token/", json: { email: fresh("only"), password } },
      register(
        "with names",
        { email: fresh("names"), first_name: "Zo\u00eb", last_name: "\u6797" },
        { save: { access: "access_token" } },
      ),
      { name: "info with names", method: "GET", path: info, bearer: "{{access}}" },
      register("names with white space around", {
        email: fresh("spaces"),
        first_name: "  Ann ",
        last_name: " van  Dyk\n",
      }),
      register("names that are numbers", { email: fresh("numbers"), first_name: 7, last_name: 1.5 }),
      register("names blank", { email: fresh("blank"), first_name: "", last_name: "   " }),
      register("names of 150 characters", {
        email: fresh("150"),
        first_name: "n".repeat(150),
        last_name: "\u00e9".repeat(150),
      }),
      register("names of 151 characters", {
        email: fresh("151"),
        first_name: "n".repeat(151),
        last_name: "\u00e9".repeat(151),
      }),
      register("unknown members", { email: fresh("unknown"), is_staff: true, id: 1, access_token: "x", username: "u" }),
      register(
        "at the path as one tutorial spells it",
        { email: fresh("spelled") },
        { path: "/api/v1/users/registartion/" },
      ),
      { name: "GET at the path as one tutorial spells it", method: "GET", path: "/api/v1/users/registartion/" },
      { name: "a form", path, form: { email: fresh("form"), password, first_name: "F" } },
      {
        name: "multipart",
        path,
        multipart: [
          ["email", fresh("multipart")],
          ["password", password],
          ["last_name", "M"],
        ],
      },
    ],
  },
  {
    name: "registration looks at e-mail addresses",
    steps: [
      ...Object.entries(badEmails).map(([name, email]) => register(`refused: ${name}`, { email })),
      ...Object.entries(goodEmails).map(([name, email]) => register(`taken: ${name}`, { email })),
    ],
  },
  {
    name: "registration looks at passwords",
    steps: Object.entries(passwords).map(([name, secret], index) =>
      register(name, { email: fresh(`p${index}`), password: secret }),
    ),
  },
  {
    name: "an e-mail registers once",
    users: ["alice"],
    steps: [
      register("the same address", { email: "{{alice.email}}" }),
      register("the same with white space around", { email: " {{alice.email}} " }),
      register("the domain in another case", { email: "alice.{{nonce}}@EXAMPLE.com" }),
      register("the local part in another case", { email: "Alice.{{nonce}}@example.com" }),
      register("the same with a short password", { email: "{{alice.email}}", password: "short" }),
      register("another address with its domain in upper case", { email: "upper.{{nonce}}@EXAMPLE.com" }),
      {
        name: "who logs in with it as typed",
        path: "/api/token/",
        json: { email: "upper.{{nonce}}@EXAMPLE.com", password },
      },
      {
        name: "who logs in with it as answered",
        path: "/api/token/",
        json: { email: "upper.{{nonce}}@example.com", password },
      },
      {
        name: "the first one still logs in",
        path: "/api/token/",
        json: { email: "{{alice.email}}", password: "{{alice.password}}" },
      },
    ],
  },
  {
    name: "registration is public but refuses a bad bearer",
    users: ["alice"],
    steps: [
      register("a garbage bearer", { email: fresh("one") }, { bearer: "garbage" }),
      register("a refresh token as bearer", { email: fresh("two") }, { bearer: "{{alice.refresh}}" }),
      register("the scheme alone", { email: fresh("three") }, { headers: { Authorization: "Bearer" } }),
      register("another scheme", { email: fresh("four") }, { headers: { Authorization: "Basic eDp5" } }),
      register("a good bearer", { email: fresh("five") }, { bearer: "{{alice.access}}" }),
      { name: "a garbage bearer and malformed JSON", path, text: "{", bearer: "garbage" },
      { name: "GET with a garbage bearer", method: "GET", path, bearer: "garbage" },
    ],
  },
  {
    name: "reset answers 205 and no body",
    users: ["alice"],
    steps: [
      { name: "without a token", path: "/api/v1/users/reset-all-token/" },
      {
        name: "with a body that nobody reads",
        path: "/api/v1/users/reset-all-token/",
        bearer: "{{alice.access}}",
        json: { all: false },
      },
      { name: "refresh after it", path: "/api/token/refresh/", json: { refresh: "{{alice.refresh}}" } },
      {
        name: "login after it",
        path: "/api/token/",
        json: { email: "{{alice.email}}", password: "{{alice.password}}" },
        save: { access: "access" },
      },
      { name: "again, with malformed JSON", path: "/api/v1/users/reset-all-token/", bearer: "{{access}}", text: "{" },
    ],
  },
  {
    name: "logout takes one refresh token",
    users: ["alice"],
    steps: [
      logout("without a bearer", { json: { refresh_token: "{{alice.refresh}}" }, bearer: undefined }),
      logout("with it", { json: { refresh_token: "{{alice.refresh}}" } }),
      { name: "refresh after it", path: "/api/token/refresh/", json: { refresh: "{{alice.refresh}}" } },
      logout("with it once more", { json: { refresh_token: "{{alice.refresh}}" } }),
    ],
  },
  {
    name: "logout refuses what is no refresh token",
    users: ["alice"],
    steps: [
      logout("garbage", { json: { refresh_token: "garbage" } }),
      logout("an access token", { json: { refresh_token: "{{alice.access}}" } }),
      logout("a number", { json: { refresh_token: 7 } }),
      logout("an array in its place", { json: { refresh_token: ["x"] } }),
      logout("true in its place", { json: { refresh_token: true } }),
      logout("a blank", { json: { refresh_token: " " } }),
      logout("an empty string", { json: { refresh_token: "" } }),
      logout("null", { json: { refresh_token: null } }),
      logout("an empty object", { json: {} }),
      logout("no body", {}),
      logout("the name of the other endpoint", { json: { refresh: "{{alice.refresh}}" } }),
      logout("an array as the body", { json: [] }),
      logout("null as the body", { text: "null" }),
      logout("a string as the body", { text: '"text"' }),
      logout("malformed JSON", { text: "{" }),
      { name: "the session is still there", path: "/api/token/refresh/", json: { refresh: "{{alice.refresh}}" } },
    ],
  },
  ...["true", "1", '"0"', '"false"', '"no"', "[0]", '{"a":1}', "-1", "0.5"].map((value) => ({
    name: `logout everywhere takes ${value} for yes`,
    users: ["alice"],
    steps: [
      logout("logout", { text: `{"all":${value},"refresh_token":"garbage"}` }),
      { name: "refresh after it", path: "/api/token/refresh/", json: { refresh: "{{alice.refresh}}" } },
    ],
  })),
  {
    name: "logout everywhere takes what is empty for no",
    users: ["alice"],
    steps: [
      ...["false", "0", '""', "null", "[]", "{}", "0.0"].map((value) =>
        logout(`all: ${value}`, { text: `{"all":${value},"refresh_token":"garbage"}` }),
      ),
      { name: "the session is still there", path: "/api/token/refresh/", json: { refresh: "{{alice.refresh}}" } },
    ],
  },
  {
    name: "logout takes forms too",
    users: ["alice", "bob"],
    steps: [
      logout("a form", { form: { refresh_token: "{{alice.refresh}}" } }),
      { name: "refresh after it", path: "/api/token/refresh/", json: { refresh: "{{alice.refresh}}" } },
      logout("a form for all", { form: { all: "true" } }, "bob"),
      { name: "refresh of bob after it", path: "/api/token/refresh/", json: { refresh: "{{bob.refresh}}" } },
    ],
  },
  {
    name: "logout with another user's refresh token",
    users: ["alice", "bob"],
    steps: [
      logout("bob's refresh token", { json: { refresh_token: "{{bob.refresh}}" } }),
      { name: "bob refreshes after it", path: "/api/token/refresh/", json: { refresh: "{{bob.refresh}}" } },
      { name: "info of bob", method: "GET", path: info, bearer: "{{bob.access}}" },
      { name: "info of alice", method: "GET", path: info, bearer: "{{alice.access}}" },
    ],
  },
];
