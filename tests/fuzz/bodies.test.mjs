// Request bodies of every form, made and damaged by chance, for a real Worker: it reads of each what another reader reads, and
// never fails. The answer tells what was read: a good token, another text, or what is wrong with it.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { register, verify } from "../support/client.mjs";
import { randomOf } from "../support/random.mjs";
import { request } from "../support/request.mjs";
import { startWorker } from "../support/worker.mjs";
import { newBody, toldBy } from "./bodies.mjs";
import { settings } from "./settings.mjs";

const AT_ONCE = 8;
const { seed, requests } = settings();

let worker;
// Nobody is kept waiting after all these passwords.
before(async () => (worker = await startWorker({ vars: { LOGIN_ATTEMPTS: "0" } })));
after(() => worker.stop());

/** Where the JSON is deeper than is read, which the other reader does not mind. */
const tooDeep = ({ body }) => String(body).includes("[".repeat(119));

const ask = ({ type, body }) => request(worker, "POST", "/api/token/verify/", { headers: { "content-type": type }, body });

test("what stands in a body is what another reader finds in it, or is refused with a reason", async () => {
  console.log(`seed ${seed}, ${requests} requests`);
  const { access: good } = await register(worker);
  const told = new Map();
  for (let first = 0; first < requests; first += AT_ONCE) {
    const bodies = Array.from({ length: Math.min(AT_ONCE, requests - first) }, (_, at) =>
      newBody(randomOf(seed, first + at), good),
    );
    const answers = await Promise.all(bodies.map(ask));
    for (const [at, answer] of answers.entries()) {
      const made = bodies[at];
      const shown = `request ${first + at}: ${made.type}: ${JSON.stringify(String(made.body)).replaceAll(good, "GOOD").slice(0, 600)}`;
      assert.ok([200, 400, 401, 415].includes(answer.status), `${answer.status}: ${shown}`);
      assert.equal(typeof answer.json, "object", shown);
      const said = toldBy(answer);
      told.set(said, (told.get(said) ?? 0) + 1);
      if (made.expected !== undefined && !(said === "no JSON" && tooDeep(made))) assert.equal(said, made.expected, shown);
    }
  }
  const kinds = ["good", "worthless", "no JSON", "no object", "required", "null", "blank", "no text", "wrong characters"];
  for (const kind of kinds) assert.ok(told.get(kind) > 0, `no body was ${kind}: the inputs are too tame or too wild`);
  assert.equal((await verify(worker, good)).status, 200);
  assert.doesNotMatch(worker.log(), /"level":"error"|panicked|RuntimeError/);
});
