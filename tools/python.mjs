// The Python that tests ask: one with what tests/contract/reference/requirements.txt lists, in a folder of its own in the
// cache folder. Of no use to `npm start`. Where it cannot be had, the tests that need it are skipped.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { outputOf, run } from "./child.mjs";
import { inProject, toolsFolder } from "./project.mjs";
import { step } from "./steps.mjs";

const REQUIREMENTS = inProject("tests", "contract", "reference", "requirements.txt");

// What Django needs.
const OLDEST = [3, 10];

/** The interpreter, if it has been installed. */
export function findPython() {
  const version = versionOf("python3");
  const python = version && interpreterIn(folderFor(version));
  return python && existsSync(python) ? python : undefined;
}

/** Installs what is missing where that can be done, and says so where tests will have to do without; the interpreter. */
export async function installPython() {
  const found = findPython();
  if (found) return found;
  const missing = await whyNot();
  if (!missing) return findPython();
  console.log(`\n▸ ${missing}: the tests with PyJWT and Django are skipped.`);
}

/** What keeps it from being installed; undefined once it is. */
async function whyNot() {
  const version = versionOf("python3");
  if (!version || !isNewEnough(version)) return `No python3 of ${OLDEST.join(".")} or newer`;
  if (outputOf("python3", ["-c", "import ensurepip, venv"]) === undefined) return "No venv for python3 (Debian: python3-venv)";
  const folder = folderFor(version);
  const installed = await step(`Python packages of the tests (kept in ${folder})`, () => install(folder));
  return installed ? undefined : "PyPI does not give the Python packages, as said above";
}

/** A venv is made beside its place and renamed once whole; it is only ever used by its interpreter, which does not mind. */
async function install(folder) {
  const partial = `${folder}.partial-${process.pid}`;
  const packages = ["--require-hashes", "--only-binary", ":all:", "--requirement", REQUIREMENTS];
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--retries", "2"];
  try {
    if ((await run("python3", ["-m", "venv", partial])) !== 0) return false;
    if ((await run(interpreterIn(partial), [...pip, ...packages])) !== 0) return false;
    putInPlace(partial, folder);
    return true;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function putInPlace(partial, folder) {
  try {
    renameSync(partial, folder);
  } catch (error) {
    // Another clone was faster: its packages are as good as ours.
    if (!existsSync(interpreterIn(folder))) throw error;
  }
}

/** Packages are compiled for one version of Python. */
function folderFor(version) {
  const hash = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  return join(toolsFolder(), `python-${version}-${hash}`);
}

const interpreterIn = (folder) => join(folder, "bin", "python");

const versionOf = (python) => outputOf(python, ["-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]);

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
