// What a header can say that it should not, well signed.

import { createHmac } from "node:crypto";
import { KEY_ID, PARTIES } from "../drafts.mjs";
import { replaced, STRANGE, withMember } from "./members.mjs";

const ALGORITHMS = [
  "none",
  "None",
  "NONE",
  "HS256",
  "HS384",
  "HS512",
  "hs256",
  "EdDSA",
  "Ed25519",
  "ES256",
  "RS256",
  "PS256",
  "HS256 ",
  "",
];
const TYPES = [
  "JWT",
  "jwt",
  "at+jwt",
  "AT+JWT",
  "application/jwt",
  "application/at+jwt",
  "JWE",
  "JOSE",
  "JOSE+JSON",
  "dpop+jwt",
  "logout+jwt",
  "",
  "JWT ",
  "text/jwt",
  "ＪＷＴ",
];
const CRITICAL = [
  '["exp"]',
  '["b64"]',
  "[]",
  "null",
  '"exp"',
  '["http://example.com/ext"]',
  '[""]',
  "{}",
  '["alg"]',
  '["b64","b64"]',
  "[1]",
];
const OTHERS = {
  '"b64"': ["true", "false", '"false"', "null", "0"],
  '"zip"': ['"DEF"', '""', "1"],
  '"enc"': ['"A128GCM"', "1"],
  '"cty"': ['"JWT"', "1", "null"],
  '"jku"': ['"https://evil.example/jwks"', "1"],
  '"jwk"': ['{"kty":"oct","k":"AAAA"}', "1", "{}"],
  '"x5u"': ['"https://evil.example/x"', "1"],
  '"x5c"': ['["AAAA"]', '"AAAA"', "1"],
  '"x5t"': ['"AAAA"', "1"],
  '"x5t#S256"': ['"AAAA"', "[]"],
  '"url"': ['"https://example.com"', "7"],
  '"nonce"': ['"n"', "7"],
  '"more"': ['"x"', "1e400", "[[]]", '"\\ud800"', "null"],
};

const algorithm = (draft, random) => replaced(draft.header, '"alg"', JSON.stringify(random.pick(ALGORITHMS)));

/** The other algorithm's own signature, by what one could take for its key: the secret, or the text of the public key. */
function confused(draft, random) {
  const { algorithm: alg } = PARTIES[random.pick(["HS256", "HS384", "HS512"])];
  replaced(draft.header, '"alg"', JSON.stringify(alg));
  const { secret, publicPem, publicJwk } = draft.key;
  const taken =
    secret ?? random.pick([publicPem, JSON.stringify(publicJwk), Buffer.from(publicJwk.x ?? publicJwk.n, "base64url")]);
  draft.signer = (input) =>
    createHmac(`sha${alg.slice(2)}`, taken)
      .update(input)
      .digest();
}

const withoutAlgorithm = (draft) => draft.header.splice(0, 1);
const strangeAlgorithm = (draft, random) => replaced(draft.header, '"alg"', random.pick(STRANGE));
const type = (draft, random) =>
  replaced(draft.header, '"typ"', random.chance(80) ? JSON.stringify(random.pick(TYPES)) : random.pick(STRANGE));
const critical = (draft, random) => withMember(draft.header, '"crit"', random.pick(CRITICAL), random);
const keyId = (draft, random) =>
  replaced(
    draft.header,
    '"kid"',
    random.pick([`"${KEY_ID}"`, '"k2"', '""', '"k1 "', '"\\u006b1"', '"../../k1"', '"\\ud800"', ...STRANGE]),
  );
const withoutKeyId = (draft) => (draft.header = draft.header.filter(([name]) => name !== '"kid"'));

function other(draft, random) {
  const name = random.pick(Object.keys(OTHERS));
  withMember(draft.header, name, random.pick(OTHERS[name]), random);
}

export const HEADER = [algorithm, confused, withoutAlgorithm, strangeAlgorithm, type, critical, keyId, withoutKeyId, other];
