// Obtaining a pair and a sliding token: two endpoints with one way of looking at credentials.

const places = [
  ["login", "/api/token/"],
  ["sliding login", "/api/token/sliding/"],
];

const password = "{{alice.password}}";
const email = "{{alice.email}}";

const credentials = {
  "the right ones": { email, password },
  "the password with white space around": { email, password: `  ${password}\n` },
  "the password in no-break spaces": { email, password: `\u00a0${password}\u00a0` },
  "the password in ideographic spaces": { email, password: `\u3000${password}\u2003` },
  "the password in control characters that Python strips": {
    email,
    password: `\u001c\u001d${password}\u001e\u001f\u0085`,
  },
  "the password with a zero-width space": { email, password: `\u200b${password}` },
  "the e-mail with white space around": { email: `\t ${email} \r\n`, password },
  "a wrong password": { email, password: "wrong-password" },
  "an unknown e-mail": { email: "nobody.{{nonce}}@example.com", password },
  "an e-mail that is none": { email: "no e-mail {{nonce}}", password },
  "an unknown member beside them": { email, password, remember: true, refresh: null },
  "a user name in the place of the e-mail": { username: email, password },
};

// Apart from the others: each is another way to fail, and too many failures of one e-mail lock it elsewhere.
const cases = {
  "the password in lower case": { email, password: "f1i779jmxkus!" },
  "the local part in upper case": { email: "ALICE.{{nonce}}@example.com", password },
  "the domain in upper case": { email: "alice.{{nonce}}@EXAMPLE.COM", password },
};

const stepsAt = (path, bodies) => Object.entries(bodies).map(([name, json]) => ({ name, path, json }));

const atPlace = ([place, path]) => [
  { name: `${place} takes credentials and refuses others`, users: ["alice"], steps: stepsAt(path, credentials) },
  { name: `${place} looks at letters' cases`, users: ["alice"], steps: stepsAt(path, cases) },
  {
    name: `${place} ignores the Authorization header`,
    users: ["alice"],
    steps: ["Bearer garbage", "Bearer", "Basic eDp5", "Bearer {{alice.refresh}}", "Bearer {{alice.access}}"].map(
      (value) => ({
        name: value,
        path,
        headers: { Authorization: value },
        json: { email, password },
      }),
    ),
  },
  {
    name: `${place} compares passwords as they are spelled`,
    steps: [
      register("a password with a composed letter", "composed", "P\u00e4sswort-1"),
      {
        name: "the composed letter",
        path,
        json: { email: "composed.{{nonce}}@example.com", password: "P\u00e4sswort-1" },
      },
      {
        name: "the letter decomposed",
        path,
        json: { email: "composed.{{nonce}}@example.com", password: "Pa\u0308sswort-1" },
      },
      register("a password of digits", "digits", "1234567890"),
      { name: "the digits as a number", path, text: '{"email":"digits.{{nonce}}@example.com","password":1234567890}' },
      register("a password that reads as a float", "float", "1234567.5"),
      { name: "the float as a number", path, text: '{"email":"float.{{nonce}}@example.com","password":1234567.5}' },
      register("a password that reads as a power of ten", "power", "10000000.0"),
      { name: "the power of ten as a number", path, text: '{"email":"power.{{nonce}}@example.com","password":1e7}' },
      register("a password of 128 characters", "long", "x".repeat(128)),
      { name: "the 128 characters", path, json: { email: "long.{{nonce}}@example.com", password: "x".repeat(128) } },
      { name: "a long wrong one", path, json: { email: "long.{{nonce}}@example.com", password: "x".repeat(30_000) } },
      register("a password with spaces inside", "spaces", "pass  word  1"),
      { name: "the spaces inside", path, json: { email: "spaces.{{nonce}}@example.com", password: "pass  word  1" } },
      { name: "one space fewer", path, json: { email: "spaces.{{nonce}}@example.com", password: "pass word 1" } },
    ],
  },
  {
    name: `${place} refuses users who are gone`,
    users: ["alice", "bob"],
    steps: [
      { standing: "inactive", user: "alice" },
      { name: "an inactive user", path, json: { email, password } },
      { name: "an inactive user with a wrong password", path, json: { email, password: "wrong-password" } },
      { standing: "deleted", user: "bob" },
      { name: "a deleted user", path, json: { email: "{{bob.email}}", password: "{{bob.password}}" } },
    ],
  },
];

function register(name, user, secret) {
  const json = { email: `${user}.{{nonce}}@example.com`, password: secret };
  return { name: `registering ${name}`, path: "/api/v1/users/registration/", json };
}

export const login = [
  ...places.flatMap(atPlace),
  {
    name: "a login does not end other sessions",
    users: ["alice"],
    steps: [
      { name: "another login", path: "/api/token/", json: { email, password } },
      {
        name: "info with the access token from before",
        method: "GET",
        path: "/api/v1/users/info/",
        bearer: "{{alice.access}}",
      },
      {
        name: "refresh with the refresh token from before",
        path: "/api/token/refresh/",
        json: { refresh: "{{alice.refresh}}" },
      },
    ],
  },
];
