// RFC 7520 section 4: the cookbook of signatures. What its examples sign is a sentence about the dangers of going out your door,
// not claims: to us no token, whatever the signature. Its keys sign tokens as well.

import { chapter, CLAIMS, jwks } from "./chapter.mjs";
import { encoded, jws } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const { accepts, refuses, vectors } = chapter("7520");
export { vectors };

const [RSA, EC, MAC] = [KEYS.rfc7520_rsa, KEYS.rfc7520_ec, KEYS.rfc7520_mac];
// RSA and EC key have one kid.
const COOKBOOK = jwks(...[RSA, EC, MAC].map((key) => publicJwk(key, { kid: key.kid, use: "sig" })));
const ALGORITHMS = ["RS256", "PS384", "ES512", "HS256"];

const SENTENCE =
  "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, " +
  "there\u2019s no knowing where you might be swept off to.";

const EXAMPLES = [
  {
    section: "section 4.1",
    alg: "RS256",
    key: RSA,
    signature: [
      "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-",
      "Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrD",
      "aLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
    ].join(""),
  },
  {
    section: "section 4.2",
    alg: "PS384",
    key: RSA,
    signature: [
      "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMx",
      "bbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8c",
      "BE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw",
    ].join(""),
  },
  {
    section: "section 4.3",
    alg: "ES512",
    key: EC,
    signature: [
      "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0l",
      "w-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
    ].join(""),
  },
  {
    section: "section 4.4",
    alg: "HS256",
    key: MAC,
    signature: "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
  },
];

for (const { section, alg, key, signature } of EXAMPLES) {
  const header = { alg, kid: key.kid };
  const vector = { keys: COOKBOOK, options: { algorithms: ALGORITHMS } };
  refuses(section, `the ${alg} example is a JWS, but a sentence is no claims, so it is no token`, "malformed", {
    ...vector,
    token: `${encoded(header)}.${encoded(SENTENCE)}.${signature}`,
  });
  const token = jws(header, CLAIMS, key);
  accepts(section, `a token signed with the ${alg} example's key holds, whichever other keys have its kid`, { ...vector, token });
  refuses(section, `a token signed with the ${alg} example's key is refused under the sentence's signature`, "bad_signature", {
    ...vector,
    token: `${token.slice(0, token.lastIndexOf("."))}.${signature}`,
  });
}

const [, , , { alg, signature }] = EXAMPLES;
const header = encoded({ alg, kid: MAC.kid });
refuses("section 4.5", "the example with detached content is refused", "malformed", {
  token: `${header}..${signature}`,
  keys: COOKBOOK,
  options: { algorithms: ALGORITHMS },
});
refuses("section 4.6", "the example with an unprotected kid is refused", "malformed", {
  token: JSON.stringify({
    payload: encoded(SENTENCE),
    protected: encoded({ alg }),
    header: { kid: MAC.kid },
    signature: "bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20",
  }),
  keys: COOKBOOK,
  options: { algorithms: ALGORITHMS },
});
refuses("section 4.7", "the example without any protected header is refused", "malformed", {
  token: JSON.stringify({
    payload: encoded(SENTENCE),
    header: { alg, kid: MAC.kid },
    signature: "xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk",
  }),
  keys: COOKBOOK,
  options: { algorithms: ALGORITHMS },
});
