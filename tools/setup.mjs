// Everything a fresh clone lacks, in order; each step does nothing when it is already there.

import { installPackages } from "./packages.mjs";
import { checkPrerequisites } from "./prerequisites.mjs";
import { installToolchain } from "./toolchain.mjs";

/** Returns the paths of the build tools. */
export async function setUp() {
  checkPrerequisites();
  await installPackages();
  return installToolchain();
}
