// Plays the scenarios against a server and compares answer by answer with what was recorded, or with what we promise instead.

import { readFileSync } from "node:fs";

import { differenceAt, differences } from "./differences.mjs";
import { mismatches } from "./match.mjs";
import { stable } from "./placeholders.mjs";
import { play, Unplayable } from "./player.mjs";
import { scenarios } from "./scenarios.mjs";

const recorded = JSON.parse(readFileSync(new URL("recorded.json", import.meta.url), "utf8"));

/**
 * Plays the whole contract, or the scenarios whose name matches `only`, against `baseUrl`, a server that signs HS256 with `signingKey`.
 * With node:test's `t`, each scenario is a subtest of it. Gives `{ scenarios, answers, skipped, failures }`.
 *
 * `setStanding({ email, id, standing })` makes a user `inactive` or `deleted` there; scenarios that need it are skipped without it.
 */
export async function runContract({ baseUrl, signingKey, setStanding, only, t }) {
  const server = { baseUrl, signingKey, setStanding };
  const report = { scenarios: 0, answers: 0, skipped: [], failures: [] };
  for (const scenario of scenarios.filter(({ name }) => !only || only.test(name))) {
    report.scenarios += 1;
    const check = async (subtest) => {
      const outcome = await checkScenario(scenario, server);
      if (outcome.skipped) {
        report.skipped.push(scenario.name);
        return subtest?.skip(outcome.skipped);
      }
      report.answers += outcome.answers;
      if (outcome.failure) report.failures.push(outcome.failure);
      if (outcome.failure && subtest) throw new ContractBroken(outcome.failure);
    };
    await (t ? t.test(scenario.name, check) : check());
  }
  return report;
}

/** Plays one scenario: how many answers it got, and a text of those that are not as they should be. */
export async function checkScenario(scenario, server) {
  try {
    const played = await play(scenario, server);
    const answers = stable(played);
    const texts = Object.fromEntries(played.answers.map(({ step, text }) => [step.name, text]));
    const broken = played.answers.flatMap(({ step }) =>
      brokenStep(scenario, step, answers[step.name], texts[step.name]),
    );
    return {
      answers: played.answers.length,
      failure: broken.length > 0 ? [scenario.name, ...broken].join("\n") : null,
    };
  } catch (error) {
    if (error instanceof Unplayable) return { skipped: error.message };
    // A server that hangs or cannot be set up breaks this scenario; the others are still worth playing.
    return { answers: 0, failure: `${scenario.name}\n  ${error.message}` };
  }
}

class ContractBroken extends Error {
  constructor(message) {
    super(message);
    // The scenario says where; a stack through the comparison says nothing.
    this.stack = message;
  }
}

function brokenStep(scenario, step, answer, text) {
  const difference = differenceAt(scenario.name, step.name);
  const candidates = expectations(scenario, step, difference);
  const attempts = candidates.map((expected) => mismatches(expected, answer, text));
  if (attempts.some((attempt) => attempt.length === 0)) return [];
  const wanted =
    candidates.length > 1 ? [`    (one of ${candidates.length} answers would do; compared with the nearest)`] : [];
  const nearest = attempts.reduce((best, attempt) => (attempt.length < best.length ? attempt : best));
  const reason = difference ? [`    (not as Simple JWT: ${difference.reason})`] : [];
  const heading = `  ${step.name}: ${step.method ?? "POST"} ${step.path}`;
  return [heading, ...reason, ...wanted, ...nearest.map((line) => `    ${line}`)];
}

function expectations(scenario, step, difference) {
  const steps = recorded[scenario.name];
  const own = steps?.[step.name];
  if (!own) throw new Error(`nothing is recorded of "${step.name}": record again`);
  if (!difference) return [own];
  return [difference.expect].flat().map((expect) => {
    const answer = typeof expect === "function" ? expect(own, { steps, elsewhere }) : expect;
    return withHeaders(answer, own, step);
  });
}

// The recorded answer of another scenario, where a user other than alice may have had the part that alice has there.
function elsewhere(scenario, step, user = "alice") {
  return JSON.parse(JSON.stringify(recorded[scenario][step]).replaceAll("alice's", `${user}'s`));
}

// An answer written as a difference has the headers of its endpoint. Those that reach no endpoint promise a content type only.
function withHeaders(answer, own, step) {
  if (answer.headers || answer.$platform) return answer;
  const headers = { "content-type": "application/json" };
  if (answer.status === 413 || (answer.status === 404 && !own.headers.allow))
    return { ...answer, headers, $otherHeaders: true };
  const allow =
    own.headers.allow ?? (step.path.startsWith("/api/v1/users/info") ? "GET, HEAD, OPTIONS" : "POST, OPTIONS");
  Object.assign(headers, { allow, vary: "Accept" });
  if (answer.status === 401) headers["www-authenticate"] = 'Bearer realm="api"';
  return { ...answer, headers };
}

/** Differences that no recorded answer falls under: leftovers of scenarios that were renamed. */
export function unusedDifferences() {
  const used = new Set(
    scenarios.flatMap(({ name, steps }) => steps.map((step) => step.name && differenceAt(name, step.name))),
  );
  return differences.filter((one) => !used.has(one)).map(({ scenario, step }) => `${scenario}: ${step}`);
}
