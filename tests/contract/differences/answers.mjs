// Answers of ours that differ from the recorded ones. Their headers are filled in by the comparison, which knows the endpoint.

export const answer = (status, body) => ({ status, body });

export const any = (what) => ({ $any: what });
export const done = answer(200, {});

const refusal = (detail) => answer(401, { detail, code: "token_not_valid" });
export const invalid = refusal("Token is invalid");
export const wrongType = refusal("Token has wrong type");
export const blacklisted = refusal("Token is blacklisted");
export const withoutId = refusal("Token has no id");
export const withoutExp = refusal("Token has no 'exp' claim");
export const noAccount = answer(401, { detail: "No active account found for the given token." });
export const userNotFound = answer(401, { detail: "User not found", code: "user_not_found" });

export const blacklistedAtVerify = answer(400, { non_field_errors: ["Token is blacklisted"] });

/** A bearer that is refused: `message` says why. */
export const bearerRefused = (message) =>
  answer(401, {
    detail: "Given token not valid for any token type",
    code: "token_not_valid",
    messages: [{ token_class: "AccessToken", token_type: "access", message }],
  });
export const bearerEnded = bearerRefused("Token is blacklisted");
export const bearerInvalid = bearerRefused("Token is invalid");

export const fieldError = (field, message) => answer(400, { [field]: [message] });
export const notFound = answer(404, { detail: "Not found." });
export const tooLarge = answer(413, { detail: any("string") });
export const parseError = answer(400, { detail: "JSON parse error - …" });

/** What was recorded elsewhere: of the same request, in a form that Simple JWT takes too. */
export const inFull =
  (scenario, step) =>
  (recorded, { elsewhere }) =>
    elsewhere(scenario, step);

/** The recorded answer with members of its tokens left out: claims that need not travel. */
export const withoutClaims =
  (...names) =>
  (recorded) => ({ ...recorded, body: without(recorded.body, names) });

function without(value, names) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => without(item, names));
  const kept = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, without(member, names)]));
}
