// What is asked of every page of ours: that it is usable by everybody, small, and its own origin's business.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { inProject } from "../../tools/project.mjs";
import { testPackage } from "../../tools/packages.mjs";

const SCREENSHOTS = inProject(".test", "screenshots");

/** A first load in all, everything that goes over the wire. */
const FIRST_LOAD = 80 * 1024;

const WIDTHS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

/**
 * Notes what goes wrong in a page: errors, complaints of the browser about policy, requests to other origins. An answer of
 * 4xx is no complaint, for pages show those. `assertQuiet()` throws if there was any.
 */
export function watch(page) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isRefusal) complaints.push(message.text());
  });
  const origins = new Set();
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  return {
    complaints,
    /** `elsewhere`: origins that the page was told to ask. */
    assertQuiet({ elsewhere = [] } = {}) {
      assert.deepEqual(complaints, []);
      const own = new URL(page.url()).origin;
      assert.deepEqual([...origins].filter((origin) => origin !== own && !elsewhere.includes(origin)), []);
    },
  };
}

/** Loads `url` in a page that has nothing cached, and asserts that what came over the wire is little. */
export async function assertSmallFirstLoad(page, url) {
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  let bytes = 0;
  wire.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(url, { waitUntil: "networkidle" });
  assert.ok(bytes > 1024, `${bytes} bytes cannot be all of it`);
  assert.ok(bytes <= FIRST_LOAD, `${url}: ${bytes} bytes are over ${FIRST_LOAD}`);
  return bytes;
}

/** Asserts that axe-core finds nothing serious or critical in the page as it is now. */
export async function assertAccessible(page) {
  // By the debugger: the page's own policy lets nothing in.
  await page.evaluate(readFileSync(testPackage.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
  assert.deepEqual(told, []);
}

/** Nothing is wider than the screen of a phone. */
export async function assertFits(page) {
  const { scrolled, wide } = await page.evaluate(() => ({
    scrolled: document.documentElement.scrollWidth,
    wide: document.documentElement.clientWidth,
  }));
  assert.ok(scrolled <= wide, `${scrolled} pixels of page on ${wide} of screen`);
}

/**
 * Looks at the page as it is now at the width of a phone and of a desk, light and dark: a screenshot of each lands in
 * .test/screenshots, it fits, and axe-core finds nothing serious.
 */
export async function look(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  for (const [width, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: `${SCREENSHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      await assertAccessible(page);
    }
    await assertFits(page);
  }
}
