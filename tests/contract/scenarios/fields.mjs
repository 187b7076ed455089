// What a member of a body may be, at every endpoint that takes one.

/** Bodies that are good at each endpoint, and the members a table goes through there. */
const places = {
  login: ["/api/token/", { email: "{{alice.email}}", password: "{{alice.password}}" }, ["email", "password"]],
  "sliding login": ["/api/token/sliding/", { email: "{{alice.email}}", password: "{{alice.password}}" }, ["password"]],
  refresh: ["/api/token/refresh/", { refresh: "{{alice.refresh}}" }, ["refresh"]],
  verify: ["/api/token/verify/", { token: "{{alice.access}}" }, ["token"]],
  blacklist: ["/api/token/blacklist/", { refresh: "{{alice.refresh}}" }, ["refresh"]],
  "sliding refresh": ["/api/token/sliding/refresh/", { token: "{{alice.access}}" }, ["token"]],
  registration: [
    "/api/v1/users/registration/",
    { email: "new.{{nonce}}@example.com", password: "F1i779jMXKus!" },
    ["email", "password", "first_name"],
  ],
};

/** Values as they stand in the JSON text, since some cannot be said otherwise. */
const values = {
  "an empty string": '""',
  "white space only": '"  \\t\\r\\n "',
  "Unicode white space only": '"\u00a0\u2003\u3000\u1680\u2028"',
  "control characters that Python strips only": '"\\u001c\\u001d\\u001e\\u001f\\u0085"',
  null: "null",
  true: "true",
  false: "false",
  "an array": "[]",
  "an array with a string in it": '["text"]',
  "an object": "{}",
  zero: "0",
  "a NUL in it": '"a\\u0000b"',
  "a NUL alone": '"\\u0000"',
  "a lone high surrogate": '"\\ud800"',
  "a lone low surrogate in a text": '"ab\\udc01cd"',
  "a NUL and a lone surrogate": '"\\u0000\\ud800"',
};

// `first_name` may be blank and registers somebody then: one e-mail per value, or the second would be there already.
const fieldsAt = ([place, [path, good, members]]) =>
  members.map((member) => ({
    name: `${place} looks at what ${member} is`,
    users: ["alice"],
    steps: [
      { name: "the member absent", path, text: body({ ...good }, member) },
      ...Object.entries(values).map(([name, value], index) => ({
        name,
        path,
        text: body(
          member === "first_name" ? { ...good, email: `new${index}.{{nonce}}@example.com` } : good,
          member,
          value,
        ),
      })),
    ],
  }));

function body(good, member, value) {
  const members = Object.entries(good)
    .filter(([name]) => name !== member)
    .map(([name, text]) => `"${name}":"${text}"`);
  return `{${[...members, ...(value === undefined ? [] : [`"${member}":${value}`])].join(",")}}`;
}

const token = "{{alice.access}}";
const verify = (name, text) => ({ name, path: "/api/token/verify/", text });

export const fields = [
  ...Object.entries(places).flatMap(fieldsAt),
  {
    name: "several bad members are reported together",
    users: ["alice"],
    steps: [
      { name: "login without members", path: "/api/token/", text: "{}" },
      { name: "login with null and an array", path: "/api/token/", text: '{"email":null,"password":[]}' },
      { name: "login with a blank and a NUL", path: "/api/token/", text: '{"email":" ","password":"\\u0000"}' },
      { name: "sliding login without members", path: "/api/token/sliding/", text: "{}" },
      { name: "registration without members", path: "/api/v1/users/registration/", text: "{}" },
      {
        name: "registration with four bad members",
        path: "/api/v1/users/registration/",
        text: '{"email":true,"password":"short","first_name":null,"last_name":{}}',
      },
    ],
  },
  {
    name: "a token in a body is trimmed before it is read",
    users: ["alice"],
    steps: [
      verify("spaces around", `{"token":"  ${token}  "}`),
      verify("line ends around", `{"token":"\\r\\n${token}\\r\\n"}`),
      verify("no-break and ideographic spaces around", `{"token":"\u00a0\u3000${token}\u2028"}`),
      verify("control characters that Python strips", `{"token":"\\u001c\\u001d${token}\\u001e\\u001f\\u0085"}`),
      verify("a zero-width space", `{"token":"\u200b${token}"}`),
      verify("a BOM", `{"token":"\ufeff${token}"}`),
      verify("a control character that Python does not strip", `{"token":"\\u001b${token}"}`),
      {
        name: "a refresh token with spaces around",
        path: "/api/token/refresh/",
        json: { refresh: "  {{alice.refresh}}\n" },
      },
    ],
  },
  {
    name: "of two members of one name the last counts",
    users: ["alice"],
    steps: [
      verify("the good token last", `{"token":"garbage","token":"${token}"}`),
      verify("the good token first", `{"token":"${token}","token":"garbage"}`),
      verify("null last", `{"token":"${token}","token":null}`),
      verify("an escaped name last", `{"token":"garbage","to\\u006ben":"${token}"}`),
    ],
  },
  {
    name: "a number in the place of a token is read as a text",
    steps: ["1234567890", "-1", "1.5", "1e3", "123456789012345678901234567890"].map((number) =>
      verify(number, `{"token":${number}}`),
    ),
  },
];
