// How many tests passed and failed, read from what the test runners print at their end.

export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
  }

  toString() {
    return `${this.passed} passed, ${this.failed} failed`;
  }
}

/** `cargo test` closes each of its binaries with such a line. */
export function countCargoTests(output) {
  return sum(output.matchAll(/^test result: .*?(?<passed>\d+) passed; (?<failed>\d+) failed; (?<skipped>\d+) ignored/gm));
}

/** Node's runner closes with one line for each number; a cancelled test has not passed. */
export function countNodeTests(output) {
  return sum([
    ...output.matchAll(/^(?:ℹ|#) pass (?<passed>\d+)$/gm),
    ...output.matchAll(/^(?:ℹ|#) (?:fail|cancelled) (?<failed>\d+)$/gm),
    ...output.matchAll(/^(?:ℹ|#) skipped (?<skipped>\d+)$/gm),
  ]);
}

function sum(matches) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { groups } of matches) {
    for (const [kind, number] of Object.entries(groups)) total[kind] += Number(number);
  }
  return total;
}
