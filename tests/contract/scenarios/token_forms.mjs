// One table of tokens, good and bad, shown to every endpoint that reads one: what a form is worth must not depend on the place.

import { base64url, fromNow, mint } from "../mint.mjs";

/** Claims of the right type for the endpoint, `{{now}}`-relative, as payload text with something added. */
const written = (type, extra) =>
  `{"token_type":"${type}","exp":{{now+250}},"iat":{{now}},"jti":"{{jti}}","user_id":"{{alice.id}}"${extra}}`;

/** A variant by name: what is different from a well-formed token of the endpoint's type. */
const claimVariants = {
  "as issued": {},
  "without exp": { without: ["exp"] },
  "without jti": { without: ["jti"] },
  "without token_type": { without: ["token_type"] },
  "without iat": { without: ["iat"] },
  "without user_id": { without: ["user_id"] },
  "without any claim": { text: "{}" },
  "exp ten seconds ago": { claims: { exp: fromNow(-10) } },
  "exp this second": { claims: { exp: fromNow(0) } },
  "exp a float ahead": { claims: { exp: fromNow(250.5) } },
  "exp a float ago": { claims: { exp: fromNow(-10.5) } },
  "exp a numeric string": { text: written("TYPE", "").replace("{{now+250}}", '"{{now+250}}"') },
  "exp a word": { claims: { exp: "tomorrow" } },
  "exp null": { claims: { exp: null } },
  "exp true": { claims: { exp: true } },
  "exp an array": { claims: { exp: [1] } },
  "exp zero": { claims: { exp: 0 } },
  "exp negative": { claims: { exp: -1 } },
  "exp 1e15": { claims: { exp: 1e15 } },
  "exp 1e300": { claims: { exp: 1e300 } },
  "iat an hour ahead": { claims: { iat: fromNow(3600) } },
  "iat thirty seconds ahead": { claims: { iat: fromNow(30) } },
  "iat a float ago": { claims: { iat: fromNow(-10.5) } },
  "iat a word": { claims: { iat: "yesterday" } },
  "iat null": { claims: { iat: null } },
  "iat an array": { claims: { iat: [] } },
  "nbf ten seconds ago": { claims: { nbf: fromNow(-10) } },
  "nbf an hour ahead": { claims: { nbf: fromNow(3600) } },
  "nbf a word": { claims: { nbf: "soon" } },
  "nbf null": { claims: { nbf: null } },
  "jti null": { claims: { jti: null } },
  "jti a number": { claims: { jti: 7 } },
  "jti of 300 characters": { text: written("TYPE", "").replace("{{jti}}", `{{jti}}${"j".repeat(268)}`) },
  "jti a dashed UUID": { text: written("TYPE", "").replace("{{jti}}", "6ba7b810-9dad-11d1-80b4-{{nonce}}") },
  "jti outside ASCII": { text: written("TYPE", "").replace("{{jti}}", "jeton é {{jti}}") },
  "token_type null": { claims: { token_type: null } },
  "token_type a number": { claims: { token_type: 1 } },
  "token_type unknown": { claims: { token_type: "banana" } },
  "token_type an array": { claims: { token_type: ["access"] } },
  "user_id null": { claims: { user_id: null } },
  "user_id empty": { claims: { user_id: "" } },
  "user_id a word": { claims: { user_id: "nobody" } },
  "user_id an array": { claims: { user_id: [1] } },
  "user_id an object": { claims: { user_id: { id: 1 } } },
  "user_id of nobody": { claims: { user_id: "987654321" } },
  "user_id of nobody, as a number": { claims: { user_id: 987654321 } },
  "sub a string": { text: written("TYPE", ',"sub":"{{alice.id}}"') },
  "sub a number": { claims: { sub: 1 } },
  "iss and aud that nobody asked for": { claims: { iss: "elsewhere", aud: ["a", "b"] } },
  "iss a number": { claims: { iss: 1 } },
  "custom claims": { claims: { role: "teacher", rooms: [1, { floor: 2 }], é: null } },
  "user_id twice, the right one last": {
    text: written("TYPE", "").replace('"user_id"', '"user_id":"987654321","user_id"'),
  },
  "exp twice, the passed one first": { text: written("TYPE", "").replace('"exp"', '"exp":1,"exp"') },
  "white space between the members": { text: written("TYPE", "").replaceAll(",", " ,\n\t") },
  "the payload an array": { text: "[]" },
  "the payload a string": { text: '"text"' },
  "the payload no JSON": { text: '{"exp":' },
  "the payload with a BOM": { text: `\ufeff${written("TYPE", "")}` },
};

