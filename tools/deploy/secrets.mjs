// Which secrets a Worker needs, and which of them can be made here.

import { randomBytes } from "node:crypto";
import { Stop } from "../child.mjs";

/**
 * The names of the secrets to be made for a Worker with these settings, of which these are there (undefined: there is no Worker yet):
 *
 * | secret | is made when it is missing and |
 * |---|---|
 * | `KEYRING_SECRET` | the algorithm makes its own keys |
 * | `WEBHOOK_SECRET` | there is an address to post to |
 * | `ADMIN_KEY` | the Worker has no secret of ours yet: later its absence is somebody's wish |
 *
 * One that is there is never replaced. A `SIGNING_KEY` is somebody else's too, so it is asked for and not made.
 */
export function missing(vars, there, environment) {
  const has = (name) => there?.includes(name) ?? false;
  const isShared = /^HS/.test(vars.ALGORITHM ?? "");
  if (isShared && !has("SIGNING_KEY")) {
    throw new Stop(
      `With ALGORITHM=${vars.ALGORITHM} the key is shared with others, so it is not made here. Set it, then run this again:\n` +
        `  npx wrangler secret put SIGNING_KEY --env ${environment}`,
    );
  }
  const posts = Object.keys(vars).some((name) => name.endsWith("_WEBHOOK_URL") && vars[name] !== "");
  const needed = [
    ...(isShared ? [] : ["KEYRING_SECRET"]),
    ...(posts ? ["WEBHOOK_SECRET"] : []),
    ...((there ?? []).every((name) => name === "SIGNING_KEY") ? ["ADMIN_KEY"] : []),
  ];
  return needed.filter((name) => !has(name));
}

/** Makes them: 256 bits each, in characters that every setting takes. */
export function made(names) {
  return Object.fromEntries(names.map((name) => [name, randomBytes(32).toString("base64url")]));
}

/** Shows secrets to whoever sits before the terminal, once, and waits until they are stored. Nobody there: they are not made. */
export async function shown(secrets, terminal) {
  const width = Math.max(...Object.keys(secrets).map(({ length }) => length));
  terminal.show("\n  These are shown once. Put them into your password store now; Cloudflare does not show them again.\n");
  for (const [name, secret] of Object.entries(secrets)) terminal.show(`  ${name.padEnd(width)}  ${secret}`);
  await terminal.pause("\n  Enter when they are stored. Ctrl-C: nothing was set, and the next run makes others. ");
}

/** Where nobody can read them. */
export function nobodyThere(names, environment) {
  const commands = names.map((name) => `  openssl rand -base64 32 | tee /dev/tty | npx wrangler secret put ${name} --env ${environment}`);
  return new Stop(
    `Secrets are missing: ${names.join(", ")}. Run this in a terminal, where it makes them and shows them once; or set them there ` +
      `yourself and store what is shown, then run this again:\n${commands.join("\n")}`,
  );
}
