// The vectors of tests/vectors, read by the built package in Chromium: another WebAssembly, another WebCrypto.

import assert from "node:assert/strict";
import test, { after } from "node:test";
import { inProject } from "../../tools/project.mjs";
import { openBrowser } from "../support/chromium.mjs";
import { serveSite } from "../support/site.mjs";
import { allVectors, CHAPTERS } from "../vectors/load.mjs";

const browser = openBrowser();
const requested = [];
let site;
after(() => site?.close());

/** What came of every vector, by its name. */
async function outcomesInChromium() {
  site = await serveSite(inProject());
  const page = await browser.newPage();
  page.on("request", (request) => requested.push(request.url()));
  await page.goto(`${site.url}tests/vectors/browser/`);
  await page.waitForFunction(() => globalThis.outcomesOf);
  return page.evaluate((chapters) => globalThis.outcomesOf(chapters), CHAPTERS);
}

test("Chromium says of every vector what the vector says", { skip: browser.missing }, async (t) => {
  const outcomes = await outcomesInChromium();
  for (const { name, expect } of allVectors()) {
    await t.test(name, () => assert.deepEqual(outcomes[name], expect));
  }
});

test("no vector made the page ask for anything but the package and the vectors", { skip: browser.missing }, () => {
  const paths = requested.map((url) => (url.startsWith(site.url) ? url.slice(site.url.length) : url));
  const others = paths.filter((path) => !/^(crates\/verifier\/dist\/\w+\.js|tests\/vectors\/.*)$/.test(path));
  assert.deepEqual(others, ["data:,"].filter((icon) => paths.includes(icon)));
});