const headerVariants = {
  "alg none": { header: { alg: "none" } },
  "alg none, unsigned": { header: { alg: "none" }, spelled: "no signature" },
  "alg nOnE": { header: { alg: "nOnE" } },
  "alg HS384 with the right key": { header: { alg: "HS384" }, hash: "sha384" },
  "alg HS512 with the right key": { header: { alg: "HS512" }, hash: "sha512" },
  "alg RS256": { header: { alg: "RS256" } },
  "alg EdDSA": { header: { alg: "EdDSA" } },
  "alg in lower case": { header: { alg: "hs256" } },
  "alg with a space": { header: { alg: "HS256 " } },
  "alg a number": { header: { alg: 256 } },
  "alg null": { header: { alg: null } },
  "no alg": { headerText: '{"typ":"JWT"}' },
  "no typ": { headerText: '{"alg":"HS256"}' },
  "typ at+jwt": { header: { typ: "at+jwt" } },
  "typ in lower case": { header: { typ: "jwt" } },
  "typ unknown": { header: { typ: "banana" } },
  "typ a number": { header: { typ: 1 } },
  "kid a string": { header: { kid: "k1" } },
  "kid a number": { header: { kid: 1 } },
  "kid null": { header: { kid: null } },
  "an embedded jwk": { header: { jwk: { kty: "oct", k: "AAAA" } } },
  "crit naming the unknown": { header: { crit: ["hall"], hall: 1 } },
  "crit naming exp": { header: { crit: ["exp"], exp: 1 } },
  "crit empty": { header: { crit: [] } },
  "crit a string": { header: { crit: "b64" } },
  "b64 true": { header: { b64: true } },
  "b64 false": { header: { b64: false } },
  "an unknown header member": { header: { hall: "pass" } },
  "alg twice, the right one last": { headerText: '{"alg":"none","alg":"HS256","typ":"JWT"}' },
  "the header an array": { headerText: '["HS256"]' },
  "the header no JSON": { headerText: '{"alg":"HS256"' },
};

const spellingVariants = {
  "signed with another key": { key: "another-key-of-more-than-32-bytes-length" },
  "the payload padded": { spelled: "padded payload" },
  "the payload padded too much": { spelled: "overpadded payload" },
  "the header padded": { spelled: "padded header" },
  "the signature padded": { spelled: "padded signature" },
  "unused bits set in the signature": { spelled: "unused bits in the signature" },
  "the signature in the standard alphabet": { spelled: "standard alphabet in the signature" },
  "the signature changed": { spelled: "another signature" },
  "half a signature": { spelled: "half a signature" },
  "no signature": { spelled: "no signature" },
  "two parts": { spelled: "two parts" },
  "one part": { spelled: "one part" },
  "four parts": { spelled: "four parts" },
  "a dot at the end": { spelled: "a trailing dot" },
  "a dot at the start": { spelled: "a leading dot" },
  "an empty payload": { spelled: "no payload" },
  "an empty header": { spelled: "no header" },
};

const groups = { claims: claimVariants, header: headerVariants, spelling: spellingVariants };

const places = [
  ["refresh", "refresh", (name) => ({ path: "/api/token/refresh/", json: { refresh: `{{${name}}}` } })],
  ["verify", "access", (name) => ({ path: "/api/token/verify/", json: { token: `{{${name}}}` } })],
  ["blacklist", "refresh", (name) => ({ path: "/api/token/blacklist/", json: { refresh: `{{${name}}}` } })],
  ["sliding refresh", "sliding", (name) => ({ path: "/api/token/sliding/refresh/", json: { token: `{{${name}}}` } })],
  [
    "bearer authentication",
    "access",
    (name) => ({ method: "GET", path: "/api/v1/users/info/", bearer: `{{${name}}}` }),
  ],
];

// A text is written for any type; here it gets the place's.
const descriptionOf = (type, variant) =>
  mint[type]("alice", { ...variant, ...(variant.text && { text: withType(variant.text, type) }) });

const withType = (text, type) =>
  text.replace('"TYPE"', type === "sliding" ? '"sliding","refresh_exp":{{now+86400}}' : `"${type}"`);

const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

const tablesOf = ([place, type, request]) =>
  Object.entries(groups).map(([group, variants]) => ({
    name: `${place} judges the ${group} of a token`,
    users: ["alice"],
    tokens: mapValues(variants, (variant) => descriptionOf(type, variant)),
    steps: Object.keys(variants).map((name) => ({ name, ...request(name) })),
  }));

// What is no token at all. A space or a line end would split a header's value, so these go to the bodies only.
const garbage = {
  "a word": "garbage",
  "only dots": "..",
  "three short parts": "a.b.c",
  "white space inside": "a b.c d.e f",
  "letters outside ASCII": "é.é.é",
  "a JSON text": '{"alg":"HS256"}',
  "base64url of no JSON": `${base64url("x")}.${base64url("y")}.${base64url("z")}`,
  "a very long word": "w".repeat(20_000),
};

const garbageAt = ([place, , request]) => ({
  name: `${place} refuses what is no token at all`,
  steps: Object.entries(garbage).map(([name, text]) => ({ name, ...mapStrings(request("TOKEN"), text) })),
});

const mapStrings = (request, text) => ({ ...request, json: mapValues(request.json, () => text) });

export const tokenForms = [...places.flatMap(tablesOf), ...places.slice(0, 4).map(garbageAt)];
