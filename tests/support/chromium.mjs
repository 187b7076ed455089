// A real browser for a test file, opened once and closed at its end:
//
//   const browser = openBrowser();
//   test("…", { skip: browser.missing }, async () => {
//     const page = await browser.newPage();
//     await page.goto(site.url);
//
// The page is Playwright's, in a context of its own: no page sees the storage of another one.

import { after, before } from "node:test";
import { findChromium } from "../../tools/chromium.mjs";
import { testPackage } from "../../tools/packages.mjs";

// Without these it asks for updates, looks up hosts at every start, or wants a GPU; and as root it needs the second.
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** To be called at the top of a test file. The user's own profile is not touched: Playwright makes an empty one. */
export function openBrowser() {
  const executablePath = findChromium();
  let browser;
  before(async () => {
    if (!executablePath) return;
    const { chromium } = testPackage("playwright-core");
    browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  after(() => browser?.close());
  return {
    /** Why tests are skipped, or false. */
    missing: executablePath ? false : "no Chromium on this machine",
    newPage: (options) => browser.newPage(options),
    /** Several pages of one person: they share their storage. */
    newContext: (options) => browser.newContext(options),
  };
}
