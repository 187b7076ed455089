// What a document links to is there: a file, a folder, a heading.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { project } from "../tools/project.mjs";

const ELSEWHERE = /^(https?|mailto):/;

const read = (document) => readFileSync(join(project, document), "utf8");

for (const document of documents()) {
  test(`what ${document} links to is there`, () => {
    for (const target of linksIn(read(document))) {
      const [path, fragment] = target.split("#");
      const file = path === "" ? document : join(dirname(document), path);
      assert.ok(existsSync(join(project, file)), target);
      if (fragment !== undefined) assert.ok(anchorsIn(read(file)).includes(fragment), target);
    }
  });
}

test("a link to nowhere would be noticed", () => {
  assert.deepEqual(linksIn("[a](b.md#c) [d](https://e.test) `[f](g)`\n\n```\n[h](i)\n```\n\n[j]: k.md"), ["b.md#c", "k.md"]);
  assert.deepEqual(anchorsIn("# A `b_c`, d!\n```sh\n# no\n```\n## Twice\n## Twice"), ["a-b_c-d", "twice", "twice-1"]);
});

function documents() {
  const named = (folder, name, recursive = true) =>
    readdirSync(join(project, folder), { recursive })
      .filter((file) => file.endsWith(name) && !/(^|[\\/])(node_modules|dist)[\\/]/.test(file))
      .map((file) => join(folder, file));
  return [...named(".", ".md", false), ...named("docs", ".md"), ...named("crates", "README.md"), ...named("tests", "README.md")];
}

/** The targets of a document's links within the project. */
function linksIn(markdown) {
  const text = withoutBlocks(markdown).replace(/`[^`\n]*`/g, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/gm)].map(([, inline, listed]) => inline ?? listed);
  return targets.filter((target) => !ELSEWHERE.test(target));
}

/** The names that GitHub gives a document's headings. */
function anchorsIn(markdown) {
  const seen = new Map();
  return [...withoutBlocks(markdown).matchAll(/^#+ (.+)$/gm)].map(([, title]) => {
    const name = title.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-");
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  });
}

function withoutBlocks(markdown) {
  return markdown.replace(/^( *)```.*?^\1```$/gms, "");
}
