// What a project says when it is run, by a program or in a page.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What exercise.mjs prints when all is well, and nothing else: a warning would be seen by users as well. */
export const OK = { code: 0, stdout: "hallpass: ok\n", stderr: "" };

export async function run(command, args, { cwd, env = {} }) {
  const child = spawn(command, args, {
    cwd,
    // The machine's own settings of a runtime are no part of this.
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

/** The same of a page: what it prints first of ours, what it complains of until then. */
export const OK_PAGE = { said: "hallpass: ok", complaints: [] };

export async function visit(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    const ours = page.waitForEvent("console", (message) => message.text().startsWith("hallpass: "));
    const failure = page.waitForEvent("pageerror");
    // Whichever does not come is given up when the page is closed.
    for (const event of [ours, failure]) event.catch(() => {});
    await page.goto(url);
    const first = await Promise.race([ours, failure]);
    return { said: first instanceof Error ? undefined : first.text(), complaints };
  } finally {
    await page.close();
  }
}
