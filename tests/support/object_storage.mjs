// What Durable Objects have on disk, read from their SQLite files. For a worker that has ended:
// while one runs, its newest rows may still be in its write-ahead log alone.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The rows that `query` yields in each object of a class, one array for each object. */
export function objectRows(persistTo, className, query, ...values) {
  return objectFiles(persistTo, className).map((file) => {
    const database = new DatabaseSync(file);
    try {
      return database.prepare(query).all(...values);
    } finally {
      database.close();
    }
  });
}

/** When the alarms of a class's objects go off that are set, in milliseconds. */
export function objectAlarms(persistTo, className) {
  const database = new DatabaseSync(join(objectFolder(persistTo, className), "metadata.sqlite"));
  try {
    // workerd keeps nanoseconds.
    const rows = database.prepare("SELECT scheduled_time / 1000000 AS at FROM _cf_ALARM").all();
    return rows.map(({ at }) => at);
  } finally {
    database.close();
  }
}

/** The SQLite files of a class's objects. */
export function objectFiles(persistTo, className) {
  const folder = objectFolder(persistTo, className);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
    .map((name) => join(folder, name));
}

const objectFolder = (persistTo, className) => join(persistTo, "v3", "do", `hallpass-${className}`);
