// Another implementation, `jose`, reads the vectors. Where its verdict is another than the vector's, the table in the vectors'
// README says so: for each section how many it takes that are to be refused, and the other way round.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { createLocalJWKSet, errors, jwtVerify } from "jose";
import { tableRows } from "../support/markdown.mjs";
import { allVectors } from "../vectors/load.mjs";

const README = readFileSync(new URL("../vectors/README.md", import.meta.url), "utf8");

test("jose differs from the vectors as the table of their README says", async () => {
  const counted = {};
  for (const vector of allVectors()) {
    const taken = await joseTakes(vector);
    if (taken === (vector.expect.claims !== undefined)) continue;
    const row = `${vector.rfc}, ${taken ? "taken" : "refused"}`;
    counted[row] = (counted[row] ?? 0) + 1;
  }
  assert.deepEqual(counted, tableOfDifferences());
});

test("jose and the vectors agree on which claims a token has", async () => {
  let agreed = 0;
  for (const vector of allVectors().filter(({ expect }) => expect.claims)) {
    const claims = await joseReads(vector).catch(() => undefined);
    if (!claims) continue;
    for (const [name, value] of Object.entries(vector.expect.claims)) assert.deepEqual(claims[name], value, vector.name);
    agreed += 1;
  }
  assert.ok(agreed > 80, `only ${agreed}`);
});

/** The rows of the README's table, as `{ "7515 section 4, taken": 5 }`. */
function tableOfDifferences() {
  const rows = tableRows(README, ["RFC", "jose", "vectors", "what"]);
  return Object.fromEntries(rows.map(({ RFC, jose, vectors }) => [`${RFC}, ${jose}`, Number(vectors)]));
}

async function joseTakes(vector) {
  return joseReads(vector).then(
    () => true,
    () => false,
  );
}

/** The claims, by jose's options of the same meaning. It has none for the kind of a token. */
async function joseReads({ token, keys, options, now }) {
  const { algorithms, issuer, audience, leeway = 0, maxAge, requiredClaims = [] } = options;
  const said = {
    algorithms: algorithms ?? (keys.jwks ? undefined : ["HS256"]),
    issuer,
    audience,
    clockTolerance: leeway,
    maxTokenAge: maxAge,
    requiredClaims: ["exp", ...requiredClaims],
    currentDate: new Date(now * 1000),
  };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const { jwks, secret_base64url: secret } = keys;
  const { payload } = jwks ? await withSet(token, jwks, given) : await jwtVerify(token, bytes(secret), given);
  return payload;
}

/** With a set; of several keys that fit, jose leaves the choice to its caller. */
async function withSet(token, jwks, options) {
  try {
    return await jwtVerify(token, createLocalJWKSet(jwks), options);
  } catch (several) {
    if (!(several instanceof errors.JWKSMultipleMatchingKeys)) throw several;
    for await (const key of several) {
      try {
        return await jwtVerify(token, key, options);
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw several;
  }
}

const bytes = (base64url) => new Uint8Array(Buffer.from(base64url, "base64url"));
