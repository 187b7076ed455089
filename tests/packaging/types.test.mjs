// The package's types, in projects/typed: what has to compile, and what must not.

import assert from "node:assert/strict";
import { join } from "node:path";
import test, { before } from "node:test";
import { formatMessage } from "publint/utils";
import { publint } from "publint";
import { inProject } from "../../tools/project.mjs";
import { project, tarball, unpacked } from "./project.mjs";
import { run } from "./run.mjs";

const INSTALLED = inProject("tests", "packaging", "node_modules");
const CLEAN = { code: 0, stdout: "", stderr: "" };

const SETTINGS = {
  browser: "a page's types, resolved as bundlers do",
  node16: "Node.js' types, resolved as of Node.js 16",
  nodenext: "Node.js' types, resolved as of the newest",
  worker: "Cloudflare's types",
};
// The compiler of today, and the last one of the major that many projects still have.
const COMPILERS = {
  "TypeScript 7": { package: "typescript", settings: Object.keys(SETTINGS) },
  "TypeScript 5": { package: "typescript-5", settings: ["nodenext", "worker"] },
};

let folder;
before(() => {
  folder = project("typed", ["@cloudflare/workers-types", "@types/node", "hono"]);
});

for (const [name, compiler] of Object.entries(COMPILERS)) {
  for (const settings of compiler.settings) {
    test(`${name} takes the right use and refuses the wrong one, with ${SETTINGS[settings]}`, async () => {
      const tsc = join(INSTALLED, compiler.package, "bin", "tsc");
      assert.deepEqual(await run(process.execPath, [tsc, "--project", `${settings}.json`], { cwd: folder }), CLEAN);
    });
  }
}

test("publint finds nothing in the package", async () => {
  const { messages, pkg } = await publint({ pkgDir: unpacked(), pack: false, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test("every entry's types are those of its code, wherever it is resolved from", async () => {
  const attw = join(INSTALLED, "@arethetypeswrong", "cli", "dist", "index.js");
  const args = [
    // The package is ES modules only. CommonJS has `require` of them (runtimes.test.mjs), of which attw does not know yet, and
    // resolution as before Node.js 12.7 knows no `exports`.
    ...["--profile", "esm-only"],
    // Has no types: what `import` of it gives depends on the bundler, which brings them.
    ...["--exclude-entrypoints", "decode.wasm", "verify.wasm"],
  ];
  const { code, stdout } = await run(process.execPath, [attw, tarball(), ...args, "--no-color", "--no-emoji"], { cwd: INSTALLED });
  assert.equal(code, 0, stdout);
  for (const entry of ["", "/decode", "/edge", "/session", "/slim"]) assert.ok(stdout.includes(`"hallpass${entry}"`), stdout);
});
