// The load's process, seen from here.

import { inProject } from "../../../tools/project.mjs";
import { startProcess } from "./process.mjs";

export const CONNECTIONS = 16;

/** `{ add, fill, gather, run, stop }`. */
export function startGenerator() {
  const { ask, stop } = startProcess(inProject("tests", "bench", "issuer", "load.mjs"));
  const run = (side, operation, details) => ask("run", { side, operation, connections: CONNECTIONS, ...details });
  const invent = (side, group, how) => ask("invent", { side, group, ...how });
  return {
    run,
    invent,
    stop,
    add: ({ name, url, pids }, groups) => ask("add", { side: name, url, pids, groups }),
    gather: (side, details) => ask("gather", { side, ...details }),
    /** Makes a group of so many people and has `operation` done for each, which gives them their tokens. */
    async fill(side, group, operation, { count, ...how }) {
      await invent(side, group, { count, ...how });
      return run(side, operation, { group, requests: count });
    },
  };
}
