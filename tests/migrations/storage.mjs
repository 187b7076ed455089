// The storages of a Worker's objects as text, and back: what an old release has left on disk.
//
// Only the objects' own tables: workerd makes those that begin with `_cf_` by itself.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { objectFiles } from "../support/object_storage.mjs";

export const CLASSES = ["SubjectObject", "AccountObject", "KeyringObject", "DirectoryObject"];

const OWN = "type <> 'index' AND name NOT GLOB '_cf_*'";

/** Writes the storages of a Worker that has ended to `folder`: <class>/<id of the object>.sql. */
export function dump(persistTo, folder) {
  for (const className of CLASSES) {
    mkdirSync(join(folder, className), { recursive: true });
    for (const file of objectFiles(persistTo, className)) {
      const text = using(file, (database) => [...statements(database)].join("\n"));
      if (text) writeFileSync(join(folder, className, basename(file).replace(".sqlite", ".sql")), `${text}\n`);
    }
  }
}

/** Lays them where a Worker that is started on `persistTo` finds them: its objects' ids follow from their names. */
export function restore(folder, persistTo) {
  for (const className of CLASSES) {
    const to = join(persistTo, "v3", "do", `hallpass-${className}`);
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(join(folder, className))) {
      const text = readFileSync(join(folder, className, name), "utf8");
      using(join(to, name.replace(".sql", ".sqlite")), (database) => database.exec(text));
    }
  }
}

/** The tables of each object of a class, with their columns: what the order of steps cannot change. */
export function tables(persistTo, className) {
  return objectFiles(persistTo, className).map((file) =>
    using(file, (database) => {
      const all = database.prepare(`SELECT type, name FROM sqlite_master WHERE name NOT GLOB '_cf_*' ORDER BY name`).all();
      const columns = ({ name }) => database.prepare("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?) ORDER BY name").all(name);
      return all.map((table) => ({ ...table, columns: columns(table).map((column) => Object.values(column).join(" ")) }));
    }),
  );
}

/** Runs statements on every object of a class of a Worker that has ended; the rows of the last one, for each object. */
export function onEach(persistTo, className, ...statements) {
  return objectFiles(persistTo, className).map((file) =>
    using(file, (database) => statements.map((statement) => database.prepare(statement).all()).at(-1)),
  );
}

function using(file, work) {
  const database = new DatabaseSync(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function* statements(database) {
  for (const { sql } of database.prepare(`SELECT sql FROM sqlite_master WHERE ${OWN} ORDER BY rowid`).all()) yield `${sql};`;
  for (const { sql } of database.prepare("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").all()) yield `${sql};`;
  for (const { name } of database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'`).all()) {
    for (const row of database.prepare(`SELECT * FROM ${name}`).all()) {
      yield `INSERT INTO ${name} VALUES (${Object.values(row).map(literal).join(", ")});`;
    }
  }
}

function literal(value) {
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString("hex")}'`;
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}
