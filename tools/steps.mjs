// A step: a title, what it does, and how long it took. The list of them is the summary at the end.

const taken = [];

/** Announces `title`, awaits `work`, says how long it took. */
export async function step(title, work) {
  console.log(`\n▸ ${title}`);
  const started = performance.now();
  let outcome = "failed";
  try {
    const result = await work();
    outcome = result === false ? "failed" : "done";
    return result;
  } finally {
    const seconds = (performance.now() - started) / 1000;
    taken.push({ title, seconds, outcome });
    console.log(`  ${outcome} in ${seconds.toFixed(1)} s`);
  }
}

/** One line a step, for the end of a long run. */
export function summary() {
  const width = Math.max(...taken.map(({ title }) => title.length), 0);
  const lines = taken.map(
    ({ title, seconds, outcome }) =>
      `  ${title.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s${outcome === "failed" ? "  FAILED" : ""}`,
  );
  return lines.join("\n");
}
