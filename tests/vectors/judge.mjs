// What the npm package says of a vector. Runs in Node and in a browser, which give it the package's classes.

/** `{ claims }` or `{ code, claim }`; what is no HallpassError is thrown on. */
export async function judge(vector, { Verifier, HallpassError }) {
  try {
    const { claims } = await new Verifier(optionsOf(vector)).verify(vector.token);
    return { claims };
  } catch (error) {
    if (!(error instanceof HallpassError)) throw error;
    return { code: error.code, claim: error.claim };
  }
}

/** The options of a Verifier for this vector. */
export function optionsOf({ keys, options, now }) {
  return { ...options, ...keySource(keys), now: () => now };
}

function keySource({ jwks, secret_base64url: secret }) {
  return jwks ? { jwks } : { secret: bytesOf(secret) };
}

/** What of an outcome a vector looks at: of claims those it names, of a refusal the claim if it names one. */
export function seen(outcome, { expect }) {
  if (expect.claims && outcome.claims) {
    return { claims: Object.fromEntries(Object.keys(expect.claims).map((name) => [name, outcome.claims[name]])) };
  }
  if (outcome.claims) return { claims: outcome.claims };
  return expect.claim === undefined ? { code: outcome.code } : { code: outcome.code, claim: outcome.claim };
}

function bytesOf(base64url) {
  const binary = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
