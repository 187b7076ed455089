// RFC 7519 sections 3 to 7: what a payload looks like, and what else is called a JWT.

import { CLAIMS, hs256, jwks, NOW } from "./chapter.mjs";
import { encoded, jws } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

export function forms(rfc7519) {
  payloads(rfc7519);
  duplicates(rfc7519);
  kinds(rfc7519);
}

function payloads({ accepts, refuses }) {
  const section = "section 7.2";
  const text = JSON.stringify(CLAIMS);
  for (const [name, payload, note] of [
    ["empty", ""],
    ["null", "null"],
    ["a number", "7"],
    ["a string", '"u7"'],
    ["an array", `[${text}]`],
    ["plain text", "Payload"],
    ["cut off", text.slice(0, -1)],
    ["two objects", `${text}${text}`],
    ["an object and a NUL", `${text}\0`],
    ["an object with a comma too many", `${text.slice(0, -1)},}`],
    ["an object with a comment", `/* */${text}`],
    ["an object with single quotes", text.replaceAll('"', "'")],
    ["an object with a bare name", text.replace('"sub"', "sub")],
    ["an object with a line break in a string", text.replace("u7", "u\n7")],
    ["an object with an unknown escape", text.replace("u7", "\\x75")],
    ["an object with half an escape", text.replace("u7", "\\u00")],
    ["an object behind a byte order mark", `\ufeff${text}`],
    ["an object behind a no-break space", `\u00a0${text}`],
    ["UTF-8 with an overlong character", bytes(text, "u7", [0xc0, 0xaf])],
    ["UTF-8 with half a character", bytes(text, "u7", [0xe2, 0x82])],
    ["UTF-8 with a surrogate", bytes(text, "u7", [0xed, 0xa0, 0x80])],
    [
      "nested 500 deep",
      `${text.slice(0, -1)},"x":${"[".repeat(500)}${"]".repeat(500)}}`,
      "RFC 8259 section 9 allows a limit; ours is 120.",
    ],
  ]) {
    refuses(section, `a token whose payload is ${name} is refused`, "malformed", { token: hs256(payload), note });
  }
  accepts(section, "a payload may be nested 100 deep", {
    token: hs256(`${text.slice(0, -1)},"x":${"[".repeat(100)}${"]".repeat(100)}}`),
  });
  accepts(section, "a payload may have white space where JSON has it", {
    token: hs256(` {\r\n\t"sub" : "u7" , "exp":${CLAIMS.exp}}\n `),
  });
}

/** The bytes of a text with a part replaced by what is no text. */
function bytes(text, part, instead) {
  const [before, after] = text.split(part);
  return Buffer.concat([Buffer.from(before), Buffer.from(instead), Buffer.from(after)]);
}

function duplicates({ refuses }) {
  const { exp } = CLAIMS;
  for (const [name, payload] of [
    ["exp stands twice", `{"exp":${exp},"exp":${exp}}`],
    ["exp stands twice, a past one first", `{"exp":1,"exp":${exp}}`],
    ["exp stands twice, a past one last", `{"exp":${exp},"exp":1}`],
    ["exp stands twice, once with an escape", `{"exp":${exp},"\\u0065xp":${exp}}`],
    ["sub stands twice", `{"sub":"u7","sub":"u8","exp":${exp}}`],
    ["a claim that is not understood stands twice", `{"x":1,"exp":${exp},"x":1}`],
    ["a member stands twice deep in a claim", `{"x":[{"y":{"a":1,"a":1}}],"exp":${exp}}`],
  ]) {
    refuses("section 4", `a token is refused when ${name}`, "malformed", { token: hs256(payload) });
  }
}

function kinds({ accepts, refuses }) {
  const inner = hs256();
  refuses("section 5.2", "a nested JWT is refused: its payload is a token, not claims", "malformed", {
    token: hs256(inner, { alg: "HS256", cty: "JWT" }),
  });
  refuses("section 5.2", "a nested JWT is refused also as a JSON string", "malformed", {
    token: hs256(JSON.stringify(inner), { alg: "HS256", cty: "JWT" }),
  });
  refuses("section 5.3", "an exp in the header is no exp", "missing_claim", {
    claim: "exp",
    token: hs256({ sub: "u7" }, { alg: "HS256", exp: CLAIMS.exp }),
  });
  refuses("section 5.3", "an exp in the header does not prolong a token", "expired", {
    token: hs256({ ...CLAIMS, exp: NOW }, { alg: "HS256", exp: CLAIMS.exp }),
  });
  refuses("section 5.3", "an iss in the header is no iss", "wrong_issuer", {
    token: hs256(CLAIMS, { alg: "HS256", iss: "https://issuer.example" }),
    options: { issuer: "https://issuer.example" },
  });
  const unsecured = `${encoded({ alg: "none" })}.${encoded(CLAIMS)}.`;
  refuses("section 6", "an unsecured token is refused by whoever has a secret", "algorithm_not_allowed", { token: unsecured });
  refuses("section 6", "an unsecured token is refused by whoever has public keys", "algorithm_not_allowed", {
    token: unsecured,
    keys: jwks(publicJwk(KEYS.rfc8037)),
  });
  refuses("appendix A.1", "an encrypted token is refused", "malformed", {
    token: [encoded({ alg: "RSA1_5", enc: "A128CBC-HS256" }), ...["key", "iv", "text", "tag"].map(encoded)].join("."),
    keys: jwks(publicJwk(KEYS.rfc8037)),
  });
  accepts("section 3.1", "a token may be long", {
    token: jws({ alg: "EdDSA" }, { ...CLAIMS, x: "x".repeat(6000) }, KEYS.rfc8037),
    keys: jwks(publicJwk(KEYS.rfc8037)),
  });
}
