// `hallpass/decode`

import {
  type Claims,
  type Decoded,
  type ExpiryOptions,
  type Header,
  type RegisteredClaims,
  decode,
  expiresAt,
  isExpired,
  secondsLeft,
} from "hallpass/decode";

interface Own {
  role: "admin" | "user";
  plan?: string;
}

export const plain: Decoded = decode("a token");
export const header: Header = plain.header;
export const alg: string = header.alg;
export const kid: string | undefined = header.kid;
export const other: unknown = header["x5t"];
export const claims: Claims = plain.claims;
export const registered: RegisteredClaims = plain.claims;
export const sub: string | undefined = plain.claims.sub;
export const audience: string | string[] | undefined = plain.claims.aud;
export const expires: number | undefined = plain.claims.exp;
export const unknown: unknown = plain.claims["https://example.com/claim"];

export const own: Decoded<Own> = decode<Own>("a token");
export const role: "admin" | "user" = own.claims.role;
export const stillRegistered: string | undefined = own.claims.sid;

export const at: number = expiresAt("a token");
export const gone: boolean = isExpired("a token");
export const left: number = secondsLeft("a token", { now: 1, leeway: 30 });
export const when: ExpiryOptions = { now: Date.now() / 1000 };

// @ts-expect-error a claim of nobody's is not known to be a string
export const assumed: string = plain.claims["role"];
// @ts-expect-error there is no such role
export const wrongRole: "owner" = own.claims.role;
// @ts-expect-error a claim that nobody has named
own.claims.rolle;
// @ts-expect-error `exp` need not be there
export const certain: number = plain.claims.exp;
// @ts-expect-error claims are an object
decode<string>("a token");
// @ts-expect-error a token is a string
decode(new Uint8Array(1));
// @ts-expect-error dates are seconds
isExpired("a token", { now: new Date() });
// @ts-expect-error an option's wrong name
secondsLeft("a token", { clockTolerance: 30 });
// @ts-expect-error only the Verifier's entry has it
import { Verifier } from "hallpass/decode";
// @ts-expect-error what is not exported is not found
import * as internal from "hallpass/internal";

export type Unused = [Verifier, typeof internal];
