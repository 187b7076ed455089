// What is compared with what: a group is one algorithm and size, or the reading of tokens of one size.

import { checkSubject, decoders, verifiers } from "./subjects.mjs";

/**
 * `[{ title, algorithm, tokens, subjects, unable }]`, every subject checked to do what it is measured for. The peers of whom
 * that is not so in this runtime are `unable`.
 */
export async function groupsOf(cases, ours) {
  const groups = [];
  for (const one of cases) {
    const title = `${one.algorithm}, ${one.tokens[0].length} bytes`;
    groups.push(await checked({ ...one, title, subjects: await verifiers(one, ours) }, one.forged));
  }
  for (const one of cases.filter(({ algorithm }) => algorithm === "HS256")) {
    const title = `reading only, ${one.tokens[0].length} bytes`;
    groups.push(await checked({ ...one, title, algorithm: undefined, subjects: decoders(ours) }, one.broken));
  }
  return groups;
}

async function checked({ subjects, ...group }, bad) {
  const [able, unable] = [[], []];
  for (const subject of subjects) {
    try {
      await checkSubject(subject, group.tokens, bad);
      able.push({ ...subject, isAsync: subject.run(group.tokens[0]) instanceof Promise });
    } catch (error) {
      // Of Node.js's crypto, workerd has not everything.
      if (subject.name.startsWith("hallpass")) throw error;
      unable.push({ name: subject.name, why: error.message });
    }
  }
  return { ...group, subjects: able, unable };
}
