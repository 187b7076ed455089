// The oracle against a Worker that does what must never be: after a kill its state is that of a while
// ago, as when a disk had not kept what was acknowledged. The same load finds it.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { temporaryFolder } from "../support/worker.mjs";
import { askAboutAll } from "./audit.mjs";
import { load } from "./load.mjs";
import { kill, restart, startWorld } from "./world.mjs";

const dieAfter = (world, answers) => load(world, { answers, end: () => kill(world) });

test("objects whose storage went back are found out, by what is lost and by what is resurrected", async (t) => {
  const world = await startWorld(t, { users: 5 });
  await dieAfter(world, 50);
  const objects = join(world.worker.persistTo, "v3", "do");
  const saved = join(temporaryFolder(), "do");
  cpSync(objects, saved, { recursive: true });
  await restart(world);
  await dieAfter(world, 150);
  rmSync(objects, { recursive: true });
  cpSync(saved, objects, { recursive: true });
  await restart(world);

  await askAboutAll(world);
  const kinds = new Set(world.history.violations.map(({ kind }) => kind));
  t.diagnostic(`${world.history.violations.length} violations: ${[...kinds].join(", ")}`);
  assert.ok(kinds.has("resurrected"), "nothing was resurrected");
  assert.ok(kinds.has("lost"), "nothing was lost");
});
