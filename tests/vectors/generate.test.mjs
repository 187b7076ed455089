// The vectors' files are what the generator makes of them, so nothing in them was changed by hand.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { textOf } from "./generate.mjs";
import { allVectors, CHAPTERS, fileOf } from "./load.mjs";

for (const chapter of CHAPTERS) {
  test(`the vectors of ${chapter} are what the generator writes`, async () => {
    assert.ok(readFileSync(fileOf(chapter), "utf8") === (await textOf(chapter)), "run `node tests/vectors/generate.mjs`");
  });
}

test("every file of vectors belongs to a chapter", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".json"));
  assert.deepEqual(files.sort(), CHAPTERS.map((chapter) => `${chapter}.json`));
});

test("every vector has a name of its own, and says either which claims hold or why none do", () => {
  const names = allVectors().map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  assert.deepEqual(twice, []);
  for (const { name, rfc, expect } of allVectors()) {
    assert.match(rfc, /^\d{4} (section|appendix) [A-Z\d.]+$/, name);
    assert.equal(Object.keys(expect).includes("claims"), expect.code === undefined, name);
  }
});
