// Entries put straight into the file of Miniflare's KV while nobody runs: a hundred thousand writes one by one would take minutes.

import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const DAY_MS = 86_400_000;

/** Makes the entries of tokens that were called back, from one number up to another. */
export function addEntries(folder, from, to) {
  const database = new DatabaseSync(fileOf(folder));
  try {
    const insert = database.prepare("INSERT INTO _mf_entries (key, blob_id, expiration, metadata) VALUES (?, ?, ?, ?)");
    const until = Date.now() + DAY_MS;
    database.exec("BEGIN");
    for (let number = from; number < to; number += 1) insert.run(...entry(number, until));
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

function entry(number, until) {
  const [jti, sid] = ["jti", "sid"].map((what) => createHash("md5").update(`${what} ${number}`).digest("hex"));
  const metadata = { kind: "refresh", reason: "rotated", sid, sub: `somebody-${number}`, until: until / 1000 };
  // Nobody reads the values of these, so there are none.
  return [`jti:${jti}`, `no-value-${number}`, until, JSON.stringify(metadata)];
}

function fileOf(folder) {
  const of = join(folder, "v3", "kv", "miniflare-KVNamespaceObject");
  const [name] = readdirSync(of).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  return join(of, name);
}
