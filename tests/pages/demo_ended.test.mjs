// The page at `/` when the issuer ends its session: it says why.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before, beforeEach } from "node:test";
import { inProject } from "../../tools/project.mjs";
import { openBrowser } from "../support/chromium.mjs";
import { focused, happened, keptBy, openDemo, opened, press, refreshIn, registerIn, seen, send } from "../support/demo.mjs";
import { plan, startFaultyWorker } from "../support/faults.mjs";
import { look } from "../support/pages.mjs";
import { refresh, signedIn } from "../support/people.mjs";
import { bearer, request } from "../support/request.mjs";
import { decodeToken } from "../support/token.mjs";

const browser = openBrowser();
const skip = browser.missing;

let worker;
before(async () => (worker = await startFaultyWorker()));
after(() => worker?.stop());
beforeEach(() => plan(worker));

const REUSED = "Somebody presented a refresh token a second time, so there is a copy of it.";

const heading = (page, name) => page.getByRole("heading", { name, exact: true });

test("the thief refreshes twice with a stolen token: the victim's page says that there is a copy", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const person = await registerIn(page);
  const stolen = (await keptBy(page)).refresh;
  const thiefs = (await refresh(worker, stolen)).json;
  const thiefsNext = (await refresh(worker, thiefs.refresh)).json;

  await press(page, "Refresh now");
  await heading(page, "A refresh token was used a second time").waitFor();
  await seen(page, REUSED);
  assert.equal((await keptBy(page)).end.reason, "reuse");
  assert.equal(await focused(page), "A refresh token was used a second time");
  await happened(page, "The session has ended").filter({ hasText: "A refresh token was used a second time." }).waitFor();
  assert.equal((await refresh(worker, thiefsNext.refresh)).status, 401, "nor has the thief got anything");
  await look(page, "demo-ended");

  await page.reload();
  await seen(page, REUSED);
  await send(page, "Sign in", person);
  await opened(page);
  assert.ok(await page.getByText(REUSED).isHidden());
  page.watched.assertQuiet();
});

test("all tabs say why the session has ended, whichever has noticed it", { skip }, async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const one = await openDemo(context, worker);
  await registerIn(one);
  const other = await openDemo(context, worker);
  await opened(other);
  const thiefs = (await refresh(worker, (await keptBy(one)).refresh)).json;
  await refresh(worker, thiefs.refresh);
  await press(one, "Refresh now");
  for (const page of [one, other]) await seen(page, REUSED);
  await happened(other, "Another tab: the session has ended").waitFor();
  for (const page of [one, other]) page.watched.assertQuiet();
});

test("the thief replays a token that the owner has exchanged: the owner's next refresh says why it fails", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  const stolen = (await keptBy(page)).refresh;
  await refreshIn(page);
  await plan(worker, { clock_offset_ms: 30_000 });
  assert.equal((await refresh(worker, stolen)).status, 401);
  await press(page, "Refresh now");
  await seen(page, REUSED);
  page.watched.assertQuiet();
});

test("the old token again at once is a lost race: 401, and the session lives", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  await seen(page, "There is none yet: refresh first.");
  assert.ok(await page.getByRole("button", { name: "Use the old one again" }).isDisabled());
  await refreshIn(page);
  await seen(page, "now it would be taken for a lost race");
  await press(page, "Use the old one again");
  await seen(page, "401: it is spent, and buys nothing. It was taken for a lost race, so your session lives.");
  await happened(page, "A spent refresh token was presented again.").filter({ hasText: "401" }).waitFor();
  await refreshIn(page);
  page.watched.assertQuiet();
});

test("whether the session lives is not claimed when it cannot be asked", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  await refreshIn(page);
  await page.route("**/api/sessions/", (route) => route.fulfill({ status: 503, json: { detail: "Later." } }));
  await press(page, "Use the old one again");
  await seen(page, "Whether your session lives cannot be known now.");
  page.watched.assertQuiet();
});

test("the old token again after ten seconds is a theft: the session ends, and the page says why", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await page.clock.install();
  await registerIn(page);
  await refreshIn(page);
  await plan(worker, { clock_offset_ms: 15_000 });
  await page.clock.fastForward(15_000);
  await seen(page, /^The old one was spent 1\d s ago: now it would be taken for a theft\.$/);
  await press(page, "Use the old one again");
  await seen(page, REUSED);
  await happened(page, "A spent refresh token was presented again.").waitFor();
  page.watched.assertQuiet();
});

test("the token before the old one is a theft however quick it comes", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  await refreshIn(page);
  assert.equal(await page.getByRole("button", { name: "Use the one before it" }).count(), 0);
  await refreshIn(page);
  await press(page, "Use the one before it");
  await seen(page, REUSED);
  page.watched.assertQuiet();
});

test("a spent token that is answered in time of grace is told from one that is refused", { skip }, async (t) => {
  const other = await startFaultyWorker({ vars: { REFRESH_GRACE_SECONDS: "60" } });
  t.after(() => other.stop());
  const page = await openDemo(browser, other);
  await registerIn(page);
  await refreshIn(page);
  await press(page, "Use the old one again");
  await seen(page, "200: this Worker answers a spent refresh token with the same pair for a while (REFRESH_GRACE_SECONDS).");
  page.watched.assertQuiet();
});

/** What somebody does to the session of a page elsewhere, and the heading that follows from it there. */
const ELSEWHERE = {
  "Logged out everywhere": ({ access }) => request(worker, "POST", "/api/v1/users/reset-all-token/", { headers: bearer(access) }),
  "The session was logged out": ({ access, sid }) => request(worker, "DELETE", `/api/sessions/${sid}/`, { headers: bearer(access) }),
  "The password was changed": ({ access, password }) =>
    request(worker, "POST", "/api/v1/users/password/", {
      headers: bearer(access),
      json: { old_password: password, new_password: "quite another password" },
    }),
};

for (const [title, act] of Object.entries(ELSEWHERE)) {
  test(`what somebody did elsewhere is named here: "${title}"`, { skip }, async () => {
    const page = await openDemo(browser, worker);
    const person = await registerIn(page);
    const { access } = await signedIn(worker, person);
    const { sid } = decodeToken((await keptBy(page)).access).payload;
    const { status, text } = await act({ ...person, access, sid });
    assert.ok(status < 300, text);
    await press(page, "Refresh now");
    await heading(page, title).waitFor();
    page.watched.assertQuiet();
  });
}

test("for every reason that an issuer may give there are words, and for others as well", { skip }, async () => {
  const types = readFileSync(inProject("crates", "verifier", "js", "session.d.ts"), "utf8");
  const [, list] = /interface SessionEnd \{([^]*?)reason: string/.exec(types);
  const reasons = [...list.matchAll(/`([a-z_]+)`/g)].map(([, reason]) => reason);
  assert.ok(reasons.length >= 12, reasons.join());
  const page = await openDemo(browser, worker);
  const titles = new Set();
  for (const reason of [...reasons, "of_the_future", "toString"]) {
    await page.evaluate((text) => localStorage.setItem("hallpass:session", text), JSON.stringify({ end: { reason, at: 1_790_000_000 } }));
    await page.reload();
    await seen(page, "It was noticed here on ");
    titles.add(await page.locator("#ended-title").textContent());
    assert.ok((await page.locator("#ended-why").textContent()).length > 20, reason);
  }
  assert.equal(titles.size, reasons.length, "those that are not known are told as unknown");
  page.watched.assertQuiet();
});
