// `npm run deploy`: everything from a clone to a Worker at Cloudflare that answers. What is there already stays as it is, so it may be
// run again at any point: after a failure, or for the next release. See tools/deploy/walk.mjs.

import { parseArgs } from "node:util";
import { buildWorker } from "./build.mjs";
import { Stop } from "./child.mjs";
import { ENVIRONMENTS } from "./deploy/configuration.mjs";
import { terminal } from "./deploy/terminal.mjs";
import { walk } from "./deploy/walk.mjs";
import { buildPages } from "./pages.mjs";
import { inProject } from "./project.mjs";
import { setUp } from "./setup.mjs";

const USAGE = `Usage: npm run deploy -- [--env ${ENVIRONMENTS.join("|")}] [--dry-run] [--url https://id.example.com] [--smoke-user]`;

try {
  const options = commandLine();
  const tools = await setUp();
  // Only now, for it needs packages that the set-up has installed.
  const { wrangler } = await import("./wrangler.mjs");
  const build = async () => {
    await buildWorker("build", tools);
    await buildPages(tools);
  };
  await walk({ ...options, file: inProject("wrangler.toml"), build, wrangler, terminal: terminal() });
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

/** `{ environment, dryRun, url, smokeUser }`. */
function commandLine() {
  const options = {
    env: { type: "string", default: "production" },
    "dry-run": { type: "boolean", default: false },
    url: { type: "string" },
    "smoke-user": { type: "boolean", default: false },
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new Stop(`${error.message}\n${USAGE}`);
  }
  if (!ENVIRONMENTS.includes(values.env)) throw new Stop(`--env is one of ${ENVIRONMENTS.join(", ")}.\n${USAGE}`);
  // Over http the admin key would be read on its way.
  if (values.url !== undefined && !/^https:\/\/[^/]+\/?$/.test(values.url)) throw new Stop(`--url is https://… without a path.\n${USAGE}`);
  return { environment: values.env, dryRun: values["dry-run"], url: values.url?.replace(/\/$/, ""), smokeUser: values["smoke-user"] };
}
