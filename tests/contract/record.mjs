// Plays every scenario against the reference server and writes down what it answers: recorded.json.
// The interpreter has reference/requirements.txt installed; REFERENCE_PYTHON names another one.

import { writeFileSync } from "node:fs";

import { installPython } from "../../tools/python.mjs";
import { stable } from "./placeholders.mjs";
import { play } from "./player.mjs";
import { startReference } from "./reference.mjs";
import { scenarios } from "./scenarios.mjs";

const python = process.env.REFERENCE_PYTHON ?? (await installPython());
if (!python) process.exit(1);

const server = await startReference(python);
try {
  const recorded = {};
  for (const scenario of scenarios) recorded[scenario.name] = stable(await play(scenario, server));
  writeFileSync(new URL("recorded.json", import.meta.url), serialized(recorded));
  const steps = Object.values(recorded).flatMap(Object.keys).length;
  console.log(`recorded ${steps} answers in ${scenarios.length} scenarios`);
} finally {
  await server.stop();
}

// One line per step, so that a change of one answer is a change of one line.
function serialized(recorded) {
  const blocks = Object.entries(recorded).map(([name, steps]) => {
    const lines = Object.entries(steps).map(
      ([step, answer]) => `    ${JSON.stringify(step)}: ${JSON.stringify(answer)}`,
    );
    return `  ${JSON.stringify(name)}: {\n${lines.join(",\n")}\n  }`;
  });
  return `{\n${blocks.join(",\n")}\n}\n`;
}
