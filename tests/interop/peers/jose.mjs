import { importJWK, jwtVerify, SignJWT } from "jose";
import { ALGORITHMS } from "../keys.mjs";

const imported = ({ algorithm, secret }, jwk) => secret ?? importJWK(jwk, algorithm);

export default {
  name: "jose",
  algorithms: ALGORITHMS,
  missing: false,
  open: () => ({
    sign: async (key, header, claims) => new SignJWT(claims).setProtectedHeader(header).sign(await imported(key, key.jwk)),
    verify: async (key, token) =>
      (await jwtVerify(token, await imported(key, key.publicJwk), { algorithms: [key.algorithm] })).payload,
    close: () => {},
  }),
};
