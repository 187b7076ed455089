// Where everybody's state lies: in memory, where there is a file system for that. An object's answer waits until its disk has what was
// written, and a slow disk would be all that is seen. The work is the same.

import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const IN_MEMORY = "/dev/shm";

const folders = new Set();

// A run that is broken off leaves nothing either.
process.on("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })));

export const stateLies = isWritable(IN_MEMORY) ? "in memory" : "on disk";

/** A new folder that goes when this process ends. */
export function stateFolder() {
  const folder = mkdtempSync(join(stateLies === "in memory" ? IN_MEMORY : tmpdir(), "hallpass-bench-"));
  folders.add(folder);
  return folder;
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
