// Where we answer otherwise than Simple JWT, on purpose. Each is
//   scenario, step   which recorded answers: the whole name, or a pattern
//   reason           what the design promises there
//   expect           our answer; a function of the recorded one and of the scenario's others; or several of these, while `open`
//   open             the question that leaves several answers open, where nothing can play it yet: settle it then, and leave one
// The first that matches an answer counts.

import { accountDifferences } from "./differences/accounts.mjs";
import { httpDifferences } from "./differences/http.mjs";
import { sessionDifferences } from "./differences/sessions.mjs";
import { tokenDifferences } from "./differences/tokens.mjs";

export const differences = [...tokenDifferences, ...sessionDifferences, ...accountDifferences, ...httpDifferences];

/** The difference that an answer falls under, if any. */
export const differenceAt = (scenario, step) =>
  differences.find((one) => matches(one.scenario, scenario) && matches(one.step, step));

const matches = (pattern, name) => (typeof pattern === "string" ? pattern === name : pattern.test(name));
