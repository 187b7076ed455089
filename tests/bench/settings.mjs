// How long is measured, by the options that in_node.mjs and in_workerd.mjs are started with.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { inProject } from "../../tools/project.mjs";

const THOROUGH = { rounds: 11, warmUp: 250, batch: 40 };
const QUICK = { rounds: 5, warmUp: 80, batch: 15 };

const { values } = parseArgs({ options: { dist: { type: "string" }, quick: { type: "boolean" } } });

/** `{ rounds, warmUp, batch }`, the latter two in milliseconds. */
export const effort = values.quick ? QUICK : THOROUGH;

/** A file of the benchmark. */
export const here = (name) => inProject("tests", "bench", name);

/** A file of the built package. */
export const inDist = (name) => join(values.dist ?? inProject("crates", "verifier", "dist"), name);
