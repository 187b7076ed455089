// Whether the Worker takes its settings, before it is deployed with them: it is run here, with the environment's section of
// wrangler.toml and something of the right form in the place of each secret, and asked for its health.

import { spawn } from "node:child_process";
import { Stop } from "../child.mjs";
import { settingsIn } from "../log_lines.mjs";
import { wranglerNode } from "../packages.mjs";
import { inProject, project } from "../project.mjs";

/** What stands for a secret. Others than these are not looked at: what is in them only Cloudflare knows. */
const PLACEHOLDERS = ["KEYRING_SECRET", "SIGNING_KEY", "ADMIN_KEY", "WEBHOOK_SECRET"];

/** Stops with what is wrong, if something is. `secrets` are the names of those that the Worker will have. */
export async function checkSettings(file, environment, secrets) {
  const placeholders = PLACEHOLDERS.filter((name) => secrets.includes(name)).map((name) => [name, "x".repeat(48)]);
  const asked = JSON.stringify({ file, environment, secrets: Object.fromEntries(placeholders) });
  const args = ["--no-warnings", inProject("tools", "deploy", "ask_health.mjs"), asked];
  const child = spawn(wranglerNode(), args, { cwd: project, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const status = /^healthz (\d+)$/m.exec(log)?.[1];
  if (code !== 0 || status === undefined) throw new Stop(`The Worker does not start here:\n${log.trim()}`);
  if (status !== "200") {
    const wrong = settingsIn(log).map((line) => `  ${line}`);
    throw new Stop(`Hallpass does not run with the settings of [env.${environment}] in ${file}:\n${wrong.join("\n")}`);
  }
}
