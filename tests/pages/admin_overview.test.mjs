// The overview of the admin console: counts by day, compared with the days before, and thefts.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { assertDocumented, openConsole, rowsOf } from "../support/console.mjs";
import { plan, startFaultyWorker } from "../support/faults.mjs";
import { look } from "../support/pages.mjs";
import { ADMIN_KEY, events, refresh, registered, signedIn } from "../support/people.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

const DAY = 86_400_000;
/** Logins of each day, the oldest first; the last one is today. */
const LOGINS = { 20: 3, 12: 2, 4: 1, 3: 5, 1: 2, 0: 4 };
// At noon (UTC), so that no day ends while this runs.
const AHEAD = 21 * DAY + DAY / 2 - (Date.now() % DAY);

let worker;
let stolen;
let lost;
const later = () => Date.now() + AHEAD;

/** Three weeks of a Worker's life, which end with a copied token and a lost race. */
before(async () => {
  worker = await startFaultyWorker({ vars: { ADMIN_KEY } });
  let ann;
  let logins = 0;
  for (const [ago, count] of Object.entries(LOGINS).sort(([one], [other]) => other - one)) {
    await plan(worker, { clock_offset_ms: AHEAD - ago * DAY });
    ann ??= await registered(worker).then((one) => ((logins += 1), one));
    while (logins < count) logins += (await signedIn(worker, ann), 1);
    logins = 0;
    await events(worker, ann.sub, 1);
  }
  [lost, stolen] = [await signedIn(worker, ann), await registered(worker, { headers: { "user-agent": "the owner's phone" } })];
  for (const { refresh: token } of [stolen, lost]) await refresh(worker, token);
  await refresh(worker, lost.refresh);
  await plan(worker, { clock_offset_ms: AHEAD + 60_000 });
  await refresh(worker, stolen.refresh);
  await events(worker, stolen.sub, 2);
  await events(worker, ann.sub, 19);
});
after(() => worker?.stop());

const card = (page, name) => page.locator("section", { has: page.getByRole("heading", { level: 2, name }) });
const number = async (page, name) => Number(await card(page, name).locator(".total").innerText());
const openOverview = async () => {
  const opened = await openConsole(browser, worker, { time: later() + 60_000 });
  await opened.page.getByRole("heading", { level: 2, name: "Logins" }).waitFor();
  return opened;
};

test("totals are told with the change against the days before", options, async () => {
  const { page, watched } = await openOverview();
  assert.deepEqual([await number(page, "Logins"), await number(page, "Reuses"), await number(page, "Revocations")], [19, 2, 1]);
  await card(page, "Logins").getByText("none in the 30 days before").waitFor();
  await page.getByText("7 days", { exact: true }).click();
  await card(page, "Logins").getByText("▲ 600 % more than in the 7 days before (2)").waitFor();
  assert.equal(await number(page, "Logins"), 14);
  await page.getByText("90 days", { exact: true }).click();
  await card(page, "Logins").getByText("none in the 90 days before").waitFor();
  assert.equal(await page.getByRole("slider", { name: "Logins by day" }).getAttribute("aria-valuemax"), "90");
  watched.assertQuiet();
});

test("every day of a chart is reached by the keyboard, and by pointing at it", options, async () => {
  const { page } = await openOverview();
  const logins = page.getByRole("slider", { name: "Logins by day" });
  const told = (slider = logins) => slider.getAttribute("aria-valuetext");
  assert.match(await told(), /: 6 logins$/);
  await logins.focus();
  await page.keyboard.press("ArrowLeft");
  assert.match(await told(), /: 2 logins$/);
  assert.match(await told(page.getByRole("slider", { name: "Reuses by day" })), /: 0 reuses$/, "the same day in all of them");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  assert.match(await told(), /: 5 logins$/);
  await page.keyboard.press("Home");
  assert.equal(await logins.getAttribute("aria-valuenow"), "1");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await logins.getAttribute("aria-valuenow"), "1", "there is nothing before it");
  await page.keyboard.press("End");
  assert.match(await told(), /: 6 logins$/);
  const { x, y, width } = await logins.boundingBox();
  await page.mouse.move(x + (width * 28.5) / 30, y + 20);
  assert.match(await told(), /: 2 logins$/);
  await card(page, "Logins").getByText(/: 2 logins$/).waitFor();
});

