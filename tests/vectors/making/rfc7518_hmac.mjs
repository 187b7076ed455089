// RFC 7518 section 3.2: HMAC with SHA-2.

import { besides, CLAIMS, jwks, secret } from "./chapter.mjs";
import { base64url, encoded, inputOf, jws, signature, signatureOf, withSignature } from "./jws.mjs";
import { KEYS } from "./keys.mjs";

const HASH_BYTES = { HS256: 32, HS384: 48, HS512: 64 };
const MAC = KEYS.rfc7515_a1;

/** A secret of so many bytes. */
const ofBytes = (count) => ({ kty: "oct", k: base64url(Buffer.alloc(count, 7)) });

export function hmacVectors(rfc7518) {
  for (const [alg, bytes] of Object.entries(HASH_BYTES)) keySizes(rfc7518, alg, bytes);
  tags(rfc7518);
}

function keySizes({ accepts, refuses }, alg, bytes) {
  const signedBy = (key, header = { alg }) => jws(header, CLAIMS, key);
  const enough = ofBytes(bytes);
  const short = ofBytes(bytes - 1);
  accepts("section 3.2", `a secret of ${bytes} bytes is long enough for ${alg}`, {
    token: signedBy(enough),
    keys: secret(enough),
    options: { algorithms: [alg] },
  });
  refuses("section 3.2", `a secret of ${bytes - 1} bytes is too short for ${alg}`, "bad_key", {
    token: signedBy(short),
    keys: secret(short),
    options: { algorithms: [alg] },
  });
  accepts("section 3.2", `an oct key of ${bytes} bytes is used for ${alg}`, {
    token: signedBy(enough),
    keys: jwks({ ...enough, alg }),
  });
  refuses("section 3.2", `an oct key of ${bytes - 1} bytes is not used for ${alg}`, "unknown_key", {
    token: signedBy(short, { alg, kid: "this" }),
    keys: besides({ ...short, alg }, { ...enough, alg }),
  });
}

function tags({ accepts, refuses }) {
  accepts("section 3.2", "without being told a secret is one for HS256", {
    token: jws({ alg: "HS256" }, CLAIMS, MAC),
    keys: secret(MAC),
  });
  refuses("section 3.2", "without being told a secret is none for HS512", "algorithm_not_allowed", {
    token: jws({ alg: "HS512" }, CLAIMS, MAC),
    keys: secret(MAC),
  });
  refuses("section 3.2", "a secret has to be long enough for each algorithm that is asked for", "bad_key", {
    token: jws({ alg: "HS256" }, CLAIMS, ofBytes(48)),
    keys: secret(ofBytes(48)),
    options: { algorithms: ["HS256", "HS512"] },
  });
  for (const algorithms of [["HS256", "HS512"], ["HS512"]]) {
    const token = jws({ alg: "HS512" }, CLAIMS, MAC);
    accepts("section 3.2", `HS512 is taken where ${algorithms.join(" and ")} may be`, {
      token,
      keys: secret(MAC),
      options: { algorithms },
    });
  }
  const token = jws({ alg: "HS256" }, CLAIMS, MAC);
  const longer = signature(inputOf(token), MAC, "HS512");
  for (const [name, tag] of [
    ["cut to 16 bytes", signatureOf(token).subarray(0, 16)],
    ["of HS512 in HS256's place", longer],
    ["of HS512 cut to HS256's length", longer.subarray(0, 32)],
    ["in hexadecimal", Buffer.from(signatureOf(token).toString("hex"))],
    ["over the payload alone", signature(encoded(CLAIMS), MAC, "HS256")],
  ]) {
    refuses("section 3.2", `a tag ${name} is refused`, "bad_signature", { token: withSignature(token, tag), keys: secret(MAC) });
  }
}
