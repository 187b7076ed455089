// Every scenario: a sentence, the users it needs, and the requests it sends. A step is
//   name      what is sent, unique in its scenario
//   path, method (POST), headers, bearer (a token for the Authorization header)
//   json | text | bytes | form | multipart    the body; `type` replaces its content type, null sends none
//   save      { name: member }: keeps a member of the answer for `{{name}}` in later steps
// or { standing: 'inactive' | 'deleted', user }, which is done and not recorded.
// `{{name}}` stands for a kept value, a token of the scenario's `tokens` (made when first used), `{{alice.email}}`, `.password`,
// `.id`, `.access`, `.refresh` of a user, `{{nonce}}` (twelve digits, other at each playing), `{{jti}}`, `{{now}}`, `{{now+300}}`.

import { bearer } from "./scenarios/bearer.mjs";
import { bodies } from "./scenarios/bodies.mjs";
import { fields } from "./scenarios/fields.mjs";
import { login } from "./scenarios/login.mjs";
import { overHttp } from "./scenarios/http.mjs";
import { sequences } from "./scenarios/sequences.mjs";
import { sliding } from "./scenarios/sliding.mjs";
import { tokenForms } from "./scenarios/token_forms.mjs";
import { tutorials } from "./scenarios/tutorials.mjs";

export const scenarios = [
  ...login,
  ...fields,
  ...bodies,
  ...overHttp,
  ...bearer,
  ...tokenForms,
  ...sequences,
  ...sliding,
  ...tutorials,
];

for (const { name, steps } of scenarios) {
  const names = steps.flatMap((step) => step.name ?? []);
  if (new Set(names).size !== names.length) throw new Error(`two steps of "${name}" have one name`);
}
if (new Set(scenarios.map(({ name }) => name)).size !== scenarios.length)
  throw new Error("two scenarios have one name");
