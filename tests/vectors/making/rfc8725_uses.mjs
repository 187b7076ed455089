// RFC 8725 sections 3.6 to 3.12: what a token is for, and who says so.

import { deflateRawSync } from "node:zlib";
import { CLAIMS, hs256, jwks } from "./chapter.mjs";
import { base64url, jws } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const [ED25519, STRANGER] = [KEYS.rfc8037, KEYS.ed25519_stranger];

export function uses(rfc8725) {
  encodings(rfc8725);
  headers(rfc8725);
  types(rfc8725);
  kinds(rfc8725);
}

function encodings({ refuses }) {
  const text = JSON.stringify(CLAIMS);
  refuses("section 3.6", "a compressed payload is refused", "malformed", {
    token: hs256(deflateRawSync(text), { alg: "HS256", zip: "DEF" }),
  });
  for (const [name, payload] of [
    ["UTF-16", Buffer.from(text, "utf16le")],
    ["UTF-16 with a byte order mark", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["Latin-1", Buffer.from(text.replace("u7", "\u00fc7"), "latin1")],
  ]) {
    refuses("section 3.7", `a payload in ${name} is refused`, "malformed", { token: hs256(payload) });
  }
}

function headers({ accepts, refuses }) {
  const section = "section 3.10";
  const keys = jwks(publicJwk(ED25519, { kid: "k1" }));
  const strange = publicJwk(STRANGER);
  const urls = { jku: "https://attacker.example/jwks.json", x5u: "https://attacker.example/cert.pem" };
  const certificate = { x5c: [Buffer.from("no certificate").toString("base64")], x5t: base64url(Buffer.alloc(20)) };
  for (const [name, parameters] of [
    ["in jwk", { jwk: strange }],
    ["at jku", { jku: urls.jku }],
    ["at x5u", { x5u: urls.x5u }],
    ["in x5c", certificate],
    ["at its kid", {}],
  ]) {
    const header = (kid) => ({ alg: "EdDSA", ...parameters, ...(kid && { kid }) });
    refuses(section, `a token is refused that brings its own key ${name}, under a kid of its own`, "unknown_key", {
      token: jws(header(name === "at its kid" ? urls.jku : "stranger"), CLAIMS, STRANGER),
      keys,
    });
    refuses(section, `a token is refused that brings its own key ${name}, under a kid that is known`, "bad_signature", {
      token: jws(header("k1"), CLAIMS, STRANGER),
      keys,
    });
    refuses(section, `a token is refused that brings its own key ${name}, without a kid`, "bad_signature", {
      token: jws(header(), CLAIMS, STRANGER),
      keys,
    });
  }
  accepts(section, "a token that was signed by a known key may name others, which are not looked at", {
    token: jws({ alg: "EdDSA", kid: "k1", jwk: strange, ...urls, ...certificate }, CLAIMS, ED25519),
    keys,
  });
  refuses(section, "a secret in jwk is none", "bad_signature", {
    token: jws({ alg: "HS256", jwk: { kty: "oct", k: base64url(Buffer.alloc(64)) } }, CLAIMS, { k: base64url(Buffer.alloc(64)) }),
  });
  for (const kid of [
    "../../../../dev/null",
    "/dev/null",
    "file:///dev/null",
    "k2' UNION SELECT 'secret' -- ",
    "| sleep 9",
    "__proto__",
    "constructor",
    "toString",
    "0",
    "*",
    "k1\0",
    "k\u200b1",
  ]) {
    refuses(section, `the kid ${JSON.stringify(kid)} is looked for and not found`, "unknown_key", {
      token: jws({ alg: "EdDSA", kid }, CLAIMS, STRANGER),
      keys,
    });
    refuses(section, `the kid ${JSON.stringify(kid)} makes no empty secret`, "bad_signature", {
      token: jws({ alg: "HS256", kid }, CLAIMS, { k: "" }),
    });
  }
}

function types({ refuses }) {
  for (const typ of [
    "secevent+jwt",
    "logout+jwt",
    "dpop+jwt",
    "token-introspection+jwt",
    "oauth-authz-req+jwt",
    "kb+jwt",
    "vc+jwt",
    "application/secevent+jwt",
    "SECEVENT+JWT",
    "id+jwt",
    "refresh+jwt",
    "jwt+at",
    "at+jwt+x",
  ]) {
    refuses("section 3.11", `a token of the type ${typ} is for another use`, "malformed", {
      token: hs256(CLAIMS, { alg: "HS256", typ }),
    });
  }
}

function kinds({ accepts, refuses }) {
  const section = "section 3.12";
  const of = (token_type, tokenType) => ({
    token: hs256(token_type === undefined ? CLAIMS : { ...CLAIMS, token_type }),
    options: tokenType === undefined ? {} : { tokenType },
  });
  accepts(section, "an access token is taken", of("access"));
  accepts(section, "a token of no kind is taken", of(undefined));
  for (const other of ["refresh", "sliding", "id", "Access", "access ", "", null, 7, ["access"], true]) {
    refuses(section, `a token of the kind ${JSON.stringify(other)} does not pass for an access token`, "wrong_kind", of(other));
  }
  accepts(section, "a refresh token is taken where one is asked for", of("refresh", "refresh"));
  refuses(section, "an access token does not pass for a refresh token", "wrong_kind", of("access", "refresh"));
  refuses(section, "a token of no kind does not pass for a refresh token", "missing_claim", {
    claim: "token_type",
    ...of(undefined, "refresh"),
  });
  refuses(section, "a token of no kind is refused where access tokens are asked for by name", "missing_claim", {
    claim: "token_type",
    ...of(undefined, "access"),
  });
  accepts(section, "a sliding token is taken where access and sliding tokens are", of("sliding", ["access", "sliding"]));
  refuses(
    section,
    "a refresh token is refused where access and sliding tokens are taken",
    "wrong_kind",
    of("refresh", ["access", "sliding"]),
  );
  for (const any of ["refresh", "id", 7]) {
    accepts(section, `a token of the kind ${JSON.stringify(any)} is taken where the kind is not looked at`, of(any, "any"));
  }
  accepts(section, "the claim of the kind may have another name", {
    token: hs256({ ...CLAIMS, kind: "access", token_type: "refresh" }),
    options: { tokenTypeClaim: "kind" },
  });
  refuses(section, "a refresh token by that other name is refused", "wrong_kind", {
    claim: "kind",
    token: hs256({ ...CLAIMS, kind: "refresh", token_type: "access" }),
    options: { tokenTypeClaim: "kind" },
  });
}
