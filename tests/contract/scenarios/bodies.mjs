// Bodies as a whole: what JSON, forms and multipart may look like, and which content types are read at all.

const login = (name, step) => ({ name, path: "/api/token/", ...step });
const verify = (name, step) => ({ name, path: "/api/token/verify/", ...step });

const places = {
  login: "/api/token/",
  "sliding login": "/api/token/sliding/",
  refresh: "/api/token/refresh/",
  verify: "/api/token/verify/",
  blacklist: "/api/token/blacklist/",
  "sliding refresh": "/api/token/sliding/refresh/",
  registration: "/api/v1/users/registration/",
};

const notObjects = {
  "an array": "[]",
  "an array of objects": '[{"refresh":"x"}]',
  "a string": '"text"',
  "an integer": "1",
  "a float": "1.5",
  true: "true",
  null: "null",
};

const malformed = {
  "an open brace": "{",
  "no value": '{"token":}',
  "a comma at the end": '{"token":"x",}',
  "single quotes": "{'token':'x'}",
  "a name without quotes": '{token:"x"}',
  "something after the end": '{"token":"x"} x',
  "two objects": "{}{}",
  "an open string": '{"token":"x',
  "a comment": '{"token":"x"/**/}',
  "a word": "token",
  "a line end inside a string": '{"token":"x\ny"}',
  "an unknown escape": '{"token":"\\x41"}',
  "a number with a leading zero": '{"token":01}',
  NaN: '{"token":NaN}',
  Infinity: '{"token":Infinity}',
  "-Infinity": '{"token":-Infinity}',
  "a BOM": '\ufeff{"token":"x"}',
  "only white space": " \n ",
  "a form": "token=x",
};

const form = { email: "{{alice.email}}", password: "{{alice.password}}" };
const parts = Object.entries(form);
const multipartType = "multipart/form-data; boundary=contract-boundary";

