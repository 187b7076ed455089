// Plays what was recorded from a real Simple JWT server against a Worker of ours. HALLPASS_URL, HALLPASS_SIGNING_KEY and HALLPASS_ADMIN_KEY
// may name another server instead: ALGORITHM=HS256, ADOPT_FOREIGN_TOKENS=true, else defaults.

import { after, before, test } from "node:test";

import { bearer, request } from "../support/request.mjs";
import { startWorker } from "../support/worker.mjs";
import { runContract } from "./compare.mjs";

const signingKey = process.env.HALLPASS_SIGNING_KEY ?? "the-key-that-both-of-the-servers-share";
const adminKey = process.env.HALLPASS_ADMIN_KEY ?? "the-admin-key-of-the-contract-tests";
let baseUrl = process.env.HALLPASS_URL;
let worker;

before(async () => {
  if (baseUrl) return;
  const vars = { ALGORITHM: "HS256", SIGNING_KEY: signingKey, ADOPT_FOREIGN_TOKENS: "true", ADMIN_KEY: adminKey };
  worker = await startWorker({ vars });
  baseUrl = worker.url;
});
after(() => worker?.stop());

test("a front end written for Simple JWT gets the answers it knows", async (t) => {
  await runContract({ baseUrl, signingKey, setStanding, t });
});

async function setStanding({ email, id, standing }) {
  const user = `/admin/api/users/${encodeURIComponent(id)}/`;
  const [method, path] = { inactive: ["POST", `${user}deactivate/`], deleted: ["DELETE", user] }[standing];
  const { status, text } = await request(baseUrl, method, path, { headers: bearer(adminKey) });
  if (status >= 300) throw new Error(`${email} could not be made ${standing}: ${status} ${text}`);
}
