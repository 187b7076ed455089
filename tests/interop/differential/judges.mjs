// Who judges tokens, each by options of the same meaning: the npm package's Verifier, jose, and ../rust with jsonwebtoken and the core.
//
// A judge is of one key and of demands; it says of a token why it is refused, `{ said }`, or `{ said: "", claims }`.

import { createLocalJWKSet, jwtVerify } from "jose";
import { HallpassError, Verifier } from "../../../crates/verifier/dist/index.js";
import { AUDIENCE, ISSUER, NOW } from "./drafts.mjs";

/** What is asked of tokens besides the usual. */
export const demandsOf = (demanding) => (demanding ? { issuer: ISSUER, audience: AUDIENCE, leeway: 10 } : {});

/** The package's verdict: `code`, and for a token of the wrong form its `reason`, or the claim at fault. */
export function ours({ algorithm, secret, publicJwk }, demands) {
  const source = secret ? { secret } : { jwks: { keys: [publicJwk] } };
  const verifier = new Verifier({ ...source, ...demands, algorithms: [algorithm], now: () => NOW });
  return async (token) => {
    try {
      const { claims } = secret || algorithm === "EdDSA" ? verifier.verifySync(token) : await verifier.verify(token);
      return { said: "", claims };
    } catch (error) {
      if (!(error instanceof HallpassError)) throw error;
      const detail = error.code === "malformed" ? `: ${error.reason}` : error.claim ? ` ${error.claim}` : "";
      return { said: error.code + detail };
    }
  };
}

/** jose's verdict: its `code`, and the claim; or the name of an error that is not jose's. */
export function jose({ algorithm, secret, publicJwk }, { issuer, audience, leeway = 0 }) {
  const key = secret ?? createLocalJWKSet({ keys: [publicJwk] });
  const given = Object.entries({ issuer, audience }).filter(([, value]) => value);
  const options = { algorithms: [algorithm], requiredClaims: ["exp"], currentDate: new Date(NOW * 1000), clockTolerance: leeway };
  Object.assign(options, Object.fromEntries(given));
  return async (token) => {
    try {
      const { payload: claims } = await jwtVerify(token, key, options);
      return { said: "", claims };
    } catch (error) {
      return { said: [error.code ?? error.name, error.claim].filter((part) => part && part !== "unspecified").join(" ") };
    }
  };
}

/** Both of Rust at once, `[[core, jsonwebtoken], …]`, what they say only; null where the core leaves the signature to others. */
export const inRust =
  (rust, { algorithm: alg, publicJwk: jwk }, demands) =>
  (tokens) =>
    rust.must({ do: "judge", alg, jwk, demands: { now: NOW, ...demands }, tokens });
