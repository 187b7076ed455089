// From the start of a workerd to its first answer, and how much it has to load.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { digits, median, table } from "./figures.mjs";
import { startWorker, WORKERS } from "./sides.mjs";

const NAMES = ["Hallpass HS256", "Hallpass EdDSA", "Hono + jose HS256", "hello"];

/** By turns, so often each. `since` is known on Linux only. */
export async function startTable({ starts }, progress) {
  progress("starting");
  const taken = Object.fromEntries(NAMES.map((name) => [name, []]));
  for (let turn = 0; turn < starts; turn += 1) {
    for (const name of NAMES) {
      const { started, stop } = await startWorker(name);
      taken[name].push(started);
      await stop();
    }
  }
  const rows = await Promise.all(NAMES.map(async (name) => [name, ...figures(taken[name]), ...(await sizes(name))]));
  return table(["", "workerd's start to its first answer, ms", "Miniflare's too, ms", "KB", "KB gzipped"], rows);
}

function figures(started) {
  const of = (name) => {
    const all = started.map((one) => one[name]);
    return all[0] === undefined ? "" : `${digits(median(all))} (${digits(Math.min(...all))}–${digits(Math.max(...all))})`;
  };
  return [of("sinceSpawn"), of("milliseconds")];
}

/** Of everything that is deployed. */
async function sizes(name) {
  const { modules } = await WORKERS[name]();
  const all = modules.map(({ path, contents }) => (contents === undefined ? readFileSync(path) : Buffer.from(contents)));
  const kilobytes = (sizeOf) => (all.reduce((sum, bytes) => sum + sizeOf(bytes), 0) / 1024).toFixed(1);
  return [kilobytes((bytes) => bytes.length), kilobytes((bytes) => gzipSync(bytes, { level: 9 }).length)];
}
