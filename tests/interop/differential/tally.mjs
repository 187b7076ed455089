// The differences counted by what explains them, and the tables that say so.

import { EXPLANATIONS, explained } from "./explanations.mjs";
import { factsOf } from "./facts.mjs";

const PEERS = ["jose", "jsonwebtoken"];

export class Differences {
  /** How many tokens there were, and how many each judge took. */
  tokens = 0;
  taken = { ours: 0, jose: 0, jsonwebtoken: 0 };
  /** Differences that nothing explains. */
  unexplained = [];
  #counts = new Map();

  /** Takes note of the verdicts on a token. */
  note(verdicts) {
    this.tokens += 1;
    for (const judge of Object.keys(this.taken)) this.taken[judge] += verdicts[judge].said === "" ? 1 : 0;
    const differing = PEERS.filter((peer) => (verdicts[peer].said === "") !== (verdicts.ours.said === ""));
    if (differing.length === 0) return;
    const facts = factsOf(verdicts.token);
    for (const peer of differing) this.#explain(peer, facts, verdicts);
  }

  #explain(peer, facts, { nth, token, leeway, ours, [peer]: theirs }) {
    const said = { ours: ours.said, theirs: theirs.said, leeway };
    const explanation = explained(facts, said);
    if (!explanation) return this.unexplained.push({ nth, peer, ...said, token });
    const counts = this.#counts.get(explanation) ?? {};
    this.#counts.set(explanation, { ...counts, [peer]: (counts[peer] ?? 0) + 1 });
  }

  /** The lines of a table: `"stricter"` or `"laxer"`. */
  table(which) {
    const row = (explanation) => {
      const counts = this.#counts.get(explanation) ?? {};
      return `| ${[explanation.why, explanation.rfc, ...PEERS.map((peer) => counts[peer] ?? "–")].join(" | ")} |`;
    };
    return ["| what | RFC | jose | jsonwebtoken |", "| --- | --- | --: | --: |", ...EXPLANATIONS[which].map(row)];
  }

  summary() {
    const { ours, jose, jsonwebtoken } = this.taken;
    return `Of ${this.tokens} tokens Hallpass takes ${ours}, jose ${jose} and jsonwebtoken ${jsonwebtoken}.`;
  }

  /** All that the README says. */
  report() {
    return [
      this.summary(),
      "",
      "**Refused by us, taken by them:**",
      "",
      ...this.table("stricter"),
      "",
      "**Taken by us, refused by them:**",
      "",
      ...this.table("laxer"),
    ].join("\n");
  }
}