test("the charts stand there as a table too", options, async () => {
  const { page } = await openOverview();
  await page.getByText("The charts as a table").click();
  const rows = await rowsOf(page, /Counts of 30 days/);
  assert.equal(rows.length, 30);
  assert.deepEqual(rows[0].slice(1), ["6", "2", "1"]);
  const counts = rows.map((cells) => Number(cells[1]));
  assert.deepEqual([counts[1], counts[3], counts[4], counts[12], counts[20]], [2, 5, 1, 2, 3]);
});

test("a copied token is called out, a lost race is not", options, async () => {
  const { page, watched } = await openOverview();
  const thefts = card(page, "Copied tokens");
  await thefts.getByText("Once in 30 days somebody held a copy of a refresh token.").waitFor();
  await thefts.getByText("the owner's phone").waitFor();
  await thefts.getByText(/It was 1 exchange behind, 1 min( \d+ s)? after the last one\./).waitFor();
  assert.equal(await thefts.getByRole("link", { name: lost.sub }).count(), 0);
  const kinds = await rowsOf(page, /Events of 30 days by kind/);
  assert.deepEqual(kinds[0], ["Signed in", "19"]);
  assert.ok(kinds.some(([kind, count]) => kind === "Spent token presented: somebody held a copy" && count === "1"));
  await look(page, "admin-overview");
  await thefts.getByRole("link", { name: stolen.sub }).click();
  await page.getByRole("heading", { level: 1, name: stolen.email }).waitFor();
  watched.assertQuiet();
});

test("events are told by kind and user, the newest first, with what a reuse means", options, async () => {
  const { page, watched } = await openConsole(browser, worker, { at: "#events", time: later() + 60_000 });
  const caption = /^Events, the newest first/;
  await page.getByRole("table", { name: caption }).waitFor();
  const all = await rowsOf(page, caption);
  assert.match(all[0][1], /^Spent token presented: somebody held a copy\s+The session was ended, and with it all that the copy/);
  await look(page, "admin-events");
  await page.getByLabel("Kind").selectOption({ label: "Spent token presented" });
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("table", { name: /only “Spent token presented”/ }).waitFor();
  const reuses = await rowsOf(page, caption);
  assert.equal(reuses.length, 2);
  assert.match(reuses[1][1], /lost race\s+Refused, and the session lives: most likely two tabs at once\. It was 1 exchange behind/);
  assert.equal(new URL(page.url()).hash, "#events?kind=reuse");
  await page.getByLabel("User").fill(lost.sub);
  await page.getByLabel("User").press("Enter");
  await page.getByRole("table", { name: `only of ${lost.sub}` }).waitFor();
  assert.equal((await rowsOf(page, caption)).length, 1);
  await page.goBack();
  await page.getByRole("row", { name: /somebody held a copy/ }).waitFor();
  assert.equal(await page.getByLabel("User").inputValue(), "");
  await page.getByLabel("User").fill(stolen.access);
  await page.getByLabel("User").press("Enter");
  await page.getByText("This looks like a token.").waitFor();
  assert.ok(!page.url().includes("eyJ"));
  watched.assertQuiet();
});

test("a Worker that nobody has used yet has an overview too", options, async (t) => {
  const fresh = await startWorker({ vars: { ADMIN_KEY } });
  t.after(() => fresh.stop());
  const { page, watched } = await openConsole(browser, fresh);
  await page.getByText("Nothing in this period.").waitFor();
  await page.getByText("No sign in 30 days that anybody held a copy").waitFor();
  await card(page, "Logins").getByText("none in the 30 days before either").waitFor();
  watched.assertQuiet();
});

test("everything the console has asked here stands in the README", options, assertDocumented);
