// Every class of tokens about which we and another implementation differ, and why. `ours` and `theirs` are what is said of the token
// ("" where it is taken); `holds` looks for the cause in the token itself. A difference that nothing here explains fails the test.

import { KEY_ID, NOW } from "./drafts.mjs";

const LAST_DATE = 253402300799;
const DATES = ["exp", "nbf", "iat", "refresh_exp"];
const TYPES = ["JWT", "at+jwt", "application/jwt", "application/at+jwt"].map((type) => type.toLowerCase());

const claimed = (facts, name) => facts.payload.value?.[name];
const written = (facts, name) => facts.payload.raw[name] ?? "";
const isText = (value) => typeof value === "string" && value.isWellFormed();
const faulty = (ours) => ours.split(" ").at(-1);
const exponent = (facts, name) => /e/i.test(written(facts, name));
const either = (facts, holds) => holds(facts.header) || holds(facts.payload);
const isNumber = (value) => typeof value === "number";

/** What we refuse and they take. */
const STRICTER = [
  {
    why: "a second spelling of base64url: padding, another alphabet, white space, unused bits that are set. By it a token that was called back could slip past whoever remembers it as a text",
    rfc: "7515 section 2",
    ours: /^malformed: a part is not base64url/,
    holds: (facts) => !facts.spelledOnce,
  },
  {
    why: "longer than 64 KiB, which is the longest body that is read: more work than any token is worth",
    rfc: "none",
    ours: /^malformed: it is longer/,
    holds: ({ token }) => token.length > 65_536,
  },
  {
    why: "a member stands twice, in the header, in the claims or further in: two readers would take two different ones",
    rfc: "7515 section 4, 7519 section 4",
    ours: /^malformed: a member stands twice/,
    holds: (facts) => either(facts, ({ twice }) => twice),
  },
  {
    why: "a byte order mark before the JSON",
    rfc: "8259 section 8.1",
    ours: /^malformed: header or payload is not a JSON object/,
    holds: (facts) => either(facts, ({ bom }) => bom),
  },
  {
    why: "arrays and objects more than 120 deep in each other: a reader that goes on by calling itself can be made to stop",
    rfc: "8259 section 9",
    ours: /^malformed: header or payload is not a JSON object/,
    holds: (facts) => either(facts, ({ depth }) => depth > 120),
  },
  {
    why: "`crit`, or `b64` however it is set: an extension that we do not know changes what a signature means",
    rfc: "7515 section 4.1.11, 7797 section 6",
    ours: /^malformed: the header has a crit or b64/,
    holds: ({ header }) => "crit" in header.value || "b64" in header.value,
  },
  {
    why: "a `kid` that is no string, or has half a character in it",
    rfc: "7515 section 4.1.4",
    ours: /^malformed: the header's kid/,
    holds: ({ header }) => !isText(header.value.kid),
  },
  {
    why: "the `kid` of another key",
    rfc: "7515 section 4.1.4",
    ours: /^unknown_key/,
    holds: ({ header }) => isText(header.value.kid) && header.value.kid !== KEY_ID,
  },
  {
    why: "a `typ` that is not a token's",
    rfc: "8725 section 3.11",
    ours: /^malformed: the header's typ/,
    holds: ({ header: { value } }) => !isText(value.typ) || !TYPES.includes(value.typ.toLowerCase()),
  },
  {
    why: "`iss`, `sub`, `jti` or `sid` that is no string, or has half a character in it",
    rfc: "7519 sections 4.1.1, 4.1.2, 4.1.7",
    ours: /^wrong_form (iss|sub|jti|sid)$/,
    holds: (facts, { ours }) => !isText(claimed(facts, faulty(ours))),
  },
  {
    why: "an `aud` that is neither a string nor an array of strings",
    rfc: "7519 section 4.1.3",
    ours: /^wrong_form aud$/,
    holds: (facts) => ![claimed(facts, "aud")].flat().every(isText),
  },
  {
    why: 'a date that is no number: a check that is skipped for `"exp": "soon"` is no check',
    rfc: "7519 section 2",
    ours: /^wrong_form (exp|nbf|iat|refresh_exp)$/,
    holds: (facts, { ours }) => !isNumber(claimed(facts, faulty(ours))),
  },
  {
    why: "a date with an exponent, `1e400` among them, which is endless for JavaScript",
    rfc: "7519 section 2",
    ours: /^wrong_form (exp|nbf|iat|refresh_exp)$/,
    holds: (facts, { ours }) => exponent(facts, faulty(ours)),
  },
  {
    why: "a date past the year 9999, which is milliseconds or a mistake",
    rfc: "7519 section 2",
    ours: /^wrong_form (exp|nbf|iat|refresh_exp)$/,
    holds: (facts, { ours }) => claimed(facts, faulty(ours)) > LAST_DATE,
  },
  {
    why: "issued more than 60 seconds ahead: clocks do not differ that much",
    rfc: "7519 section 4.1.6",
    ours: /^issued_in_future iat$/,
    holds: (facts) => claimed(facts, "iat") > NOW + 60,
  },
  {
    why: "the second of its `exp`: jsonwebtoken takes a token through it, jose up to its fraction",
    rfc: "7519 section 4.1.4",
    ours: /^expired exp$/,
    holds: (facts, { leeway }) => [NOW, NOW - 1].includes(Math.floor(claimed(facts, "exp")) + leeway),
  },
  {
    why: "another kind of token, by its `token_type`: a refresh token is no access token. They know nothing of it",
    rfc: "8725 section 3.12",
    ours: /^wrong_kind token_type$/,
    holds: (facts) => claimed(facts, "token_type") !== "access",
  },
];

