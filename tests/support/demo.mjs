// The page at `/` as somebody in front of it uses it.

import { randomUUID } from "node:crypto";
import { watch } from "./pages.mjs";

export const PASSWORD = "a password of theirs";

/** Somebody who has no account yet. */
export const somebody = (more = {}) => ({ email: `p${randomUUID()}@example.com`, password: PASSWORD, ...more });

/** A page at `/`, ready; `page.watched` is what `watch` gives. From a browser, or from a context whose pages share a session. */
export async function openDemo(browser, worker, options) {
  const page = await browser.newPage(options);
  page.watched = watch(page);
  await page.goto(worker.url);
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  return page;
}

const LABELS = { email: "E-mail", password: "Password", first_name: "First name", last_name: "Last name" };

/** Fills in one of the two forms, "Register" or "Sign in", and sends it. */
export async function send(page, form, fields) {
  const place = page.getByRole("form", { name: form });
  for (const [name, text] of Object.entries(fields)) await place.getByLabel(LABELS[name]).fill(text);
  await press(place, form);
}

/** Registers somebody by the form, and waits for their session. */
export async function registerIn(page, person = somebody()) {
  await send(page, "Register", person);
  await opened(page);
  return person;
}

/** The session is open, and everything about it has been read. */
export async function opened(page) {
  await page.getByRole("heading", { name: "Your session", exact: true }).waitFor();
  await page.getByRole("table", { name: "Claims of the refresh token" }).waitFor();
  await page.getByText("Signed in as").waitFor();
  await page.getByText("this one", { exact: true }).waitFor();
}

export const press = (place, name) => place.getByRole("button", { name, exact: true }).click();

/** Waits until a text is seen, in part; a pattern stands for itself. */
export const seen = (place, text) => place.getByText(text).first().waitFor();

/** Presses "Refresh now", and waits for the new pair. */
export async function refreshIn(page) {
  const { refresh } = await keptBy(page);
  await press(page, "Refresh now");
  await page.waitForFunction((former) => !localStorage.getItem("hallpass:session").includes(former), refresh);
  await seen(page, "A new pair. The refresh token of before is spent.");
}

/** What the page keeps of its session: `access` and `refresh`, or `end`. */
export const keptBy = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("hallpass:session")));

/** The entries of the time line with this text. */
export const happened = (page, text) => page.getByRole("list", { name: "What happened" }).getByRole("listitem").filter({ hasText: text });

/** Moves the focus by the tab key until it is there. */
export async function tabTo(page, locator) {
  for (let presses = 0; presses < 60; presses++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the tab key does not reach ${locator}`);
}

/** The element with the focus, in words. */
export const focused = (page) => page.evaluate(() => document.activeElement.textContent);
