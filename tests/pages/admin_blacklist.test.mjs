// The blacklist in the admin console: what stands in it, and calling tokens back.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { assertDocumented, confirm, goTo, openConsole, rowsOf } from "../support/console.mjs";
import { look } from "../support/pages.mjs";
import { admin, ADMIN_KEY, info, refresh, registered, until } from "../support/people.mjs";
import { decodeToken } from "../support/token.mjs";
import { kvPut, startWorker } from "../support/worker.mjs";

const browser = openBrowser();
const options = { skip: browser.missing };

let worker;
before(async () => (worker = await startWorker({ vars: { ADMIN_KEY } })));
after(() => worker?.stop());

const CAPTION = "Entries, by key";
const at = "#blacklist";
const inKv = (key) => until(async () => (await admin(worker, "GET", `blacklist/?prefix=${key}`)).json.entries, ({ length }) => length > 0);
const card = (page, name) => page.locator("form", { has: page.getByRole("heading", { name }) });
const status = (page, words) => page.getByRole("status").getByText(words).waitFor();
const keysOf = (rows) => rows.map(([key]) => key);

/** Pastes a token into the form and says yes. */
async function paste(page, token) {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await card(page, "Call a token back").getByRole("button", { name: "Call back" }).click();
  await confirm(page, "Call back");
}

test("entries are told in words, with the time that is left running down", options, async () => {
  const now = Math.floor(Date.now() / 1000);
  const facts = { sub: "ann", at: now - 600, until: now + 3600 };
  const put = (key, more) => kvPut(worker, key, "", { expiration: now + 3600, metadata: { ...facts, ...more } });
  await put("sid:00aa", { reason: "reuse" });
  await put("jti:00bb", { reason: "rotated", kind: "refresh", sid: "00aa" });
  await put("sub:ann", { reason: "deactivated", cutoff: now });
  await put("kid:00cc", { reason: "key_leaked", sub: undefined });
  await kvPut(worker, "sid:00dd", "", { expiration: now + 3600 });
  const { page, watched } = await openConsole(browser, worker, { at, time: now * 1000 });
  await page.getByRole("table", { name: CAPTION }).waitFor();
  const rows = await rowsOf(page, CAPTION);
  const told = Object.fromEntries(rows.map(([key, ...cells]) => [key, cells]));
  assert.match(told["sid:00aa"][0], /^Every token of one session\s+of ann$/);
  assert.equal(told["sid:00aa"][1], "A spent token came back: somebody held a copy");
  assert.match(told["sid:00aa"][2], /^10 minutes ago\s/);
  assert.match(told["jti:00bb"][0], /One token, of kind refresh/);
  assert.match(told["sub:ann"].join(), /A user’s tokens from before .*The user was deactivated/s);
  assert.match(told["kid:00cc"].join(), /Everything that one key signed,The key was declared leaked/);
  assert.match(told["sid:00dd"][1], /Written by another hand/);
  const left = page.getByRole("row", { name: "sid:00aa" }).locator("time").last();
  assert.match(await left.innerText(), /^(1 h|59 min)/);
  await page.clock.fastForward("10:00");
  await page.waitForFunction(() => /^(50|49) min/.test([...document.querySelectorAll("time.left")].at(-1).textContent));
  await page.getByText("can take a minute to appear").waitFor();
  await look(page, "admin-blacklist");
  watched.assertQuiet();
});

test("entries are chosen by what they are, or by the beginning of their key", options, async () => {
  const expiration = Math.floor(Date.now() / 1000) + 3600;
  for (const key of ["sid:chosen-1", "sid:chosen-2", "jti:chosen"]) await kvPut(worker, key, "", { expiration });
  const { page } = await openConsole(browser, worker, { at });
  await page.getByText("jti:chosen").waitFor();
  await page.getByText("Sessions", { exact: true }).click();
  await page.getByText("jti:chosen").waitFor({ state: "detached" });
  assert.ok(keysOf(await rowsOf(page, CAPTION)).every((key) => key.startsWith("sid:")));
  assert.equal(await page.getByLabel("Key begins with").inputValue(), "sid:");
  await page.getByLabel("Key begins with").fill("sid:chosen-2");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("sid:chosen-1").waitFor({ state: "detached" });
  assert.deepEqual(keysOf(await rowsOf(page, CAPTION)), ["sid:chosen-2"]);
  assert.equal(await page.getByRole("radio", { name: "Sessions" }).isChecked(), false);
  await page.getByLabel("Key begins with").fill("nothing:");
  await page.getByLabel("Key begins with").press("Enter");
  await page.getByText("No key begins with “nothing:”.").waitFor();
});

