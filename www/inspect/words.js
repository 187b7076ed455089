// The rules of a verifier in plain words: those that a token breaks, and those that it keeps.

import { dated } from "./standing.js";

/** Codes that are about the key and not about what the token says. */
const OF_KEYS = new Set(["algorithm_not_allowed", "unknown_key", "bad_signature"]);

export const isOfKeys = ({ code }) => OF_KEYS.has(code);

/** Whether nobody signed the token, which no key can mend. */
export const isUnsigned = ({ alg }) => typeof alg === "string" && alg.toLowerCase() === "none";

/**
 * A failure in words. `said` is what there is to say it with: the token's `header` and `claims`, the `rules` that were asked for, and
 * `keys`, words for the keys that were tried.
 */
export function failureInWords(failure, said) {
  return WORDS[failure.code]?.(said, failure.claim) ?? `${failure.claim ?? "The token"}: ${failure.reason}.`;
}

const WORDS = {
  malformed: () => "It does not have the form of a signed token.",

  algorithm_not_allowed: ({ header, keys }) =>
    isUnsigned(header)
      ? "Nobody signed it: its header says “none”. Whoever takes such a token takes anything that anybody makes up."
      : `Its header says ${quoted(header.alg)}, and ${keys} cannot be used with that.`,

  unknown_key: ({ header, keys }) => `Its header names the key ${quoted(header.kid)}, which is not among ${keys}.`,

  bad_signature: ({ keys }) => `The signature does not fit ${keys}: another key made it, or the token was changed afterwards.`,

  expired: ({ claims, rules }) => `It expired on ${dated(claims.exp)}${granted(rules)}.`,

  not_yet_valid: ({ claims, rules }) => `It is not valid before ${dated(claims.nbf)}${granted(rules)}.`,

  issued_in_future: ({ claims }) =>
    `It says that it was issued on ${dated(claims.iat)}, which is yet to come. Clocks may differ by a minute, not by more.`,

  missing_claim: (_said, claim) =>
    claim === "exp" ? "It has no exp, so it would be good for ever." : `It has no ${claim}, which is asked for.`,

  wrong_form: ({ claims }, claim) => `Its ${claim} is ${json(claims[claim])}: not what belongs there, or out of all bounds.`,

  wrong_issuer: ({ claims, rules }) =>
    claims.iss === undefined
      ? `It does not say from whom it comes, and ${quoted(rules.issuer)} is asked for.`
      : `It comes from ${json(claims.iss)}, and ${quoted(rules.issuer)} is asked for.`,

  wrong_audience: ({ claims, rules }) =>
    claims.aud === undefined
      ? `It does not say for whom it is, and ${quoted(rules.audience)} is asked for.`
      : `It is for ${json(claims.aud)}, and ${quoted(rules.audience)} is asked for.`,

  wrong_kind: ({ claims, rules }, claim) =>
    rules.tokenType
      ? `It says that it is ${json(claims[claim])}, and ${quoted(rules.tokenType)} is asked for.`
      : `It says that it is ${json(claims[claim])}. Unless another kind is asked for, that has to be “access”.`,
};

/** The rules that were looked at and hold, in words. `signer` says who signed, where that is known. */
export function kept(explanation, { rules, now, signer }) {
  const { claims, failures } = explanation;
  const holds = (claim) => !failures.some((failure) => failure.claim === claim);
  const has = (claim) => Object.hasOwn(claims, claim) && holds(claim);
  return [
    "It has the form of a signed token, in the one spelling there is.",
    signer && `It was signed with ${signer}.`,
    has("exp") && (claims.exp > now ? `It has not expired (exp): ${dated(claims.exp)}.` : "It has expired, but within the leeway (exp)."),
    has("nbf") && "Its time has begun (nbf).",
    has("iat") && "It was not issued in the future (iat).",
    rules.issuer !== undefined && holds("iss") && `It comes from ${quoted(rules.issuer)} (iss).`,
    rules.audience !== undefined && holds("aud") && `It is for ${quoted(rules.audience)} (aud).`,
    rules.tokenType !== "any" && has("token_type") && `It is of a kind that is asked for (token_type): ${json(claims.token_type)}.`,
  ].filter(Boolean);
}

export const quoted = (value) => (typeof value === "string" ? `“${shortened(value)}”` : "nothing");

const json = (value) => (typeof value === "string" ? quoted(value) : shortened(JSON.stringify(value) ?? "missing"));

/** Somebody else's text inside a sentence of ours: the whole of it stands in the table. */
const shortened = (text) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

const granted = ({ leeway }) => (leeway ? `, also with a leeway of ${leeway} s` : "");
