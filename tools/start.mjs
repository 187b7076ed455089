// `npm start`: everything that is missing, the build, and Hallpass on http://localhost:8787.
// Arguments go on to `wrangler dev`: npm start -- --port 9123 --var ISSUER:https://example.test

import { buildWorker } from "./build.mjs";
import { Stop } from "./child.mjs";
import { buildPages } from "./pages.mjs";
import { setUp } from "./setup.mjs";

try {
  const tools = await setUp();
  await buildWorker("build", tools);
  await buildPages(tools);
  // Only now, for it needs packages that the set-up has installed.
  const { serve } = await import("./serve.mjs");
  process.exitCode = await serve(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