test("more than a page of entries comes page by page", options, async () => {
  const expiration = Math.floor(Date.now() / 1000) + 3600;
  const keys = Array.from({ length: 130 }, (_, index) => `jti:many-${String(index).padStart(3, "0")}`);
  for (const key of keys) await kvPut(worker, key, "", { expiration });
  const { page } = await openConsole(browser, worker, { at });
  await page.getByLabel("Key begins with").fill("jti:many-");
  const found = page.waitForResponse("**/admin/api/blacklist/?prefix=jti*");
  await page.getByRole("button", { name: "Show" }).click();
  await found;
  await page.getByRole("row", { name: keys[99] }).waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByText("130 shown, that is all.").waitFor();
  assert.deepEqual(keysOf(await rowsOf(page, CAPTION)), keys);
});

test("a refresh token that is pasted ends its session, an access token is called back by itself", options, async () => {
  const ann = await registered(worker);
  const { page, watched } = await openConsole(browser, worker, { at });
  await page.getByLabel("Token", { exact: true }).fill(`Bearer ${ann.access}`);
  await card(page, "Call a token back").getByRole("button", { name: "Call back" }).click();
  await page.getByRole("dialog").getByText(`a token of kind access, of ${ann.sub}.`).waitFor();
  assert.equal((await info(worker, ann.access)).status, 200, "nothing is done by asking");
  await confirm(page, "Call back");
  const { jti } = decodeToken(ann.access).payload;
  await status(page, `this token is called back by itself; its session, if it has one, goes on. The entry is jti:${jti}`);
  assert.equal((await info(worker, ann.access)).status, 401);
  assert.equal(await page.getByLabel("Token", { exact: true }).inputValue(), "", "no token stays on the screen");

  const { json: next } = await refresh(worker, ann.refresh);
  await paste(page, next.refresh);
  await status(page, `its session has ended, and every token of it is refused. The entry is sid:${ann.sid}`);
  assert.equal((await refresh(worker, next.refresh)).status, 401);
  await inKv(`sid:${ann.sid}`);
  await page.getByText("Sessions", { exact: true }).click();
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("row", { name: `sid:${ann.sid}` }).getByText("Called back by an administrator").waitFor();
  assert.ok(!page.url().includes("eyJ"));
  watched.assertQuiet();
});

test("a question that comes too late is not asked", options, async () => {
  const { page, asked, watched } = await openConsole(browser, worker, { at });
  let answer;
  await page.route("**/hallpass/decode.js", (route) => (answer = () => route.continue()));
  await page.getByLabel("Token", { exact: true }).fill("eyJhbGciOiJub25lIn0.e30.");
  const wanted = page.waitForRequest("**/hallpass/decode.js");
  await card(page, "Call a token back").getByRole("button", { name: "Call back" }).click();
  await wanted;
  await goTo(page, "Keys");
  const loaded = page.waitForResponse("**/hallpass/decode_glue.js");
  await answer();
  await loaded;
  // What this was loaded for is loaded after it, or not at all, so this is ready only when that is.
  await page.evaluate(() => import("/hallpass/decode.js"));
  await page.getByRole("table", { name: "Keys of the ring" }).waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.deepEqual(asked.filter(({ method }) => method === "POST"), []);
  watched.assertQuiet();
});

test("what is no token of ours is refused, in words, and stays to be corrected", options, async () => {
  const { page, watched } = await openConsole(browser, worker, { at });
  await paste(page, "rubbish");
  await status(page, "Token is invalid");
  const field = page.getByLabel("Token", { exact: true });
  assert.equal(await field.inputValue(), "rubbish");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
  watched.assertQuiet();
});

test("an id with its subject is called back", options, async () => {
  const ann = await registered(worker);
  const { jti, exp } = decodeToken(ann.access).payload;
  const { page, watched } = await openConsole(browser, worker, { at });
  const form = card(page, "Call back by id");
  await form.getByLabel("Id of the token (jti)").fill(jti);
  await form.getByLabel("User (sub)").fill(ann.sub);
  await form.getByLabel("Expiry (exp), if known").fill("5");
  await form.getByRole("button", { name: "Call back" }).click();
  await confirm(page, "Call back");
  await status(page, "Seconds since the epoch, within ten years, are needed.");
  await form.getByLabel("Expiry (exp), if known").fill(String(exp));
  await form.getByRole("button", { name: "Call back" }).click();
  await confirm(page, "Call back");
  await status(page, `The entry is jti:${jti}`);
  assert.equal((await info(worker, ann.access)).status, 401);
  watched.assertQuiet();
});

test("everything the console has asked here stands in the README", options, assertDocumented);
