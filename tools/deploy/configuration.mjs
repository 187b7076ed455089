// wrangler.toml, as far as a deployment has to know it and to write into it.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { outputOf, Stop } from "../child.mjs";
import { wranglerNode } from "../packages.mjs";
import { inProject } from "../project.mjs";

/** The sections `[env.…]` of wrangler.toml. */
export const ENVIRONMENTS = ["staging", "production"];

const BLACKLIST = "BLACKLIST";
/** Ids of namespaces at Cloudflare. Before there is one something else stands in its place, which does for a laptop. */
const ID = /^[0-9a-f]{32}$/;

/** All that stands in the file, read by wrangler itself. */
export function readRaw(file) {
  const text = outputOf(wranglerNode(), ["--no-warnings", inProject("tools", "deploy", "print_config.mjs"), file]);
  if (text === undefined) throw new Stop(`${file} cannot be read. See what is wrong with it: npx wrangler deploy --dry-run --env staging`);
  return JSON.parse(text);
}

/** `{ name, vars, accountId, namespace: { id, title } }` of an environment; `id` is undefined while there is none. */
export function configurationOf(file, environment) {
  const raw = readRaw(file);
  const own = raw.env?.[environment];
  const namespace = own?.kv_namespaces?.find(({ binding }) => binding === BLACKLIST);
  if (!namespace) throw new Stop(`${file} has no section [[env.${environment}.kv_namespaces]] with the binding ${BLACKLIST}.`);
  const name = own.name ?? `${raw.name}-${environment}`;
  return {
    name,
    vars: own.vars ?? {},
    accountId: own.account_id ?? raw.account_id,
    namespace: { id: ID.test(namespace.id) ? namespace.id : undefined, title: `${name}-${BLACKLIST}` },
  };
}

/** Writes a namespace's id into its section; everything else stays as it is, to the byte. */
export function writeNamespaceId(file, environment, id) {
  const text = withNamespaceId(readFileSync(file, "utf8"), environment, id);
  if (text === undefined) throw new Stop(`Write it yourself into the section [[env.${environment}.kv_namespaces]] of ${file}: id = "${id}"`);
  // Whoever is interrupted has the old file or the new one.
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** The text with that id; undefined where the section, or its line `id = "…"`, is not found. */
export function withNamespaceId(text, environment, id) {
  const lines = text.split("\n");
  const isHeader = (line) => /^\s*\[/.test(line);
  const header = new RegExp(`^\\s*\\[\\[\\s*env\\.${environment}\\.kv_namespaces\\s*\\]\\]`);
  for (let from = 0; from < lines.length; from++) {
    if (!header.test(lines[from])) continue;
    const next = lines.findIndex((line, at) => at > from && isHeader(line));
    const to = next < 0 ? lines.length : next;
    const section = lines.slice(from, to);
    if (!section.some((line) => new RegExp(`^\\s*binding\\s*=\\s*["']${BLACKLIST}["']`).test(line))) continue;
    const at = section.findIndex((line) => /^\s*id\s*=/.test(line));
    if (at < 0) return undefined;
    lines[from + at] = section[at].replace(/=\s*(["'])[^"']*\1/, `= "${id}"`);
    return lines.join("\n");
  }
  return undefined;
}
