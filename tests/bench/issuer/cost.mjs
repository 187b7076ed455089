// The cost model: what README.md says that operations cost, which tests/cost_of_operations.test.mjs counts, beside a design with
// KV alone.

import { readFileSync } from "node:fs";
import { inProject } from "../../../tools/project.mjs";
import { tableRows } from "../../support/markdown.mjs";
import { table } from "./figures.mjs";

const COLUMNS = ["Operation", "Requests to objects", "Rows written", "Rows read", "KV keys read", "KV writes", "$ a million"];
const [REQUEST, KV_READ, KV_WRITE] = [0.3, 0.5, 5];

/**
 * With KV alone: one key for each session that says which refresh token is not spent, and one for each subject that says from when
 * on tokens count. By Hallpass's names of the operations: `[keys read, writes]`.
 */
const KV_ALONE = {
  "Session opened by a client, for a new subject": [0, 1],
  "Refresh": [2, 1],
  "Refresh with `BLACKLIST_AFTER_ROTATION=false`": [2, 1],
  "Log-out, or a session ended from the list": [2, 1],
  "Reset of all": [2, 1],
  "Strict check: bearer, verify, introspection": [2, 0],
  "Check by KV, nothing remembered": [2, 0],
  "Check by KV, remembered": [0, 0],
};

export const kvAlone = ([reads, writes]) => REQUEST + reads * KV_READ + writes * KV_WRITE;

/** Dollars for a million of each operation, both ways. */
export function costTable() {
  const rows = tableRows(readFileSync(inProject("README.md"), "utf8"), COLUMNS);
  const ofRow = (row) => {
    const alone = KV_ALONE[row.Operation];
    const kv = alone ? [String(alone[0]), String(alone[1]), kvAlone(alone).toFixed(2)] : ["–", "–", "–"];
    return [row.Operation, row["$ a million"], ...kv];
  };
  const columns = ["$ a million", "Hallpass", "KV alone: keys read", "writes", "$"];
  return table(columns, rows.map(ofRow));
}
