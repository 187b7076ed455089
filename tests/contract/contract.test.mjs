// Plays what was recorded from a real Simple JWT server against a Worker of ours. HALLPASS_URL and HALLPASS_SIGNING_KEY may name another
// server instead: ALGORITHM=HS256, ADOPT_FOREIGN_TOKENS=true, else defaults.

import { after, before, test } from "node:test";

import { startWorker } from "../support/worker.mjs";
import { runContract } from "./compare.mjs";

const signingKey = process.env.HALLPASS_SIGNING_KEY ?? "the-key-that-both-of-the-servers-share";
let baseUrl = process.env.HALLPASS_URL;
let worker;

before(async () => {
  if (baseUrl) return;
  const vars = { ALGORITHM: "HS256", SIGNING_KEY: signingKey, ADOPT_FOREIGN_TOKENS: "true" };
  worker = await startWorker({ vars });
  baseUrl = worker.url;
});
after(() => worker?.stop());

test("a front end written for Simple JWT gets the answers it knows", async (t) => {
  await runContract({ baseUrl, signingKey, t });
});
