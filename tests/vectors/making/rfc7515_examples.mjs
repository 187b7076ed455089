// RFC 7515, appendices: the published examples, letter by letter.

import { CLAIMS, hs256, jwks, NOW } from "./chapter.mjs";
import { jws } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const EXP = 1300819380;
const JOE = { iss: "joe", exp: EXP, "http://example.com/is_root": true };

const A1 = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
const A2 = [
  `eyJhbGciOiJSUzI1NiJ9.${PAYLOAD}.`,
  "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQ",
  "jbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt",
  "FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
].join("");
const A3_SIGNATURE = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const A3 = `eyJhbGciOiJFUzI1NiJ9.${PAYLOAD}.${A3_SIGNATURE}`;
const A4 = [
  "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.",
  "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpR",
  "wcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
].join("");
const A5 = `eyJhbGciOiJub25lIn0.${PAYLOAD}.`;
const E = [
  "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQi",
  "OnRydWUNCn0.RkFJTA.",
].join("");

const EXAMPLES = [
  ["A.1", "HS256", A1, KEYS.rfc7515_a1],
  ["A.2", "RS256", A2, KEYS.rfc7515_a2],
  ["A.3", "ES256", A3, KEYS.rfc7515_a3],
];
const ALL_THREE = jwks(publicJwk(KEYS.rfc7515_a1, { alg: "HS256" }), publicJwk(KEYS.rfc7515_a2), publicJwk(KEYS.rfc7515_a3));

export function examples({ accepts, refuses }) {
  for (const [appendix, alg, token, key] of EXAMPLES) {
    const vector = { token, keys: jwks(publicJwk(key)), options: { algorithms: [alg] } };
    accepts(`appendix ${appendix}`, `the ${alg} example holds in the last second before its exp`, {
      ...vector,
      now: EXP - 1,
      claims: JOE,
    });
    refuses(`appendix ${appendix}`, `the ${alg} example has expired in the second of its exp`, "expired", {
      ...vector,
      now: EXP,
    });
    refuses(`appendix ${appendix}`, `the ${alg} example is not taken where ${alg} is not asked for`, "algorithm_not_allowed", {
      ...vector,
      keys: ALL_THREE,
      options: { algorithms: EXAMPLES.map(([, other]) => other).filter((other) => other !== alg) },
      now: EXP - 1,
    });
  }
  accepts("appendix A.1", "the HS256 example's key is no less a key for being given as bytes", {
    token: A1,
    now: EXP - 1,
    claims: JOE,
  });

  const a4 = { keys: jwks(publicJwk(KEYS.rfc7515_a4)), options: { algorithms: ["ES512"] } };
  refuses(
    "appendix A.4",
    "the ES512 example is a JWS, but its payload is no JSON, so it is no token",
    "malformed",
    { ...a4, token: A4 },
  );
  accepts("appendix A.4", "a token signed with the ES512 example's key holds", {
    ...a4,
    token: jws({ alg: "ES512" }, CLAIMS, KEYS.rfc7515_a4),
  });

  refuses("appendix A.5", "the unsecured example is refused by whoever has a secret", "algorithm_not_allowed", {
    token: A5,
    now: EXP - 1,
  });
  refuses("appendix A.5", "the unsecured example is refused by whoever has public keys", "algorithm_not_allowed", {
    token: A5,
    keys: ALL_THREE,
    options: { algorithms: ["HS256", "RS256", "ES256"] },
    now: EXP - 1,
  });
  refuses("appendix A.6", "the general JSON serialization of two good signatures is refused", "malformed", {
    token: JSON.stringify({
      payload: PAYLOAD,
      signatures: [
        { protected: "eyJhbGciOiJSUzI1NiJ9", header: { kid: "2010-12-29" }, signature: A2.slice(A2.lastIndexOf(".") + 1) },
        {
          protected: "eyJhbGciOiJFUzI1NiJ9",
          header: { kid: "e9bc097a-ce51-4036-9562-d2ade882db0d" },
          signature: A3_SIGNATURE,
        },
      ],
    }),
    keys: ALL_THREE,
    options: { algorithms: ["RS256", "ES256"] },
    now: EXP - 1,
  });
  refuses("appendix A.7", "the flattened JSON serialization of a good signature is refused", "malformed", {
    token: JSON.stringify({
      payload: PAYLOAD,
      protected: "eyJhbGciOiJFUzI1NiJ9",
      header: { kid: "e9bc097a-ce51-4036-9562-d2ade882db0d" },
      signature: A3_SIGNATURE,
    }),
    keys: ALL_THREE,
    options: { algorithms: ["ES256"] },
    now: EXP - 1,
  });
  refuses("appendix E", "the negative test case for crit is refused", "malformed", { token: E });

  const token = hs256();
  const [header, , signature] = token.split(".");
  refuses("appendix F", "a token whose content is detached is refused", "malformed", { token: `${header}..${signature}` });
}
