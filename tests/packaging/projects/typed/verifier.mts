// `hallpass`

import {
  type Algorithm,
  type Explanation,
  type Failure,
  type Jwk,
  type Jwks,
  type KeySource,
  type RemoteOptions,
  type Rules,
  type TokenType,
  type Verified,
  type VerifierOptions,
  Verifier,
  decode,
  expiresAt,
  isExpired,
  secondsLeft,
} from "hallpass";
import type { Decoded } from "hallpass/decode";

interface Own {
  role: "admin" | "user";
}

const key: Jwk = { kty: "OKP", crv: "Ed25519", x: "…", kid: "1", use: "sig", key_ops: ["verify"] };
const jwks: Jwks = { keys: [key] };
const keys: KeySource = { jwks };
const rules: Rules = {
  issuer: ["https://id.example.com", "https://old.example.com"],
  audience: "api",
  tokenType: "any",
  leeway: 30,
  requiredClaims: ["sub"],
  maxAge: 600,
  tokenTypeClaim: "typ",
  userIdClaim: "uid",
};
const remote: RemoteOptions = {
  fetch: (url, init) => fetch(url, init),
  cacheSeconds: 600,
  cooldownSeconds: 30,
  timeoutSeconds: 5,
  staleSeconds: 0,
};
const tokenType: TokenType[] = ["access", "sliding"];
const algorithms: Algorithm[] = ["EdDSA", "ES256", "RS256", "PS256", "HS256"];
const jwksUrl = new URL("https://id.example.com/keys");
const options: VerifierOptions = { ...rules, ...remote, tokenType, algorithms, jwksUrl, now: () => 1 };

export const verifier = new Verifier(options);
export const others = [
  new Verifier(keys),
  new Verifier({ issuer: "https://id.example.com" }),
  new Verifier({ jwksUrl: "https://id.example.com/keys" }),
  new Verifier({ secret: "a secret of thirty-two characters" }),
  new Verifier({ secret: new Uint8Array(32), algorithms: ["HS512"] }),
];

export const later: Verified<Own> = await verifier.verify<Own>("a token");
export const atOnce: Verified = verifier.verifySync("a token");
export const role: "admin" | "user" = later.claims.role;
export const sub: string | undefined = atOnce.claims.sub;
export const loaded: void = await verifier.load();
export const unusable: readonly { index: number; kid?: string; reason: string }[] = verifier.unusableKeys;

const explanation: Explanation<Own> = await verifier.explain<Own>("a token");
export const failures: Failure[] = explanation.failures;
export const read: "admin" | "user" | undefined = explanation.claims?.role;
export const decoded: Decoded = decode("a token");
export const numbers: number[] = [expiresAt("a token"), secondsLeft("a token")];
export const gone: boolean = isExpired("a token");

// @ts-expect-error an option's wrong name
new Verifier({ jwks, algs: ["EdDSA"] });
// @ts-expect-error there is no `none`
new Verifier({ jwks, algorithms: ["none"] });
// @ts-expect-error there is no such type of token
new Verifier({ jwks, tokenType: "bearer" });
// @ts-expect-error a set holds `keys`
new Verifier({ jwks: [key] });
// @ts-expect-error a key says what it is
new Verifier({ jwks: { keys: [{ kid: "1" }] } });
// @ts-expect-error a clock is asked each time
new Verifier({ jwks, now: 1 });
// @ts-expect-error there have to be options
new Verifier();
// @ts-expect-error it has to be awaited
verifier.verify("a token").claims;
// @ts-expect-error what could not be read is not there
explanation.header.alg;
// @ts-expect-error that is for the Verifier to say
verifier.unusableKeys = [];
// @ts-expect-error a token is a string
verifier.verifySync(undefined);
