// What the pages take from the npm package: copied while somebody else may be serving it.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { putCopies } from "../tools/pages.mjs";

/** Two folders, the first with these files. */
function folders(t, files) {
  const [from, to] = ["from", "to"].map((name) => mkdtempSync(join(tmpdir(), `hallpass-${name}-`)));
  t.after(() => [from, to].forEach((folder) => rmSync(folder, { recursive: true })));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(from, name), text);
  return [from, to];
}

test("a copy that is there already is not touched, so that whoever serves it never misses it", (t) => {
  const [from, to] = folders(t, { "a.js": "one", "b.js": "two" });
  putCopies(from, ["a.js", "b.js"], to);
  const before = statSync(join(to, "a.js"));
  writeFileSync(join(from, "b.js"), "another");
  putCopies(from, ["a.js", "b.js"], to);
  const after = statSync(join(to, "a.js"));
  assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
  assert.equal(readFileSync(join(to, "b.js"), "utf8"), "another");
});

test("what is not wanted any more goes, and nothing else is left behind", (t) => {
  const [from, to] = folders(t, { "a.js": "one", "b.js": "two" });
  putCopies(from, ["a.js", "b.js"], to);
  putCopies(from, ["b.js"], to);
  assert.deepEqual(readdirSync(to), ["b.js"]);
  assert.deepEqual(readdirSync(from).sort(), ["a.js", "b.js"]);
});
