// After all others: what the Workers of the whole suite have printed, searched for what no log may
// hold. The runner keeps files of this name for the end.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import test from "node:test";
import { inProject, project } from "../tools/project.mjs";
import { PASSWORD } from "./support/client.mjs";
import { temporaryFolder } from "./support/worker.mjs";

const LOGS = inProject(".test");
// Written by worker.mjs: the keys that it was given.
const GIVEN = inProject(".test", "secrets.jsonl");

/** What gives itself away by its form. */
const FORMS = {
  "a token": /eyJ[\w-]{10,}/,
  "a hash of argon2": /\$argon2/,
  // As bytes are printed, in decimal: a password's hash, a key, its seed.
  "32 bytes": /(?:\b\d{1,3}\b,\s*){31}\d{1,3}/,
  // As a seed stands in a JWK; a thumbprint has the same form, and no log needs one either.
  "a key in base64url": /(?<![\w/+.=-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43}(?![\w/+=-])/,
};

test("no log holds a token, a password or a key", () => {
  const files = filesUnder(LOGS).filter((file) => file !== GIVEN);
  const found = files.flatMap((file) => {
    const leaks = leaksIn(readFileSync(file, "utf8"), secrets());
    return leaks.map((leak) => `${relative(project, file)}: ${leak}`);
  });
  assert.ok(files.some((file) => file.endsWith(".log")), "there are no logs: run the other tests before");
  assert.deepEqual(found, []);
});

test("the search knows the keys and the passwords that the tests use", () => {
  const known = secrets();
  assert.ok(known.includes(PASSWORD), "a password that many tests use");
  assert.ok(known.includes("correct-horse"), "a password in an object");
  assert.ok(known.includes("the-key-that-both-of-the-servers-share"), "a key with a name");
});

test("the search finds what is planted", () => {
  const bytes = Array.from({ length: 32 }, (_, at) => (at * 37) % 256);
  const planted = {
    "a token": "refused eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1NyJ9.c2lnbmF0dXJl",
    "a hash of argon2": "stored $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
    "32 bytes": `seed [${bytes.join(", ")}]`,
    "a key in base64url": `{"d":"${Buffer.from(bytes).toString("base64url")}"}`,
    "a secret of the tests": 'bad password "correct-horse" of ann@example.com',
  };
  const folder = temporaryFolder();
  mkdirSync(join(folder, "logs"));
  for (const [what, line] of Object.entries(planted)) {
    const file = join(folder, "logs", "planted.log");
    writeFileSync(file, `{"level":"notice"}\n${line}\nReady\n`);
    assert.deepEqual(filesUnder(folder), [file]);
    assert.deepEqual(leaksIn(readFileSync(file, "utf8"), ["correct-horse"]), [`line 2 holds ${what}`]);
  }
});

test("the search takes an ordinary line for no secret", () => {
  const lines = [
    '{"detail":{"behind":1,"kind":"refresh","sid":"66bea7663ba3a3660e07e774c76e9fbf","sub":null},"event":"reuse","level":"notice"}',
    "Ready on http://127.0.0.1:35619",
    "[wrangler:info] POST /api/token/refresh/ 401 Unauthorized (14ms)",
    `v3/do/hallpass-SubjectObject/${"0a".repeat(32)}.sqlite`,
    "at hallpass_issuer::objects::subject::outbox::tell_pending (wasm://wasm/00f2a1b6:wasm-function[1234]:0x9a)",
  ];
  for (const line of lines) assert.deepEqual(leaksIn(line, ["correct-horse"]), [], line);
});

/** `line N holds …` for each secret in a text; never the secret itself. */
function leaksIn(text, known) {
  return text.split("\n").flatMap((line, at) => {
    const kinds = Object.keys(FORMS).filter((kind) => FORMS[kind].test(line));
    if (known.some((secret) => line.includes(secret))) kinds.push("a secret of the tests");
    return kinds.map((kind) => `line ${at + 1} holds ${kind}`);
  });
}

let collected;

/** The keys that Workers were given, and the keys and passwords that stand in the tests. */
function secrets() {
  if (collected) return collected;
  const written = filesUnder(inProject("tests"))
    .filter((file) => /\.(mjs|json)$/.test(file))
    .flatMap((file) => secretsIn(readFileSync(file, "utf8")));
  collected = [...new Set([...keysGiven(), ...written.filter(isTelling)])];
  return collected;
}

function keysGiven() {
  if (!existsSync(GIVEN)) return [];
  const keys = readFileSync(GIVEN, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  // The empty one and the like, which tests try out, are no secret.
  return keys.filter((key) => typeof key === "string" && key.length >= 8);
}

/** `password: "…"`, `const NEW_PASSWORD = "…"`, `"SIGNING_KEY": "…"`, `password=…` and the like. */
function secretsIn(text) {
  const quoted = /\w*(?:password|secret|signing_?key)\w*["']?\s*(?:=|:|\?\?)[^"'`\n]{0,40}(["'`])((?:(?!\1)[^\\\n]){8,200})\1/gi;
  const bare = /\b(?:\w*password|SIGNING_KEY|KEYRING_SECRET)[=:]([^\s"'`$&|)]{8,200})/g;
  return [...[...text.matchAll(quoted)].map(([, , secret]) => secret), ...[...text.matchAll(bare)].map(([, secret]) => secret)];
}

/** Not what a log may well hold for another reason: a word, a number, an error's sentence; nor a template. */
function isTelling(secret) {
  return !/^(?:[a-z]+|\d+|[A-Z].* .*\.)$|\{/.test(secret);
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}
