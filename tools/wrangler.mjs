// How wrangler runs here: by a Node.js it accepts, without asking, telling or fetching anything.

import { packageCommand, wranglerNode } from "./packages.mjs";
import { inProject } from "./project.mjs";

/** `[command, arguments]` that run wrangler with `args`. */
export const wrangler = (...args) => [wranglerNode(), ["--no-warnings", packageCommand("wrangler"), ...args]];

export const WRANGLER_ENV = {
  // The banner comes with a look-up of newer versions.
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
  // These would lie in the home folder.
  WRANGLER_LOG_PATH: inProject(".wrangler", "logs"),
  WRANGLER_REGISTRY_PATH: inProject(".wrangler", "registry"),
  XDG_CONFIG_HOME: inProject(".wrangler", "config"),
};
