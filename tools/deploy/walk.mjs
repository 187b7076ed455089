// A deployment, step by step. Each step looks first whether it is done already.

import { Stop } from "../child.mjs";
import { step } from "../steps.mjs";
import { Cloudflare } from "./cloudflare.mjs";
import { configurationOf, writeNamespaceId } from "./configuration.mjs";
import { made, missing, nobodyThere, shown } from "./secrets.mjs";
import { checkSettings } from "./settings.mjs";
import { smoke } from "./smoke.mjs";

/**
 * Walks through it:
 *
 * 1. somebody is logged in, with one account;
 * 2. the Worker is built, and takes the settings it will have;
 * 3. there is a KV namespace, and its id stands in wrangler.toml;
 * 4. the secrets that are missing are made, shown and set, of a Worker that is there already before the upload, lest it goes without
 *    one for a while; of a new one after it;
 * 5. it is uploaded;
 * 6. it answers at its address.
 *
 * `file` is wrangler.toml, `build()` builds, `wrangler(...args)` says how wrangler is run, `check` looks at the settings. A dry run asks
 * Cloudflare nothing and writes nothing.
 */
export async function walk(options) {
  const { environment, dryRun, url, smokeUser, file, build, wrangler, terminal, patience, env = process.env, check = checkSettings } = options;
  const cloudflare = new Cloudflare(wrangler, environment, terminal.interactive);
  const configuration = configurationOf(file, environment);
  const adminKeyBefore = env.ADMIN_KEY;
  if (dryRun) return rehearse({ environment, configuration, file, build, check, cloudflare });

  await step("Who is logged in", () => login(cloudflare, configuration, env));
  const there = await step("Secrets that are set", () => cloudflare.secrets());
  const names = missing(configuration.vars, there, environment);
  if (names.length > 0 && !terminal.interactive) throw nobodyThere(names, environment);
  if (smokeUser && adminKeyBefore === undefined && !names.includes("ADMIN_KEY")) {
    throw new Stop("--smoke-user deletes the user that it registers, and needs the admin key for that: set ADMIN_KEY in the environment.");
  }

  await build();
  await step("The settings", () => check(file, environment, [...(there ?? []), ...names]));
  await step("The KV namespace", () => namespace(cloudflare, configuration, file, environment));

  const secrets = made(names);
  const hand = () => handOver(cloudflare, secrets, terminal);
  if (there !== undefined) await hand();
  const targets = await step(`The upload to ${environment}`, () => cloudflare.deploy());
  if (there === undefined) await hand();

  const address = url ?? addressOf(targets);
  if (address === undefined) {
    console.log(`\nDeployed, but at which address is not to be seen (${targets.join(", ") || "none"}). To have it looked at, add --url https://…`);
    return;
  }
  const adminKey = secrets.ADMIN_KEY ?? adminKeyBefore;
  await step("Does it answer", () => smoke({ url: address, environment, adminKey, smokeUser, patience }));
  console.log(`\nHallpass runs at ${address}`);
}

/** All that can be seen without asking anybody. */
async function rehearse({ environment, configuration, file, build, check, cloudflare }) {
  const { name, vars, namespace: { id, title } } = configuration;
  await build();
  const shared = /^HS/.test(vars.ALGORITHM ?? "") ? ["SIGNING_KEY"] : [];
  const names = missing(vars, shared, environment);
  await step("The settings", () => check(file, environment, [...shared, ...names]));
  await step(`The upload to ${environment}, but for the upload`, () => cloudflare.rehearse());
  console.log(`\nNothing was sent or written. Without --dry-run, the Worker ${name}`);
  console.log(id === undefined ? `  gets the KV namespace ${title}, which is made if there is none;` : `  keeps the KV namespace ${id};`);
  console.log(`  gets those of these secrets that it has not: ${[...shared, ...names].join(", ")};`);
  console.log("  is uploaded, and asked whether it is well.");
}

async function login(cloudflare, { accountId }, env) {
  const accounts = await cloudflare.accounts();
  if (accounts === undefined) {
    throw new Stop(
      "Nobody is logged in at Cloudflare. In a terminal: npx wrangler login. Elsewhere set CLOUDFLARE_API_TOKEN, a token made from the " +
        "template Edit Cloudflare Workers (https://dash.cloudflare.com/profile/api-tokens). Then run this again.",
    );
  }
  const chosen = env.CLOUDFLARE_ACCOUNT_ID ?? accountId;
  if (chosen === undefined && accounts.length > 1) {
    const list = accounts.map(({ id, name }) => `  ${id}  ${name}`);
    throw new Stop(`There are several accounts. Say which: CLOUDFLARE_ACCOUNT_ID=… npm run deploy\n${list.join("\n")}`);
  }
  console.log(`  account ${accounts.find(({ id }) => chosen === undefined || id === chosen)?.name ?? chosen}`);
}

async function namespace(cloudflare, { namespace: { id, title } }, file, environment) {
  const all = await cloudflare.namespaces();
  if (id !== undefined) {
    if (all.some((one) => one.id === id)) return console.log(`  ${id}, as wrangler.toml says`);
    throw new Stop(
      `This account has no KV namespace ${id}, which ${file} names. Is it another account's (CLOUDFLARE_ACCOUNT_ID)? ` +
        `To have a new one made, write id = "blacklist" into [[env.${environment}.kv_namespaces]].`,
    );
  }
  const named = (namespaces) => namespaces.find((one) => one.title === title);
  let one = named(all);
  if (one) {
    console.log(`  ${title} is there: ${one.id}`);
  } else {
    await cloudflare.createNamespace(title);
    one = named(await cloudflare.namespaces());
    if (!one) throw new Stop(`${title} was made but is not in the list. Run this again.`);
    console.log(`  made ${title}: ${one.id}`);
  }
  writeNamespaceId(file, environment, one.id);
  console.log("  its id stands in wrangler.toml now; commit that");
}

async function handOver(cloudflare, secrets, terminal) {
  if (Object.keys(secrets).length === 0) return;
  await shown(secrets, terminal);
  await step(`Setting ${Object.keys(secrets).join(", ")}`, () => cloudflare.putSecrets(secrets));
}

/** The first address of those that wrangler names: `https://…`, or a domain of one's own. */
export function addressOf(targets) {
  const address = targets.find((target) => /^https:\/\//.test(target));
  const domain = targets.find((target) => / \(custom domain/.test(target));
  return address ?? (domain && `https://${domain.split(" ")[0]}`);
}
