// What a verifier says of the token: one word, and below it every rule that is broken and every one that is kept.

import { byId, el, fill } from "../lib/dom.js";
import { failureInWords, kept } from "./words.js";

/** `show(outcome, said)`: what a check's `explain` gave, and what it was asked with: `{ rules, keys, withKey, now }`. */
export function verdictCard() {
  const [word, sentence, list, node] = ["verdict-word", "verdict-sentence", "verdict-list", "verdict"].map(byId);
  let shown;
  return {
    show(outcome, said) {
      const verdict = verdictOf(outcome, said);
      // It is looked at every second: what has not changed stays as it is, also for those who have it read to them.
      const text = JSON.stringify(verdict);
      if (text === shown) return;
      shown = text;
      node.dataset.state = verdict.state;
      word.textContent = verdict.word;
      word.className = `verdict-word ${verdict.state}`;
      sentence.textContent = verdict.sentence;
      fill(list, ...lists(verdict));
    },
    /** There is nothing to be said, and why. */
    fail(why) {
      shown = undefined;
      [node.dataset.state, word.textContent, word.className, sentence.textContent] = ["warn", "Not checked", "verdict-word warn", why];
      fill(list);
    },
  };
}

function verdictOf({ explanation, signer, remarks }, { rules, keys, withKey, now }) {
  const said = { header: explanation.header, claims: explanation.claims, rules, keys };
  const broken = explanation.failures.map((failure) => ({ ...failure, words: failureInWords(failure, said) }));
  return { ...headline(broken.length, signer, withKey), broken, kept: kept(explanation, { rules, now, signer }), remarks };
}

function headline(broken, signer, withKey) {
  const rules = broken === 1 ? "one rule" : `${broken} rules`;
  if (withKey && broken === 0) return { state: "good", word: "Verified", sentence: `Signed with ${signer}, and it keeps every rule.` };
  if (signer) return { state: "bad", word: "Refused", sentence: `It is genuine, signed with ${signer}, but it breaks ${rules}.` };
  if (withKey) return { state: "bad", word: "Refused", sentence: `It breaks ${rules}.` };
  if (broken > 0) return { state: "bad", word: "Refused", sentence: `It breaks ${rules}, whichever key signed it.` };
  return { state: "", word: "Not checked", sentence: "Nothing is wrong with what it says. Whether it is genuine, only the key can tell." };
}

function lists({ broken, kept, remarks }) {
  return [
    broken.length > 0 && section("What is wrong", "broken", broken.map(failed)),
    kept.length > 0 && section("What holds", "kept", kept.map((words) => el("li", {}, words))),
    remarks.length > 0 && section("About the keys", "remarks", remarks.map((words) => el("li", {}, words))),
  ];
}

const section = (title, name, items) => el("section", {}, el("h3", {}, title), el("ul", { class: name }, ...items));

function failed({ words, code, claim, reason }) {
  const of = claim === undefined ? [] : [" of ", el("code", {}, claim)];
  return el("li", {}, words, el("span", { class: "note" }, el("code", {}, code), ...of, `: ${reason}`));
}
