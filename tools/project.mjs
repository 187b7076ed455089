// Where things are: the project's folder, and the cache folder outside of it
// that lets a fresh clone reuse what another one has built.

import { homedir, platform } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const project = dirname(dirname(fileURLToPath(import.meta.url)));

/** A path inside the project. */
export const inProject = (...parts) => join(project, ...parts);

/** `HALLPASS_TOOLS`, or `hallpass` in the user's cache folder. */
export function toolsFolder(env = process.env) {
  if (env.HALLPASS_TOOLS) return env.HALLPASS_TOOLS;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "hallpass");
  if (platform() === "darwin") return join(homedir(), "Library", "Caches", "hallpass");
  return join(homedir(), ".cache", "hallpass");
}
