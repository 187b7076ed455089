// Items sent in batches, a few at a time, and what came of each. Whatever is sent twice does no harm: the other side decides
// each item by itself and finds that it was there.

import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../child.mjs";
import { EXIT } from "./command.mjs";
import { Progress } from "./progress.mjs";

/** A body may have 64 KiB. */
const MOST_BYTES = 48 * 1024;
const AT_ONCE = 4;
const TRIES = 6;
const ANSWERED_WITHIN = 120_000;

/**
 * Sends `items`, each `{ place, json }` or `{ place, error }`, to `to.path` of the admin API as `{ [to.name]: [up to to.most] }`.
 * Resolves to the command's exit code, when everything was told that is to be said.
 */
export async function sendAll(items, { url, from, dryRun, key, to }) {
  const progress = new Progress();
  const send = dryRun ? async () => undefined : (batch) => ask(`${url}/admin/api/${to.path}`, key, to.name, batch);
  const underWay = new Set();
  let failure;
  for await (const batch of batches(items, from, to.most, progress)) {
    if (failure) break;
    progress.begun(batch);
    const done = send(batch)
      .then((results) => progress.finished(batch, results, to))
      .catch((error) => (failure ??= error))
      .finally(() => underWay.delete(done));
    underWay.add(done);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  progress.close();
  if (failure) {
    if (!(failure instanceof Stop)) throw failure;
    throw new Stop(`${failure.message}\nStopped. Everything before line ${progress.next(from)} is done: go on with --from ${progress.next(from)}.`);
  }
  console.log(`${dryRun ? "Nothing was sent. " : ""}${progress.summary()}`);
  return progress.refused > 0 ? EXIT.refused : EXIT.done;
}

/** Items gathered as they fit into a request; bad ones are told and left out. */
async function* batches(items, from, most, progress) {
  let batch = [];
  let bytes = 0;
  for await (const item of items) {
    if (item.place < from) continue;
    if (item.error !== undefined) {
      progress.refuse(item.place, item.error);
      continue;
    }
    const size = Buffer.byteLength(item.json) + 1;
    if (batch.length === most || (batch.length > 0 && bytes + size > MOST_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** What came of each item of a batch. Whatever may pass is tried again, later and later. */
async function ask(url, key, name, batch) {
  const body = `{${JSON.stringify(name)}:[${batch.map(({ json }) => json).join(",")}]}`;
  for (let tries = 1; ; tries += 1) {
    const { results, wait, why } = await tried(url, key, body);
    if (results?.length === batch.length) return results;
    if (wait === undefined || tries === TRIES) throw new Stop(why);
    await sleep(Math.max(wait, 2 ** (tries - 1)) * 1000);
  }
}

/** One try: `results`; or `why` there are none, with the seconds to `wait` if another try may help. */
async function tried(url, key, body) {
  let answer, text;
  try {
    // A redirect would take the key along to wherever it points.
    answer = await fetch(url, {
      method: "POST",
      body,
      redirect: "error",
      signal: AbortSignal.timeout(ANSWERED_WITHIN),
      headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${key}` },
    });
    text = await answer.text();
  } catch (error) {
    return { wait: 0, why: `${url} does not answer: ${error.cause?.message ?? error.message}` };
  }
  const { status } = answer;
  if (status === 200) return { ...parsed(text), why: `${url} answers 200, but not as Hallpass does.` };
  if (status === 401) return { why: "The admin key is not that of the deployment." };
  if (status === 404) return { why: `There is no such admin API at ${url}: ADMIN_KEY is not set there, it is another version, or another address.` };
  const why = `${url} answers ${status}: ${text.slice(0, 200)}`;
  if (status !== 429 && status < 500) return { why };
  return { wait: Number(answer.headers.get("retry-after")) || 0, why };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
