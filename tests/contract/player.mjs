// Plays a scenario against a server and brings back what it answered, as it came over the wire.
// node:http and not fetch: fetch refuses or rewrites some of the methods, header values and bodies that are sent here.

import { randomInt } from "node:crypto";
import http from "node:http";

import { decode, freshJti, makeToken } from "./mint.mjs";

const kept = ["content-type", "www-authenticate", "allow", "vary", "location", "cache-control"];
const boundary = "contract-boundary";
const password = "F1i779jMXKus!";

/** Thrown where a scenario needs a user deactivated or deleted and nothing here can do that. */
export class Unplayable extends Error {}

/**
 * Plays all steps. Gives the answers in their order as `{ status, headers, text }`, and the world they were given in:
 * what the scenario's names stand for, to tell volatile values from fixed ones.
 *
 * `setStanding({ email, id, standing })` makes a user `inactive` or `deleted`; without it, scenarios that need it throw `Unplayable`.
 */
export async function play(scenario, { baseUrl, signingKey, setStanding }) {
  const gone = scenario.steps.find((step) => step.standing)?.standing;
  if (gone && !setStanding) throw new Unplayable(`nothing makes a user ${gone} here`);
  const world = new World(signingKey);
  for (const user of scenario.users ?? []) await register(user, world, baseUrl);
  world.descriptions = scenario.tokens ?? {};
  const answers = [];
  for (const step of scenario.steps) {
    if (step.standing) {
      await setStanding({ ...world.users[step.user], standing: step.standing });
      continue;
    }
    const answer = await send(baseUrl, requestOf(step, world));
    answers.push({ step, ...answer });
    capture(step.save, answer, world);
  }
  return { answers, world };
}

/** The names of a scenario and the values they have in this playing of it. */
class World {
  // Digits only, so that it survives every change of case.
  nonce = String(randomInt(1e11, 1e12));
  users = {};
  values = {};
  minted = {};
  descriptions = {};

  constructor(signingKey) {
    this.signingKey = signingKey;
  }

  get ids() {
    return Object.fromEntries(Object.entries(this.users).map(([name, user]) => [name, user.id]));
  }

  /** The user ids that scenarios made up. */
  get mintedIds() {
    return new Set(Object.values(this.minted).map((token) => decode(token)?.claims.user_id));
  }

  /** Replaces `{{name}}` in a text, or throughout a JSON value. */
  fill(template) {
    if (typeof template === "string") return template.replace(/\{\{([^{}]+)\}\}/g, (_, name) => this.valueOf(name));
    if (Array.isArray(template)) return template.map((item) => this.fill(item));
    if (typeof template !== "object" || template === null) return template;
    return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, this.fill(value)]));
  }

  valueOf(name) {
    const moment = /^now([+-]\d+)?$/.exec(name);
    if (moment) return String(now() + Number(moment[1] ?? 0));
    if (name === "nonce") return this.nonce;
    if (name === "jti") return freshJti();
    if (name in this.descriptions) return (this.minted[name] ??= this.mint(this.descriptions[name]));
    if (name.endsWith(".jti")) return decode(this.valueOf(name.slice(0, -".jti".length)))?.claims.jti;
    const [user, member] = name.split(".");
    // An answer other than the recorded one leaves its captures empty; the steps after it must still be played.
    return this.users[user]?.[member] ?? this.values[name] ?? `(no ${name} was captured)`;
  }

  mint(description) {
    const context = { now: now(), ids: this.ids, key: this.signingKey, fill: (template) => this.fill(template) };
    return makeToken(description, context);
  }
}

const now = () => Math.floor(Date.now() / 1000);

// Every user of a scenario is registered and has logged in once before its first step.
async function register(name, world, baseUrl) {
  const email = `${name}.${world.nonce}@example.com`;
  const registered = await post(baseUrl, "/api/v1/users/registration/", { email, password });
  const pair = await post(baseUrl, "/api/token/", { email, password });
  const id = decode(registered.access_token).claims.user_id;
  world.users[name] = { email, password, id, access: pair.access, refresh: pair.refresh };
}

async function post(baseUrl, path, json) {
  const { status, text } = await send(baseUrl, requestOf({ path, json }, new World()));
  if (status !== 200 && status !== 201)
    throw new Error(`cannot set the scenario up: ${path} answered ${status} ${text}`);
  return JSON.parse(text);
}

function requestOf(step, world) {
  const { type, body } = bodyOf(step, world);
  const headers = { ...world.fill(step.headers ?? {}) };
  if (step.bearer !== undefined) headers.Authorization = world.fill(`Bearer ${step.bearer}`);
  if (type) headers["Content-Type"] = type;
  const method = step.method ?? "POST";
  if (body.length > 0 || !["GET", "HEAD", "OPTIONS", "TRACE"].includes(method)) headers["Content-Length"] = body.length;
  return { method, path: world.fill(step.path), headers, body };
}

// `type: null` sends no content type at all.
function bodyOf(step, world) {
  const [type, body] = encodedBody(step, world);
  return { type: step.type === undefined ? type : step.type, body: Buffer.from(body) };
}

function encodedBody(step, world) {
  if (step.json !== undefined) return ["application/json", JSON.stringify(world.fill(step.json))];
  if (step.text !== undefined) return ["application/json", world.fill(step.text)];
  if (step.bytes !== undefined) return ["application/json", step.bytes];
  if (step.form !== undefined)
    return ["application/x-www-form-urlencoded", String(new URLSearchParams(world.fill(step.form)))];
  if (step.multipart !== undefined)
    return [`multipart/form-data; boundary=${boundary}`, multipart(world.fill(step.multipart))];
  return [null, ""];
}

function multipart(fields) {
  const parts = fields.map(([name, value, filename]) => {
    const file = filename ? `; filename="${filename}"\r\nContent-Type: text/plain` : "";
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
  });
  return `${parts.join("")}--${boundary}--\r\n`;
}

function send(baseUrl, { method, path, headers, body }) {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    // No agent: a kept connection that the server closes meanwhile would fail a request at random.
    const request = http.request(
      { hostname, port, method, path, headers, agent: false, timeout: 30_000 },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve(answerOf(response, Buffer.concat(chunks))));
        response.on("error", reject);
      },
    );
    request.on("timeout", () => request.destroy(new Error(`${method} ${path}: no answer within 30 s`)));
    request.on("error", reject);
    request.end(body);
  });
}

function answerOf(response, body) {
  const headers = Object.fromEntries(
    kept.filter((name) => name in response.headers).map((name) => [name, response.headers[name]]),
  );
  return { status: response.statusCode, headers, text: body.toString("utf8") };
}

function capture(save, answer, world) {
  for (const [name, member] of Object.entries(save ?? {})) {
    const value = parse(answer.text)?.[member];
    if (typeof value === "string") world.values[name] = value;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
