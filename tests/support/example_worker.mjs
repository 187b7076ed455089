// The Worker of tests/edge/example, built by wrangler as somebody would build it who has installed the package.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "../../tools/project.mjs";
import { wrangler, WRANGLER_ENV } from "../../tools/wrangler.mjs";
import { bearer, request } from "./request.mjs";
import { temporaryFolder } from "./worker.mjs";

const PACKAGE = inProject("crates", "verifier", "dist");
const FAULTY_KV = inProject("tests", "edge", "faulty_kv");

/** `(name, changes)` to a Worker that can stand beside the issuer. */
export function exampleWorker() {
  const folder = temporaryFolder();
  cpSync(inProject("tests", "edge", "example"), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(PACKAGE, join(folder, "node_modules", "hallpass"));
  const [command, args] = wrangler("deploy", "--dry-run", "--outdir", "built");
  execFileSync(command, args, { cwd: folder, env: { ...process.env, ...WRANGLER_ENV }, stdio: "pipe" });
  return (name, changes) => ({ name, config: join(folder, "wrangler.toml"), folder: join(folder, "built"), ...changes });
}

/** A Worker that can stand between others and KV, as `services: { BLACKLIST: THROUGH_FAULTY_KV }`. */
export const faultyKv = { name: "faulty-kv", config: join(FAULTY_KV, "wrangler.toml"), folder: FAULTY_KV };
export const THROUGH_FAULTY_KV = { name: "faulty-kv", entrypoint: "Namespace" };

/** From now on KV is so behind `faultyKv`, and reads are counted from 0. */
export const setKv = (worker, state) => request(worker.beside["faulty-kv"], "POST", "/", { json: state });

/** How often KV was read behind `faultyKv`. */
export const kvReads = async (worker) => (await request(worker.beside["faulty-kv"], "GET", "/")).json.reads;

/** What the example `name` answers at `/<way>/` to whoever has this token. */
export const greet = (worker, name, way, token) =>
  request(worker.beside[name], "GET", `/${way}/`, { headers: token === undefined ? {} : bearer(token) });

export async function assertGreeted(answer, sub, why) {
  const { status, json, text } = await answer;
  assert.deepEqual([status, json], [200, { hello: sub }], `${why ?? "not greeted"}: ${text}`);
}

export async function assertTurnedAway(answer, reason, why) {
  const { status, json, headers, text } = await answer;
  assert.equal(status, 401, `${why ?? "greeted"}: ${text}`);
  assert.deepEqual(json, { detail: "Given token not valid for any token type", code: "token_not_valid", reason }, why);
  assert.match(headers["www-authenticate"], /^Bearer error="invalid_token", error_description="[^"\\]+"$/);
}
