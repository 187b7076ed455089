// The tokens that are measured: claims as Hallpass writes them, and for the long ones such as a program adds: many members, for
// one long string costs a reader of JSON nothing.

import { createPublicKey } from "node:crypto";
import { exportJWK, generateKeyPair, generateSecret, SignJWT } from "jose";

export const ALGORITHMS = ["HS256", "EdDSA", "ES256", "RS256"];
/** Bytes of an HS256 token; those of other algorithms have the same claims and a longer signature. */
export const SIZES = [250, 2000];

// Different ones, so that nobody's memory of the last token helps. A power of two, as `repeat` wants it.
const OF_EACH = 16;
const LIFETIME = 3600;

/**
 * For each algorithm and size: `{ algorithm, size, jwk, pem, tokens, forged, broken }`, of which JSON can be made. `jwk` verifies,
 * and so does `pem`, of those that have a public key.
 */
export async function makeTokens() {
  const cases = [];
  for (const algorithm of ALGORITHMS) {
    const { signing, ...verifying } = await keyFor(algorithm);
    for (const size of SIZES) {
      const claims = Array.from({ length: OF_EACH }, (_, place) => claimsOf(place, size));
      const tokens = await Promise.all(claims.map((claims) => sign(claims, algorithm, signing)));
      cases.push({ algorithm, size, ...verifying, tokens, forged: forged(tokens[0]), broken: broken(tokens[0]) });
    }
  }
  return cases;
}

async function keyFor(algorithm) {
  if (algorithm === "HS256") {
    const secret = await generateSecret(algorithm, { extractable: true });
    return { signing: secret, jwk: { ...(await exportJWK(secret)), alg: algorithm } };
  }
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "2027-01", alg: algorithm };
  const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  return { signing: privateKey, jwk, pem };
}

const sign = (claims, alg, key) =>
  new SignJWT(claims).setProtectedHeader(alg === "HS256" ? { alg, typ: "JWT" } : { alg, typ: "JWT", kid: "2027-01" }).sign(key);

function claimsOf(place, size) {
  const iat = Math.floor(Date.now() / 1000);
  const jti = `${place.toString(16).padStart(8, "0")}858e5ea3dc5fa8dc3cc8e42a`;
  const user = String(1042 + place);
  const claims = { token_type: "access", exp: iat + LIFETIME, iat, jti, user_id: user, sub: user };
  return size === 250 ? claims : { ...claims, ...added(place) };
}

/** What an application may tell of a user: 17 members with 66 values in them. */
const added = (place) => ({
  sid: `66bea7663ba3a3660e07e774c76e9f${place.toString(16).padStart(2, "0")}`,
  iss: "https://id.example.com",
  aud: ["https://api.example.com", "https://files.example.com"],
  name: "Ann Émile Example",
  email: `ann.example+${place}@example.com`,
  email_verified: true,
  locale: "fr-CA",
  zoneinfo: "America/Toronto",
  updated_at: 1795204030,
  tenant: { id: 90210, name: "Example Incorporated", plan: "enterprise", seats: 250, trial: false },
  roles: ["owner", "billing", "support", "editor", "auditor"],
  groups: ["engineering/platform", "engineering/security", "people/managers", "all-staff"],
  permissions: {
    invoices: ["read", "write", "send", "void"],
    customers: ["read", "write", "export"],
    reports: ["read", "schedule"],
    projects: ["read", "write", "archive", "invite"],
    settings: ["read"],
    webhooks: ["read", "write", "replay"],
    members: ["read", "invite", "remove"],
    audit_log: ["read"],
  },
  features: { beta: true, dark_mode: false, quota: 7.5, region: "ca-central-1", exports: null },
  devices: [
    { id: "d-4f1c", os: "Linux", seen: 1795203999, trusted: true },
    { id: "d-77ab", os: "iOS", seen: 1795100412, trusted: false },
    { id: "d-90e2", os: "macOS", seen: 1795012345, trusted: true },
  ],
  address: { country: "CA", region: "QC", locality: "Montréal", postal_code: "H2X 1Y4" },
  scope: "openid profile email invoices:read invoices:write reports:read projects:write",
});

/** With another signature: its first character stands for the topmost bits. */
function forged(token) {
  const at = token.lastIndexOf(".") + 1;
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}

/** With claims that are no JSON. */
function broken(token) {
  const [header, claims, signature] = token.split(".");
  return `${header}.${claims.slice(0, -4)}.${signature}`;
}