export const bodies = [
  ...Object.entries(places).map(([place, path]) => ({
    name: `${place} wants an object in its body`,
    steps: [
      ...Object.entries(notObjects).map(([name, text]) => ({ name, path, text })),
      { name: "an empty body of JSON", path, text: "" },
      { name: "an empty body without a content type", path },
      { name: "malformed JSON", path, text: "{" },
      { name: "another content type", path, text: "{}", type: "text/plain" },
    ],
  })),
  {
    name: "malformed JSON is refused with the reason",
    steps: [
      ...Object.entries(malformed).map(([name, text]) => verify(name, { text })),
      verify("invalid UTF-8", { bytes: [...Buffer.from('{"token":"x'), 0xff, ...Buffer.from('"}')] }),
      verify("a surrogate in UTF-8", { bytes: [...Buffer.from('{"token":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')] }),
      verify("UTF-16", { bytes: [...Buffer.from('{"token":"x"}', "utf16le")] }),
      verify("nested a hundred deep", { text: `{"token":${"[".repeat(100)}${"]".repeat(100)}}` }),
      verify("nested thirty thousand deep", { text: `{"token":${"[".repeat(30_000)}${"]".repeat(30_000)}}` }),
      verify("open brackets only", { text: "[".repeat(60_000) }),
    ],
  },
  {
    name: "an empty body is an empty object whatever its content type",
    steps: [
      "application/json",
      "application/x-www-form-urlencoded",
      multipartType,
      "multipart/form-data",
      "text/plain",
      "application/xml",
      "nonsense",
    ].map((type) => verify(type, { type })),
  },
  {
    name: "content types are read without regard to case and parameters",
    users: ["alice"],
    steps: [
      "application/json; charset=utf-8",
      "application/json;charset=UTF-8",
      "APPLICATION/JSON",
      'Application/Json; Charset="utf-8"',
      "application/json; odata=verbose",
    ].map((type) => verify(type, { json: { token: "{{alice.access}}" }, type })),
  },
  {
    name: "other content types are not read",
    users: ["alice"],
    steps: [
      ...[
        "text/plain",
        "text/json",
        "application/vnd.api+json",
        "application/xml; charset=utf-8",
        "application/octet-stream",
        "application/json-patch+json",
        "application/jsonx",
        "application",
        "multipart/mixed; boundary=x",
      ].map((type) => verify(type, { json: { token: "{{alice.access}}" }, type })),
      verify("none", { json: { token: "{{alice.access}}" }, type: null }),
      { name: "TEXT/Plain at registration", path: "/api/v1/users/registration/", text: "{}", type: "TEXT/Plain" },
      {
        name: "text/plain at logout",
        path: "/logout_token/",
        bearer: "{{alice.access}}",
        text: '{"all":true}',
        type: "text/plain",
      },
    ],
  },
  {
    name: "a form is as good as JSON",
    users: ["alice"],
    steps: [
      login("a form", { form: parts }),
      login("a form with a charset", { form: parts, type: "application/x-www-form-urlencoded; charset=UTF-8" }),
      login("a form in upper case", { form: parts, type: "APPLICATION/X-WWW-FORM-URLENCODED" }),
      login("the good password last", { form: [["password", "wrong"], ...parts] }),
      login("a wrong password last", { form: [...parts, ["password", "wrong"]] }),
      login("an unknown field beside", { form: [...parts, ["remember", "me"]] }),
      login("white space around", {
        form: [
          ["email", "  {{alice.email}} "],
          ["password", "\t{{alice.password}}\n"],
        ],
      }),
      login("a field missing", { form: [["email", "{{alice.email}}"]] }),
      login("a field blank", {
        form: [
          ["email", "{{alice.email}}"],
          ["password", ""],
        ],
      }),
      login("a NUL", {
        form: [
          ["email", "{{alice.email}}"],
          ["password", "a\u0000b"],
        ],
      }),
      login("a field without a value", {
        text: "email={{alice.email}}&password",
        type: "application/x-www-form-urlencoded",
      }),
      login("JSON called a form", { text: '{"email":"x"}', type: "application/x-www-form-urlencoded" }),
      { name: "refresh with a form", path: "/api/token/refresh/", form: [["refresh", "{{alice.refresh}}"]] },
      { name: "verify with a form", path: "/api/token/verify/", form: [["token", "{{alice.access}}"]] },
    ],
  },
  {
    name: "multipart is as good as JSON",
    users: ["alice"],
    steps: [
      login("multipart", { multipart: parts }),
      login("multipart in upper case", { multipart: parts, type: "MULTIPART/FORM-DATA; boundary=contract-boundary" }),
      login("a quoted boundary", { multipart: parts, type: 'multipart/form-data; boundary="contract-boundary"' }),
      login("the good password last", { multipart: [["password", "wrong"], ...parts] }),
      login("white space around", {
        multipart: [
          ["email", " {{alice.email}}"],
          ["password", "{{alice.password}}  "],
        ],
      }),
      login("a field missing", { multipart: [["email", "{{alice.email}}"]] }),
      login("a field blank", {
        multipart: [
          ["email", "{{alice.email}}"],
          ["password", ""],
        ],
      }),
      login("a file beside", { multipart: [...parts, ["picture", "bytes", "a.txt"]] }),
      login("a file in the place of the password", {
        multipart: [
          ["email", "{{alice.email}}"],
          ["password", "text", "a.txt"],
        ],
      }),
      login("no field at all", { multipart: [] }),
      login("no boundary", { multipart: parts, type: "multipart/form-data" }),
      login("an empty boundary", { multipart: parts, type: "multipart/form-data; boundary=" }),
      login("another boundary", { multipart: parts, type: "multipart/form-data; boundary=other" }),
      { name: "refresh with multipart", path: "/api/token/refresh/", multipart: [["refresh", "{{alice.refresh}}"]] },
    ],
  },
  {
    name: "bodies have a size",
    users: ["alice"],
    steps: [
      verify("64 KiB exactly", { text: sized(65_536) }),
      verify("a byte over 64 KiB", { text: sized(65_537) }),
      verify("a megabyte", { text: sized(1_000_000) }),
      verify("three megabytes", { text: sized(3_000_000) }),
      verify("three megabytes of form", { form: [["token", "x".repeat(3_000_000)]] }),
      verify("a megabyte that is no JSON", { text: "{".repeat(1_000_000) }),
      verify("a thousand and one form fields", {
        form: [["token", "x"], ...Array.from({ length: 1000 }, (_, n) => [`f${n}`, ""])],
      }),
      { name: "registration with a megabyte", path: "/api/v1/users/registration/", text: sized(1_000_000) },
      { name: "logout with a megabyte", path: "/logout_token/", bearer: "{{alice.access}}", text: sized(1_000_000) },
    ],
  },
];

function sized(bytes) {
  const empty = '{"token":""}';
  return `{"token":"${"x".repeat(bytes - empty.length)}"}`;
}
