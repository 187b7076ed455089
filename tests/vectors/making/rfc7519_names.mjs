// RFC 7519 sections 4.1.1 to 4.1.3 and 4.1.7: iss, sub, aud and jti; section 4 for claims that have to be there.

import { CLAIMS, hs256 } from "./chapter.mjs";

const ISSUER = "https://issuer.example";

export function names(rfc7519) {
  iss(rfc7519);
  sub(rfc7519);
  aud(rfc7519);
  jti(rfc7519);
  required(rfc7519);
}

const claims = (more) => ({ token: hs256({ ...CLAIMS, ...more }) });
const NO_STRINGS = [7, null, true, {}];

function iss({ accepts, refuses }) {
  const section = "section 4.1.1";
  const by = (iss, issuer = ISSUER) => ({ ...claims(iss === undefined ? {} : { iss }), options: { issuer } });
  accepts(section, "the issuer that is asked for is taken", by(ISSUER));
  accepts(section, "one of the issuers that are asked for is taken", by(ISSUER, ["https://other.example", ISSUER]));
  for (const other of [
    "https://other.example",
    `${ISSUER}/`,
    `${ISSUER}.`,
    "https://issuer.exampl",
    "https://ISSUER.example",
    "HTTPS://issuer.example",
    `${ISSUER}:443`,
    `https://other.example/${ISSUER}`,
    ` ${ISSUER}`,
    "",
  ]) {
    refuses(section, `the issuer ${JSON.stringify(other)} is not ${ISSUER}`, "wrong_issuer", by(other));
  }
  refuses(section, "a token without iss is refused where one is asked for", "wrong_issuer", by(undefined));
  refuses(section, "a token of none of several issuers is refused", "wrong_issuer", by("https://third.example", [
    ISSUER,
    "https://other.example",
  ]));
  accepts(section, "without an issuer that is asked for any is taken", claims({ iss: "anybody" }));
  for (const value of [...NO_STRINGS, [ISSUER]]) {
    refuses(section, `an iss of ${JSON.stringify(value)} is refused`, "wrong_form", { claim: "iss", ...by(value) });
    refuses(section, `an iss of ${JSON.stringify(value)} is refused, though none is asked for`, "wrong_form", {
      claim: "iss",
      ...claims({ iss: value }),
    });
  }
}

function sub({ accepts, refuses }) {
  const section = "section 4.1.2";
  accepts(section, "a token may be without sub", { token: hs256({ exp: CLAIMS.exp }), claims: { exp: CLAIMS.exp } });
  accepts(section, "a sub may be any text", {
    ...claims({ sub: "\u00fc\ud83d\ude00 \"\\\n" }),
    claims: { sub: "\u00fc\ud83d\ude00 \"\\\n" },
  });
  accepts(section, "a sub may be written with escapes", {
    token: hs256(`{"\\u0073ub":"\\u00fc\\ud83d\\ude00","exp":${CLAIMS.exp}}`),
    claims: { sub: "\u00fc\ud83d\ude00" },
  });
  for (const value of [...NO_STRINGS, ["u7"]]) {
    refuses(section, `a sub of ${JSON.stringify(value)} is refused`, "wrong_form", { claim: "sub", ...claims({ sub: value }) });
  }
  refuses(section, "a sub with half a character in it is refused", "wrong_form", {
    claim: "sub",
    token: hs256(`{"sub":"u\\ud83d","exp":${CLAIMS.exp}}`),
  });
}

function aud({ accepts, refuses }) {
  const section = "section 4.1.3";
  const to = (aud, audience = "api") => ({ ...claims(aud === undefined ? {} : { aud }), options: { audience } });
  accepts(section, "an aud that is the audience is taken", to("api"));
  accepts(section, "an aud that holds the audience is taken", to(["web", "api"]));
  accepts(section, "an aud that holds the audience alone is taken", to(["api"]));
  accepts(section, "an aud that is one of the audiences is taken", to("api", ["mobile", "api"]));
  accepts(section, "an aud that holds one of the audiences is taken", to(["web", "api"], ["mobile", "api"]));
  for (const other of ["web", "API", "api ", "ap", "apiapi", "", "web api", "web,api", [], ["web"], ["API", "ap"]]) {
    refuses(section, `an aud of ${JSON.stringify(other)} is not for api`, "wrong_audience", to(other));
  }
  refuses(section, "a token without aud is refused where one is asked for", "wrong_audience", to(undefined));
  refuses(section, "a token for none of several audiences is refused", "wrong_audience", to(["web"], ["mobile", "api"]));
  accepts(section, "without an audience that is asked for any is taken", {
    ...claims({ aud: "somebody else" }),
    note: "To the letter a token with aud is to be refused by whoever is not in it; who names no audience asks for none.",
  });
  for (const value of [...NO_STRINGS, [7], ["api", null], [["api"]], [{ api: 1 }]]) {
    refuses(section, `an aud of ${JSON.stringify(value)} is refused`, "wrong_form", { claim: "aud", ...to(value) });
  }
  refuses(section, "an aud of a number is refused, though none is asked for", "wrong_form", {
    claim: "aud",
    ...claims({ aud: 7 }),
  });
}

function jti({ accepts, refuses }) {
  const section = "section 4.1.7";
  accepts(section, "a token may be without jti", claims({}));
  accepts(section, "a jti may be any text", { ...claims({ jti: "\u00fc/7" }), claims: { jti: "\u00fc/7" } });
  for (const value of [...NO_STRINGS, ["a"]]) {
    refuses(section, `a jti of ${JSON.stringify(value)} is refused`, "wrong_form", { claim: "jti", ...claims({ jti: value }) });
  }
}

function required({ accepts, refuses }) {
  const section = "section 4";
  const asked = (more, requiredClaims) => ({ ...claims(more), options: { requiredClaims } });
  accepts(section, "claims that are asked for may be there", asked({ jti: "a", "http://example.com/x": false }, [
    "jti",
    "sub",
    "http://example.com/x",
  ]));
  for (const name of ["jti", "iat", "iss", "http://example.com/x"]) {
    refuses(section, `a token without ${name} is refused where it is asked for`, "missing_claim", {
      claim: name,
      ...asked({}, ["sub", name]),
    });
  }
  refuses(section, "a claim's name counts in its case", "missing_claim", { claim: "JTI", ...asked({ jti: "a" }, ["JTI"]) });
  accepts(section, "claims that are not understood are ignored", {
    ...claims({ "http://example.com/x": [{}, null, 1.5e300] }),
    claims: { "http://example.com/x": [{}, null, 1.5e300] },
  });
}
