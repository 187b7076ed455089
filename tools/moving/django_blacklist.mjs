// What Django's app `token_blacklist` knows to be revoked, as items of the admin API, from
//
//   manage.py dumpdata token_blacklist --format jsonl   one record a line
//   manage.py dumpdata token_blacklist                  one array of them
//   lines of {"jti", "exp", "sub"}                      whoever has them from elsewhere
//
// A blacklisted token names an outstanding one, and that one holds the token. What the token says is what counts when it is
// presented, so whose it is and how long it lives is read from there. Outstanding tokens whose user is gone are revoked as
// well: Django refuses them because it looks for the user, which Hallpass does not.

import { createReadStream, readFileSync, statSync } from "node:fs";
import { Stop } from "../child.mjs";
import { jsonLines } from "./lines.mjs";

const BLACKLISTED = "token_blacklist.blacklistedtoken";
const OUTSTANDING = "token_blacklist.outstandingtoken";

/** More than that is not read as one array. */
const LARGEST_ARRAY = 256 * 1024 * 1024;

/** How long a sliding token slides on when it does not say, in seconds. */
const SLIDES_FOR = 86_400;

/** The items of a file; tokens that `now` (seconds) finds expired are left out by whoever is told. */
export async function* revoked(file, { userIdClaim = "user_id" } = {}) {
  const records = await recordsOf(file);
  const named = new Set();
  for await (const { value } of records()) if (value?.model === BLACKLISTED) named.add(String(value.fields?.token));
  for await (const record of records()) yield* itemsOf(record, named, userIdClaim);
}

/** A function that reads the file from its beginning. */
async function recordsOf(file) {
  if ((await firstCharacter(file)) !== "[") return () => jsonLines(file);
  if (statSync(file).size > LARGEST_ARRAY) {
    throw new Stop(`${file} is too large for one array: export it with --format jsonl.`);
  }
  let array;
  try {
    array = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Stop(`${file} is not JSON: was the export cut short?`);
  }
  // Places are of records, where lines are of no use.
  return () => array.map((value, at) => ({ place: at + 1, text: JSON.stringify(value), value }));
}

async function firstCharacter(file) {
  for await (const chunk of createReadStream(file, { encoding: "utf8", end: 1023 })) return chunk.replace(/^\uFEFF/, "").trimStart()[0];
}

function* itemsOf({ place, text, value, error }, named, userIdClaim) {
  if (error !== undefined) yield { place, error };
  else if (value?.model === OUTSTANDING) {
    const isRevoked = named.has(String(value.pk));
    if (isRevoked || value.fields?.user === null) yield { place, ...itemOf(value.fields ?? {}, userIdClaim) };
  } else if (value?.model === undefined) yield { place, json: text };
}

function itemOf({ jti, token, user, expires_at }, userIdClaim) {
  const claims = claimsOf(token);
  const expires = Math.ceil(Date.parse(expires_at) / 1000);
  const exp = Math.max(...[expires, claims?.exp, slidesUntil(claims)].filter(Number.isSafeInteger));
  if (typeof jti !== "string" || jti === "") return { error: "an outstanding token without a jti" };
  if (!Number.isSafeInteger(exp)) return { error: "an outstanding token that does not say when it expires" };
  const sub = claims ? whose(claims, token, userIdClaim) : user;
  if (!claims && (user ?? undefined) === undefined) return { error: "an outstanding token that does not say whose it is" };
  return { json: JSON.stringify({ jti, exp, ...(sub === undefined ? {} : { sub: String(sub) }) }) };
}

/** A sliding token keeps its id when it is refreshed, so the id may live longer than the token that Django has kept. */
function slidesUntil(claims) {
  if (claims?.token_type !== "sliding" || !Number.isSafeInteger(claims.refresh_exp)) return undefined;
  const slides = claims.exp - claims.iat;
  return claims.refresh_exp + (slides > 0 ? slides : SLIDES_FOR);
}

/** As Hallpass reads it: a text, or a whole number as it stands; anything else is nobody. */
function whose(claims, token, userIdClaim) {
  const value = claims[userIdClaim];
  if (typeof value === "string") return value === "" ? undefined : value;
  if (Number.isSafeInteger(value)) return value;
  // JSON.parse rounds what is larger.
  const name = userIdClaim.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return typeof value === "number" ? new RegExp(`"${name}"\\s*:\\s*(-?\\d+)\\s*[,}]`).exec(payloadOf(token))?.[1] : undefined;
}

const payloadOf = (token) => Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString("utf8");

function claimsOf(token) {
  try {
    const claims = JSON.parse(payloadOf(token));
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
