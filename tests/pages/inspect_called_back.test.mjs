// The Inspector asks this Worker whether a token was called back: when the button is pressed, and not before.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { register } from "../support/client.mjs";
import { inspector } from "../support/inspector.mjs";
import { look, watch } from "../support/pages.mjs";
import { bearer, request } from "../support/request.mjs";
import { now, signToken } from "../support/token.mjs";
import { kvKeys, startWorker } from "../support/worker.mjs";

const KEY = "a shared secret that is long enough";

const browser = openBrowser();
let worker;

before(async () => (worker = await startWorker()));
after(() => worker?.stop());

async function opened(t, token) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const watched = watch(page);
  const { paste } = await inspector(page, worker.url);
  await paste(token);
  const card = page.getByRole("region", { name: "Was it called back?" });
  await card.waitFor();
  const press = (name) => card.getByRole("button", { name }).click();
  return { page, watched, paste, card, answer: page.locator("#called-back-answer"), press };
}

const ISSUER = "Ask this Worker";
const OTHERS = "Ask as other Workers do";

test("a good token is good, and after the log-out it was called back", { skip: browser.missing }, async (t) => {
  const { access, refresh } = await register(worker);
  const { page, watched, card, answer, press } = await opened(t, access);
  await card.getByText("These buttons send the token to this Worker.").waitFor();
  await press(ISSUER);
  await answer.getByText("Good.").waitFor();
  assert.match(await answer.innerText(), /This Worker takes it at this moment/);
  await press(OTHERS);
  await answer.getByText("Let in.").waitFor();
  const { status } = await request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token: refresh } });
  assert.equal(status, 200);
  await press(ISSUER);
  await answer.getByText("Called back.").waitFor();
  assert.equal(await answer.getAttribute("data-state"), "bad");
  await look(page, "inspect-called-back");
  watched.assertQuiet();
});

test("other Workers see by KV what was called back", { skip: browser.missing }, async (t) => {
  const { access, refresh } = await register(worker);
  await request(worker, "POST", "/logout_token/", { headers: bearer(access), json: { refresh_token: refresh } });
  assert.ok((await kvKeys(worker)).some(({ name }) => name.startsWith("sid:")), "KV has it when the answer is there");
  const { answer, press } = await opened(t, access);
  await press(OTHERS);
  await answer.getByText("Refused.").waitFor();
  assert.match(await answer.innerText(), /does not let it in: “Token is blacklisted”/);
});

test("the token is sent when a button is pressed, and never in an address", { skip: browser.missing }, async (t) => {
  const { access } = await register(worker);
  const { page, answer, press } = await opened(t, access);
  const sent = [];
  page.on("request", (asked) => sent.push([asked.method(), asked.url().slice(worker.url.length), asked.postData()]));
  await press(ISSUER);
  await answer.getByText("Good.").waitFor();
  await press(OTHERS);
  await answer.getByText("Let in.").waitFor();
  assert.deepEqual(sent.filter(([, path]) => !path.startsWith("/hallpass/")), [
    ["POST", "/api/token/verify/", JSON.stringify({ token: access })],
    ["GET", "/api/check/", null],
  ]);
});

test("a token that this Worker did not sign is not good here, and why is told", { skip: browser.missing }, async (t) => {
  const { paste, answer, press } = await opened(t, signToken({ jti: "j", sid: "s", sub: "u", exp: now() + 60 }, KEY));
  await press(ISSUER);
  await answer.getByText("Not good here.").waitFor();
  assert.match(await answer.innerText(), /“[^”]+” \(token_not_valid\)\.$/);
  await paste(signToken({ jti: "k", sid: "s", sub: "u", exp: now() + 60 }, KEY));
  assert.equal(await answer.textContent(), "", "what was said of another token is gone");
});

test("a refresh token is not asked about at other Workers, which take none", { skip: browser.missing }, async (t) => {
  const { refresh } = await register(worker);
  const { card, answer, press } = await opened(t, refresh);
  assert.equal(await card.getByRole("button", { name: OTHERS }).isVisible(), false);
  await press(ISSUER);
  await answer.getByText("Good.").waitFor();
});

test("a token that cannot be this Worker's is not offered to it", { skip: browser.missing }, async (t) => {
  const { paste, card } = await opened(t, signToken({ sub: "u", exp: now() + 60 }, KEY));
  const button = card.getByRole("button", { name: ISSUER });
  await card.getByText("It has no jti, by which tokens are called back.").waitFor();
  assert.equal(await button.isVisible(), false);
  await paste(signToken({ sub: "u", jti: "j", iss: "https://issuer.example", exp: now() + 60 }, KEY));
  await card.getByText("It has neither a session (sid) nor a token_type").waitFor();
  assert.equal(await button.isVisible(), false);
  await paste(signToken({ sub: "u", jti: "j", iss: worker.url, exp: now() + 60 }, KEY));
  await button.waitFor();
});

test("where there is no clear answer nothing is said to be known", { skip: browser.missing }, async (t) => {
  const { access } = await register(worker);
  const { page, answer, press } = await opened(t, access);
  await page.route("**/api/token/verify/", (route) => route.abort());
  await press(ISSUER);
  await answer.getByText("Not known.").waitFor();
  assert.match(await answer.innerText(), /could not be reached/);
  const markup = "<img src=x onerror=globalThis.ran=true>";
  await page.route("**/api/check/", (route) => route.fulfill({ status: 503, json: { detail: markup } }));
  await press(OTHERS);
  await answer.getByText(`This Worker answered 503: “${markup}”.`).waitFor();
  assert.equal(await page.evaluate(() => globalThis.ran), undefined);
});
