// Tokens, by jose.

import { jwtVerify, SignJWT } from "jose";

export const now = () => Math.floor(Date.now() / 1000);

/** The pair that an object has decided on, signed. */
export async function signedPair({ sub, sid, counter, claims }, settings) {
  const [refresh, access] = await Promise.all([
    signed("refresh", settings.refreshLifetime, { sub, sid, counter, claims }, settings),
    signed("access", settings.accessLifetime, { sub, sid, counter, claims }, settings),
  ]);
  return { refresh, access };
}

function signed(kind, lifetime, { sub, sid, counter, claims }, { algorithm, keyId, signing }) {
  const iat = now();
  const jti = `${sid}.${kind[0]}${counter}`;
  const payload = { ...claims, token_type: kind, exp: iat + lifetime, iat, jti, sid, user_id: sub, sub };
  return new SignJWT(payload).setProtectedHeader({ alg: algorithm, typ: "JWT", kid: keyId }).sign(signing);
}

/** The claims of a good token of this kind (of any kind, if none is named); undefined of any other. */
export async function claimsOf(token, kind, { algorithm, verifying }) {
  try {
    const { payload } = await jwtVerify(token, verifying, { algorithms: [algorithm], requiredClaims: ["exp", "jti", "sid", "sub"] });
    return kind === undefined || payload.token_type === kind ? payload : undefined;
  } catch {
    return undefined;
  }
}

/** Which exchange of its session a refresh token comes from. */
export const counterOf = ({ jti }) => Number(jti.slice(jti.lastIndexOf(".") + 2));
