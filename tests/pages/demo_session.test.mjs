// The page at `/` with a session open: its pair, its list, its end.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { focused, happened, keptBy, openDemo, opened, press, refreshIn, registerIn, seen, send, tabTo } from "../support/demo.mjs";
import { look } from "../support/pages.mjs";
import { info, signedIn } from "../support/people.mjs";
import { decodeToken } from "../support/token.mjs";
import { startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const skip = browser.missing;

let worker;
before(async () => (worker = await startWorker()));
after(() => worker?.stop());

const card = (page, kind) => page.getByRole("region", { name: `${kind} token`, exact: true });

/** The text of a token that can be seen, and all of it. */
const tokenText = (page, kind) => card(page, kind).locator("code.token");

test("the pair stands side by side, each token with its text, its claims and its time", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  const kept = await keptBy(page);
  for (const [kind, lifetime] of [["Access", / s left$/], ["Refresh", /^23 h 59 min left$/]]) {
    const token = kept[kind.toLowerCase()];
    const { payload, header } = decodeToken(token);
    assert.equal(await tokenText(page, kind).textContent(), token);
    await card(page, kind).getByText(lifetime).waitFor();
    for (const [claim, value] of Object.entries(payload)) {
      const row = card(page, kind).getByRole("row").filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${claim}\\b`) }) });
      assert.match(await row.textContent(), new RegExp(String(value)), claim);
    }
    await seen(card(page, kind), `Signed with EdDSA, by the key ${header.kid}.`);
  }
  await look(page, "demo-signed-in");
  page.watched.assertQuiet();
});

test("the time runs down, and before it is over the page refreshes by itself", { skip }, async () => {
  const page = await browser.newPage();
  await page.clock.install();
  await page.goto(worker.url);
  await registerIn(page);
  const { refresh } = await keptBy(page);
  await page.clock.fastForward(150_000);
  await card(page, "Access").getByText(/^2 min (2\d s )?left$/).waitFor();
  assert.equal((await keptBy(page)).refresh, refresh);

  await page.clock.fastForward(100_000);
  await happened(page, "The page asked by itself, since the access token was running out").waitFor();
  await card(page, "Access").getByText(/^4 min 5\d s left$/).waitFor();
  const renewed = await keptBy(page);
  assert.notEqual(renewed.refresh, refresh);
  assert.equal(await tokenText(page, "Refresh").textContent(), renewed.refresh);
});

test("a token is shortened until all of it is asked for, and copied whole", { skip }, async (t) => {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  t.after(() => context.close());
  const page = await openDemo(context, worker);
  await registerIn(page);
  const text = tokenText(page, "Access");
  const isCut = () => text.evaluate((element) => element.scrollWidth > element.clientWidth);
  assert.ok(await isCut());
  const button = page.getByRole("button", { name: "Show all of the access token" });
  await button.click();
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  assert.ok(!(await isCut()));
  await look(page, "demo-whole-token");

  await press(page, "Copy the access token");
  await seen(card(page, "Access"), "Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), (await keptBy(page)).access);
  page.watched.assertQuiet();
});

test("both tokens are verified in the page with the published keys, and an altered one is not", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  const kept = await keptBy(page);
  const { kid } = decodeToken(kept.access).header;
  for (const kind of ["Access", "Refresh"]) {
    await press(page, `Verify the ${kind.toLowerCase()} token`);
    await seen(card(page, kind).getByRole("status"), `Verified: the published key ${kid} signed it`);
  }
  await happened(page, "GET /.well-known/jwks.json").waitFor();

  const [head, payload, signature] = kept.access.split(".");
  const altered = `${head}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  await page.evaluate((text) => localStorage.setItem("hallpass:session", text), JSON.stringify({ ...kept, access: altered }));
  await page.route("**/api/**", (route) => route.abort());
  await page.reload();
  await page.getByRole("table", { name: "Claims of the access token" }).waitFor();
  await press(page, "Verify the access token");
  await seen(card(page, "Access").getByRole("status"), /^Not verified: .*sign/);
});

test("with a shared secret there are no public keys, and the page says what follows", { skip }, async (t) => {
  const other = await startWorker({ vars: { ALGORITHM: "HS256", SIGNING_KEY: "a-shared-secret-of-at-least-32-bytes" } });
  t.after(() => other.stop());
  const page = await openDemo(browser, other);
  await seen(page, "It signs with a shared secret, so there are no public keys");
  await registerIn(page);
  await press(page, "Verify the access token");
  await seen(card(page, "Access").getByRole("status"), "HS256 signs with a secret, so there are no public keys.");
  page.watched.assertQuiet();
});

test("refreshing exchanges both tokens, and what was said of the former ones goes", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  await press(page, "Verify the refresh token");
  await seen(card(page, "Refresh").getByRole("status"), "Verified");
  const former = await keptBy(page);
  await refreshIn(page);
  const kept = await keptBy(page);
  assert.notEqual(kept.access, former.access);
  assert.equal(await tokenText(page, "Access").textContent(), kept.access);
  assert.equal(await tokenText(page, "Refresh").textContent(), kept.refresh);
  await card(page, "Refresh").getByText("Verified").waitFor({ state: "hidden" });
  await happened(page, "A new pair, as you asked.").filter({ hasText: "POST /api/token/refresh/" }).waitFor();
  page.watched.assertQuiet();
});

test("where refresh tokens are not rotated the page does not speak of spent ones", { skip }, async (t) => {
  const other = await startWorker({ vars: { ROTATE_REFRESH_TOKENS: "false" } });
  t.after(() => other.stop());
  const page = await openDemo(browser, other);
  await registerIn(page);
  await press(page, "Refresh now");
  await seen(page, "A new access token. This Worker lets refresh tokens be used again");
  assert.ok(await page.getByRole("button", { name: "Use the old one again" }).isDisabled());
  page.watched.assertQuiet();
});

test("the sessions of all devices are listed, and another one can be ended from here", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const person = await registerIn(page);
  const telephone = await signedIn(worker, person, { "user-agent": "A telephone" });
  await press(page, "Read again");
  const entries = page.getByRole("region", { name: "Your sessions" }).getByRole("listitem");
  const entry = entries.filter({ hasText: "A telephone" });
  await entry.waitFor();
  assert.equal(await entries.count(), 2);
  const own = entries.filter({ has: page.getByText("this one", { exact: true }) });
  assert.equal(await own.getByRole("button").count(), 0);
  await look(page, "demo-two-sessions");

  await tabTo(page, entry.getByRole("button", { name: /^End this one: opened .*, A telephone$/ }));
  await page.keyboard.press("Enter");
  await seen(page, "It has ended. Whoever uses it is asked to sign in again.");
  await entry.waitFor({ state: "detached" });
  assert.equal(await focused(page), "Your sessions");
  assert.equal((await info(worker, telephone.access)).status, 401);
  await happened(page, "DELETE /api/sessions/…/").filter({ hasText: "204" }).waitFor();
  assert.equal((await info(worker, (await keptBy(page)).access)).status, 200);
  page.watched.assertQuiet();
});

