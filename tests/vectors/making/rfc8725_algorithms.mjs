// RFC 8725 sections 3.1, 3.2 and 3.5: algorithms and keys.

import { createPublicKey } from "node:crypto";
import { CLAIMS, hs256, jwks, secret, SHARED } from "./chapter.mjs";
import { base64url, encoded, jws, signed } from "./jws.mjs";
import { KEYS, publicJwk } from "./keys.mjs";

const [RSA, EC, ED25519, MAC] = [KEYS.rfc7515_a2, KEYS.rfc7515_a3, KEYS.rfc8037, KEYS.rfc7515_a1];

export function algorithms(rfc8725) {
  confusion(rfc8725);
  substitution(rfc8725);
  none(rfc8725);
  weakSecrets(rfc8725);
}

/** Everything that a public key might be taken for as a secret. */
function asSecrets(key) {
  const publicKey = createPublicKey({ key, format: "jwk" });
  const pem = publicKey.export({ type: "spki", format: "pem" });
  const der = publicKey.export({ type: "spki", format: "der" });
  const jwk = publicJwk(key);
  const number = jwk.n ?? jwk.x;
  return [
    ["its PEM", pem],
    ["its PEM without the last line break", pem.trimEnd()],
    ["its DER", der],
    ["its JWK", JSON.stringify(jwk)],
    ["the bytes of its number", Buffer.from(number, "base64url")],
    ["the letters of its number", number],
  ];
}

function confusion({ refuses }) {
  for (const [alg, key] of [["RS256", RSA], ["ES256", EC], ["EdDSA", ED25519]]) {
    for (const [name, bytes] of asSecrets(key)) {
      const token = jws({ alg: "HS256" }, CLAIMS, { k: base64url(bytes) });
      refuses("section 3.1", `an ${alg} key is no secret for HS256: ${name}`, "algorithm_not_allowed", {
        token,
        keys: jwks(publicJwk(key, { alg })),
      });
      refuses("section 3.1", `an ${alg} key is no secret for HS256, accepted as that is: ${name}`, "algorithm_not_allowed", {
        token,
        keys: jwks(publicJwk(key)),
        options: { algorithms: [alg, "HS256"] },
      });
    }
    refuses("section 3.1", `an ${alg} key is no secret for HS256 beside a real one`, "bad_signature", {
      token: jws({ alg: "HS256" }, CLAIMS, { k: base64url(asSecrets(key)[0][1]) }),
      keys: jwks(publicJwk(key), publicJwk(MAC)),
      options: { algorithms: [alg, "HS256"] },
    });
  }
}

function substitution({ accepts, refuses }) {
  refuses("section 3.1", "a token is refused when its alg is changed to another of the same key", "bad_signature", {
    token: signed(`${encoded({ alg: "PS256" })}.${encoded(CLAIMS)}`, RSA, "RS256"),
    keys: jwks(publicJwk(RSA)),
    options: { algorithms: ["RS256", "PS256"] },
  });
  refuses("section 3.1", "a token is refused when its alg is changed to another of the same secret", "bad_signature", {
    token: signed(`${encoded({ alg: "HS512" })}.${encoded(CLAIMS)}`, MAC, "HS256"),
    keys: SHARED,
    options: { algorithms: ["HS256", "HS512"] },
  });
  const both = { keys: jwks(publicJwk(RSA), publicJwk(ED25519)), options: { algorithms: ["RS256", "EdDSA"] } };
  accepts("section 3.1", "of several algorithms that are accepted each is taken: RS256", {
    ...both,
    token: jws({ alg: "RS256" }, CLAIMS, RSA),
  });
  accepts("section 3.1", "of several algorithms that are accepted each is taken: EdDSA", {
    ...both,
    token: jws({ alg: "EdDSA" }, CLAIMS, ED25519),
  });
  refuses("section 3.1", "an algorithm that the key could do but that is not accepted is refused", "algorithm_not_allowed", {
    ...both,
    token: jws({ alg: "PS256" }, CLAIMS, RSA),
  });
}

function none({ refuses }) {
  const keySets = [["a secret", SHARED], ["public keys", jwks(publicJwk(ED25519), publicJwk(RSA, { alg: "RS256" }))]];
  for (const alg of ["none", "None", "NONE", "nOnE", "none ", " none", "n\u00f6ne", "NoNe\0"]) {
    for (const [whoever, keys] of keySets) {
      refuses("section 3.2", `the alg ${JSON.stringify(alg)} is refused by whoever has ${whoever}`, "algorithm_not_allowed", {
        token: `${encoded({ alg })}.${encoded(CLAIMS)}.`,
        keys,
      });
    }
  }
  refuses("section 3.2", "none is refused also over a good signature", "algorithm_not_allowed", {
    token: hs256(CLAIMS, { alg: "none" }),
  });
  refuses("section 3.2", "none is refused also with a kid that is known", "algorithm_not_allowed", {
    token: `${encoded({ alg: "none", kid: "k1" })}.${encoded(CLAIMS)}.`,
    keys: jwks(publicJwk(ED25519, { kid: "k1" })),
  });
  refuses("section 3.2", "nobody can ask for none", "bad_option", {
    token: `${encoded({ alg: "none" })}.${encoded(CLAIMS)}.`,
    options: { algorithms: ["none"] },
  });
  refuses("section 3.2", "nobody can ask for none beside others", "bad_option", {
    token: hs256(),
    options: { algorithms: ["HS256", "none"] },
  });
}

function weakSecrets({ refuses }) {
  for (const [name, text] of [
    ["of no bytes", ""],
    ["like a password", "secret"],
    ["of 31 letters", "a secret of one-and-thirty lett"],
    ["of 16 bytes", Buffer.alloc(16, 0xa5)],
  ]) {
    const key = { k: base64url(text) };
    refuses("section 3.5", `a secret ${name} is refused before any token is`, "bad_key", {
      token: jws({ alg: "HS256" }, CLAIMS, key),
      keys: secret(key),
    });
  }
}
