// RFC 7515 section 4: the header.

import { CLAIMS, hs256, jwks } from "./chapter.mjs";
import { jws } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const ED25519 = KEYS.rfc8037;

export function header(rfc7515) {
  asAWhole(rfc7515);
  alg(rfc7515);
  kid(rfc7515);
  typ(rfc7515);
  crit(rfc7515);
}

function asAWhole({ accepts, refuses }) {
  accepts("section 4", "header parameters that are not understood are ignored", {
    token: hs256(CLAIMS, { alg: "HS256", "http://example.com/extension": { a: [1, null] }, nonce: "n" }),
  });
  const twice = [
    ["alg stands twice in the header", '{"alg":"HS256","alg":"HS256"}'],
    ["alg stands twice in the header, none first", '{"alg":"none","alg":"HS256"}'],
    ["alg stands twice in the header, none last", '{"alg":"HS256","alg":"none"}'],
    ["alg stands twice in the header, once with an escape", '{"alg":"HS256","\\u0061lg":"none"}'],
    ["kid stands twice in the header", '{"alg":"HS256","kid":"a","kid":"b"}'],
    ["a parameter that is not understood stands twice in the header", '{"alg":"HS256","x":1,"x":1}'],
    ["a member stands twice deep in the header", '{"alg":"HS256","x":[{"a":1,"a":1}]}'],
  ];
  for (const [name, text] of twice) refuses("section 4", `a token is refused when ${name}`, "malformed", {
    token: hs256(CLAIMS, text),
  });
  const wrong = [
    ["an array", '["HS256"]'],
    ["a string", '"HS256"'],
    ["null", "null"],
    ["empty", ""],
    ["an object with something behind it", '{"alg":"HS256"}{}'],
    ["an object with a comma too many", '{"alg":"HS256",}'],
    ["JSON with single quotes", "{'alg':'HS256'}"],
    ["behind a byte order mark", '\ufeff{"alg":"HS256"}'],
    ["not UTF-8", Buffer.concat([Buffer.from('{"alg":"HS256","x":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])],
    ["UTF-16", Buffer.from('{"alg":"HS256"}', "utf16le")],
    ["cut off", '{"alg":"HS256"'],
  ];
  for (const [name, text] of wrong) {
    refuses("section 5.2", `a token whose header is ${name} is refused`, "malformed", { token: hs256(CLAIMS, text) });
  }
  accepts("section 5.2", "a header may have white space where JSON has it", {
    token: hs256(CLAIMS, ' {\r\n\t"alg" : "HS256" } '),
  });
}

function alg({ refuses }) {
  for (const [name, text] of [
    ["no alg", '{"typ":"JWT"}'],
    ["an alg that is null", '{"alg":null}'],
    ["an alg that is a number", '{"alg":256}'],
    ["an alg that is an array", '{"alg":["HS256"]}'],
    ["an alg that is an object", '{"alg":{"HS256":true}}'],
    ["an ALG instead of an alg", '{"ALG":"HS256"}'],
  ]) {
    refuses("section 4.1.1", `a token with ${name} is refused`, "malformed", { token: hs256(CLAIMS, text) });
  }
  for (const name of ["hs256", "Hs256", "HS256 ", "", "XS256", "HS1", "HS2560", "SHA256", "A128KW", "dir"]) {
    refuses("section 4.1.1", `the alg ${JSON.stringify(name)} is none that there is`, "algorithm_not_allowed", {
      token: jws({ alg: name }, CLAIMS, KEYS.rfc7515_a1, "HS256"),
    });
  }
}

function kid({ accepts, refuses }) {
  const keys = jwks(publicJwk(ED25519, { kid: "k1" }));
  const token = (text) => jws(text, CLAIMS, ED25519, "EdDSA");
  accepts("section 4.1.4", "a kid names the key", { token: token({ alg: "EdDSA", kid: "k1" }), keys });
  accepts("section 4.1.4", "a token without a kid is tried with the keys there are", { token: token({ alg: "EdDSA" }), keys });
  accepts("section 4.1.4", "a kid is no hindrance where the key has none", {
    token: token({ alg: "EdDSA", kid: "k1" }),
    keys: jwks(publicJwk(ED25519)),
  });
  for (const other of ["k2", "K1", "k1 ", "k", ""]) {
    refuses("section 4.1.4", `the kid ${JSON.stringify(other)} is not "k1", though the signature would fit`, "unknown_key", {
      token: token({ alg: "EdDSA", kid: other }),
      keys,
    });
  }
  for (const [name, text] of [
    ["a number", '{"alg":"EdDSA","kid":1}'],
    ["null", '{"alg":"EdDSA","kid":null}'],
    ["an array", '{"alg":"EdDSA","kid":["k1"]}'],
    ["half a character", '{"alg":"EdDSA","kid":"\\ud800"}'],
  ]) {
    refuses("section 4.1.4", `a kid that is ${name} is refused`, "malformed", { token: token(text), keys });
  }
}

function typ({ accepts, refuses }) {
  for (const name of ["JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/jwt", "application/JWT", "application/at+jwt"]) {
    accepts("section 4.1.9", `the typ ${JSON.stringify(name)} is a token's`, {
      token: hs256(CLAIMS, { alg: "HS256", typ: name }),
    });
  }
  for (const name of ["JWS", "JOSE", "JWE", "JWT ", "", "text/jwt", "application/application/jwt", "application/"]) {
    refuses("section 4.1.9", `the typ ${JSON.stringify(name)} is not a token's`, "malformed", {
      token: hs256(CLAIMS, { alg: "HS256", typ: name }),
    });
  }
  for (const [name, typ] of [["a number", 7], ["null", null], ["an array", ["JWT"]]]) {
    refuses("section 4.1.9", `a typ that is ${name} is refused`, "malformed", { token: hs256(CLAIMS, { alg: "HS256", typ }) });
  }
}

function crit({ refuses }) {
  const extension = "http://example.com/UNDEFINED";
  for (const [name, parameters] of [
    ["names an extension that nobody knows", { crit: [extension], [extension]: true }],
    ["names an extension that is not there", { crit: [extension] }],
    ["names a claim that stands in the header", { crit: ["exp"], exp: CLAIMS.exp }],
    ["names a parameter of the RFC itself", { crit: ["alg"] }],
    ["is empty", { crit: [] }],
    ["is a string", { crit: "exp", exp: CLAIMS.exp }],
    ["is null", { crit: null }],
    ["names one extension twice", { crit: [extension, extension], [extension]: true }],
  ]) {
    refuses("section 4.1.11", `a token whose crit ${name} is refused`, "malformed", {
      token: hs256(CLAIMS, { alg: "HS256", ...parameters }),
    });
  }
}
