// `npm run import-blacklist -- FILE`: what Django (or another issuer) has revoked is called back in Hallpass, so that no token
// of it is adopted. See docs/moving-from-simple-jwt.md.

import { sendAll } from "./moving/batches.mjs";
import { adminKey, command, commandLine } from "./moving/command.mjs";
import { revoked } from "./moving/django_blacklist.mjs";

const TO = {
  path: "import/blacklist/",
  name: "tokens",
  most: 200,
  words: { called_back: "called back", known: "called back before", expired: "expired already" },
};

await command(async () => {
  const { file, "user-id-claim": userIdClaim, ...how } = commandLine("import-blacklist", {
    "user-id-claim": { type: "string", default: "user_id" },
  });
  const key = how.dryRun ? undefined : await adminKey();
  return sendAll(revoked(file, { userIdClaim }), { ...how, key, to: TO });
});
