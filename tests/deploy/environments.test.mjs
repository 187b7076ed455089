// The environments of wrangler.toml: an environment inherits no binding, so what is bound above has to be bound in each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { ENVIRONMENTS, readRaw, withNamespaceId } from "../../tools/deploy/configuration.mjs";
import { inProject } from "../../tools/project.mjs";

const raw = readRaw(inProject("wrangler.toml"));

/** What is not bound, or is taken over into an environment by wrangler itself. */
const OTHERS = ["name", "main", "compatibility_date", "assets", "migrations", "env"];

/** What a Worker is bound to, but for where its data lies and what counts for it. An environment may have more. */
function bindings(section) {
  const bound = Object.keys(raw).filter((key) => !OTHERS.includes(key));
  const own = { kv_namespaces: "id", ratelimits: "namespace_id" };
  const without = (key) => (own[key] ? section[key]?.map((binding) => ({ ...binding, [own[key]]: undefined })) : section[key]);
  return Object.fromEntries(bound.map((key) => [key, without(key)]));
}

test("every environment is bound to what the Worker on a laptop is bound to", () => {
  assert.ok(["kv_namespaces", "durable_objects"].every((key) => key in bindings(raw)));
  for (const environment of ENVIRONMENTS) assert.deepEqual(bindings(raw.env[environment]), bindings(raw), environment);
});

test("environments share no data: each is a Worker of its own", () => {
  const names = ENVIRONMENTS.map((environment) => raw.env[environment].name);
  assert.equal(new Set(names).size, ENVIRONMENTS.length);
  const limits = ENVIRONMENTS.flatMap((environment) => raw.env[environment].ratelimits.map(({ namespace_id: id }) => id));
  assert.equal(new Set(limits).size, limits.length, "a rate limit counts for one");
  for (const { durable_objects: objects } of Object.values(raw.env)) {
    for (const binding of objects.bindings) assert.equal(binding.script_name, undefined);
  }
});

test("an id is written where it belongs, and nowhere else", () => {
  const text = readFileSync(inProject("wrangler.toml"), "utf8");
  const id = "e".repeat(32);
  for (const environment of ENVIRONMENTS) {
    const [written, before] = [withNamespaceId(text, environment, id).split("\n"), text.split("\n")];
    const changed = written.flatMap((line, at) => (line === before[at] ? [] : [at]));
    assert.equal(written.length, before.length);
    assert.deepEqual(changed.map((at) => [before[at - 2], written[at]]), [[`[[env.${environment}.kv_namespaces]]`, `id = "${id}"`]]);
  }
});

test("an id is written into the section of the binding, with its comment, however it is laid out", () => {
  const others = `[[env.staging.kv_namespaces]]\nbinding = "CACHE"\nid = "1"\n`;
  const section = (id) => `${others}\n[[ env.staging.kv_namespaces ]]\n  id   = ${id} # ours\n  binding = 'BLACKLIST'\n\n[env.staging.vars]\nid = "2"\n`;
  assert.equal(withNamespaceId(section("'blacklist'"), "staging", "new"), section('"new"').replace("id   =", "id   ="));
  assert.equal(withNamespaceId(section('"x"'), "production", "new"), undefined);
  assert.equal(withNamespaceId('[[env.staging.kv_namespaces]]\nbinding = "BLACKLIST"\n', "staging", "new"), undefined);
});
