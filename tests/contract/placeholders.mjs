// Turns an answer into one that is the same at every playing: what a token says is kept, what differs each time is named.

import { decode } from "./mint.mjs";

/** The answers of one playing with their volatile values replaced, by step name. */
export function stable({ answers, world }) {
  const seen = jtisOf(world);
  return Object.fromEntries(answers.map((answer) => [answer.step.name, stableAnswer(answer, world, seen)]));
}

function stableAnswer({ step, status, headers, text }, world, seen) {
  const body = stableBody(text, headers["content-type"] ?? "", (value) => stableString(value, step, world, seen));
  // The names and descriptions that OPTIONS gives are the prose of whoever wrote the server.
  if (step.method === "OPTIONS")
    for (const name of ["name", "description"]) if (typeof body?.[name] === "string") body[name] = "(prose)";
  return { status, headers, body };
}

function stableBody(text, contentType, replace) {
  if (text === "") return null;
  if (contentType.startsWith("text/html")) return { $html: true };
  try {
    return walk(JSON.parse(text), replace);
  } catch {
    return { $text: text };
  }
}

function walk(value, replace) {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member, replace)]));
}

function stableString(value, step, world, seen) {
  const token = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(value) && decode(value);
  return token ? { $token: stableToken(token, step, world, seen) } : value.replaceAll(world.nonce, "NONCE");
}

// `seen` tells a new jti from a kept one: the sliding refresh keeps its token's, every other endpoint makes a new one.
function stableToken({ header, claims }, step, world, seen) {
  const stableClaims = {};
  for (const [name, value] of Object.entries(claims))
    stableClaims[name] = stableClaim(name, value, claims, world, seen);
  if (typeof claims.jti === "string" && !seen.has(claims.jti)) seen.set(claims.jti, `that of "${step.name}"`);
  return { header, claims: stableClaims };
}

function stableClaim(name, value, claims, world, seen) {
  if (name === "iat") return moment(value);
  if ((name === "exp" || name === "refresh_exp") && typeof value === "number")
    return spelled(value, after("iat", value - claims.iat));
  if (name === "jti") return seen.get(value) ?? (/^[0-9a-f]{32}$/.test(value) ? "new, 32 hex digits" : value);
  const owner = Object.keys(world.users).find((user) => world.users[user].id === value);
  if (owner) return { [typeof value]: `${owner}'s` };
  // Who registered during the scenario is known by no name; ids that are given out one after the other differ each time.
  if (name === "user_id" && !world.mintedIds.has(value)) return { [typeof value]: "of a newcomer" };
  return typeof value === "number" ? moment(value) : value;
}

// Numbers close to now are moments of time.
function moment(value) {
  const distance = value - Date.now() / 1000;
  return Math.abs(distance) < 1e7 ? spelled(value, after("now", distance)) : value;
}

const spelled = (value, text) => (Number.isInteger(value) ? text : { float: text });

// Every span in the scenarios is a multiple of 10 s; a second or two more or less is the time between two clock readings. Our own
// reading comes last, and late on a machine that is busy.
function after(origin, seconds) {
  const round = Math.round(seconds / 10) * 10;
  const distance = Math.abs(seconds - round) <= (origin === "now" ? 4.9 : 3) ? round : Math.round(seconds);
  return distance === 0 ? origin : `${origin}${distance > 0 ? "+" : ""}${distance}`;
}

// Tokens from before the first step, and minted ones, so that a copied jti shows as one.
function jtisOf(world) {
  const seen = new Map();
  const note = (name, token) => {
    const jti = decode(token ?? "")?.claims.jti;
    if (typeof jti === "string") seen.set(jti, `that of ${name}`);
  };
  for (const [name, user] of Object.entries(world.users)) {
    note(`${name}.access`, user.access);
    note(`${name}.refresh`, user.refresh);
  }
  for (const [name, token] of Object.entries(world.minted)) note(name, token);
  return seen;
}