test("logging out here ends this session and no other", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const person = await registerIn(page);
  const telephone = await signedIn(worker, person);
  const { access } = await keptBy(page);
  await press(page, "Log out here");
  await seen(page, "Logged out. The access token would have been good for another 4 min");
  assert.equal(await keptBy(page), null);
  assert.equal((await info(worker, access)).status, 401);
  assert.equal((await info(worker, telephone.access)).status, 200);
  assert.ok(!(await page.content()).includes(access.slice(-40)), "no token stays in the page");
  page.watched.assertQuiet();
});

test("logging out everywhere ends them all", { skip }, async () => {
  const page = await openDemo(browser, worker);
  const person = await registerIn(page);
  const telephone = await signedIn(worker, person);
  await press(page, "Log out everywhere");
  await seen(page, "Logged out everywhere: every session of yours has ended");
  assert.equal((await info(worker, telephone.access)).status, 401);
  await happened(page, "POST /api/v1/users/reset-all-token/").filter({ hasText: "205" }).waitFor();
  await send(page, "Sign in", person);
  await opened(page);
  page.watched.assertQuiet();
});

test("when the issuer cannot be told of it, logging out everywhere changes nothing, and here it says what is left", { skip }, async () => {
  const page = await openDemo(browser, worker);
  await registerIn(page);
  const kept = await keptBy(page);
  await page.route(/\/api\/(v1|token)\//, (route) => route.abort());
  await press(page, "Log out everywhere");
  await seen(page, "No sensible answer came from the issuer. Nothing is known to have changed");
  assert.deepEqual(await keptBy(page), kept);
  await press(page, "Log out here");
  await seen(page, "Logged out here, but the issuer could not be told");
  assert.equal(await keptBy(page), null);
});

test("what another tab does is seen here: a sign-in, a refresh, a log-out", { skip }, async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  const [one, other] = [await openDemo(context, worker), await openDemo(context, worker)];
  await registerIn(one);
  await opened(other);
  await happened(other, "A session was opened there").filter({ hasText: "Another tab" }).waitFor();
  await refreshIn(one);
  await happened(other, "The pair was exchanged there").waitFor();
  assert.equal(await tokenText(other, "Access").textContent(), (await keptBy(one)).access);
  await other.getByRole("button", { name: "Refresh now" }).focus();
  await press(one, "Log out here");
  await seen(other, "Somebody logged out in another tab.");
  assert.equal(await focused(other), "Open a session");
  await other.getByRole("form", { name: "Sign in" }).waitFor();
  for (const page of [one, other]) page.watched.assertQuiet();
});
