// Whoever sits before it, if somebody does.

import { createInterface } from "node:readline/promises";

/**
 * `interactive`: somebody reads and can answer. `show` writes what nobody else is to keep: only to a terminal, never into a log.
 * `pause` waits for Enter.
 */
export function terminal({ stdin, stdout } = process) {
  const interactive = Boolean(stdin.isTTY && stdout.isTTY);
  return {
    interactive,
    show(text) {
      if (!interactive) throw new Error("nobody is there to read it");
      stdout.write(`${text}\n`);
    },
    async pause(question) {
      const lines = createInterface({ input: stdin, output: stdout });
      try {
        await lines.question(question);
      } finally {
        lines.close();
      }
    },
  };
}