/** What we take and they refuse. */
const LAXER = [
  {
    why: "an `nbf` in the second of its fraction, which we cut off: by less than a second",
    rfc: "7519 section 2",
    ours: /^$/,
    theirs: /^(ERR_JWT_CLAIM_VALIDATION_FAILED nbf|ImmatureSignature)$/,
    holds: (facts, { leeway }) => Math.floor(claimed(facts, "nbf")) === NOW + leeway && !Number.isInteger(claimed(facts, "nbf")),
  },
  {
    why: "an `nbf` before 1970: long gone",
    rfc: "7519 section 2",
    ours: /^$/,
    theirs: /^InvalidClaimFormat$/,
    holds: (facts) => claimed(facts, "nbf") < 0,
  },
  {
    why: "a header member of the wrong type that means nothing to us: we do not look at it",
    rfc: "7515 section 4",
    ours: /^$/,
    theirs: /^Json$/,
    holds: ({ header: { value } }) => UNREAD.some(([name, fits]) => name in value && !fits(value[name])),
  },
  {
    why: "half a character in a member that nobody reads, or in its name: carried as it stands",
    rfc: "8259 section 8.2",
    ours: /^$/,
    theirs: /^Json$/,
    holds: (facts) => either(facts, ({ text }) => /\\ud[89a-f]/i.test(text)),
  },
  {
    why: "a number too large for a double in a claim that nobody reads: carried as it stands",
    rfc: "8259 section 6",
    ours: /^$/,
    theirs: /^Json$/,
    holds: (facts) => either(facts, ({ text }) => /[1-9]e(400|999)/.test(text)),
  },
];

const aText = (value) => value === null || typeof value === "string";
/** Header members that jsonwebtoken reads and we do not. */
const UNREAD = [
  ...["cty", "jku", "x5u", "x5t", "x5t#S256", "zip", "enc", "url", "nonce"].map((name) => [name, aText]),
  ["x5c", (value) => value === null || Array.isArray(value)],
  ["jwk", (value) => value === null || "kty" in Object(value)],
];

export const EXPLANATIONS = { stricter: STRICTER, laxer: LAXER };

/** What explains a difference, or undefined. */
export function explained(facts, said) {
  const known = said.ours === "" ? LAXER : STRICTER;
  return known.find(({ ours, theirs = /^$/, holds }) => ours.test(said.ours) && theirs.test(said.theirs) && holds(facts, said));
}
