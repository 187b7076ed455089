// `npm run import-users -- FILE`: the users of Django (or another system) get accounts in Hallpass, with the ids and passwords
// they have there. The file has one a line: {"sub", "email", "first_name", "last_name", "password", "is_active"}, the password
// as Django stores it. See docs/moving-from-simple-jwt.md.
//
// Lines go on as they stand: what stands twice in one is refused by who decides, and not read in two ways.

import { sendAll } from "./moving/batches.mjs";
import { adminKey, command, commandLine } from "./moving/command.mjs";
import { jsonLines } from "./moving/lines.mjs";

const WITHOUT_PASSWORD = {
  none: "has no password",
  algorithm: "has a password that is hashed by something else than pbkdf2_sha256",
  iterations: "has a password of more than two million iterations",
};

const TO = {
  path: "import/users/",
  name: "users",
  most: 100,
  words: { imported: "imported", updated: "updated", known: "there before" },
  note: ({ without_password: why }) => why && `${WITHOUT_PASSWORD[why] ?? why}: imported without one, it has to be reset`,
};

async function* users(file) {
  for await (const { place, text, error } of jsonLines(file)) yield { place, error, json: text };
}

await command(async () => {
  const { file, ...how } = commandLine("import-users");
  const key = how.dryRun ? undefined : await adminKey();
  return sendAll(users(file), { ...how, key, to: TO });
});
