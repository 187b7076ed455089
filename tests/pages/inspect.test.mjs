// The Inspector reads whatever is pasted: what it shows of it, what it says of what is no token, and that it keeps it to itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { inspector, rawToken } from "../support/inspector.mjs";
import { assertSmallFirstLoad, look, watch } from "../support/pages.mjs";
import { request } from "../support/request.mjs";
import { now, signToken } from "../support/token.mjs";
import { startWorker } from "../support/worker.mjs";

const KEY = "a shared secret that is long enough";
const HEADER = '{"alg":"HS256","typ":"JWT"}';

const browser = openBrowser();
let worker;

before(async () => (worker = await startWorker()));
after(() => worker?.stop());

async function opened(t) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const watched = watch(page);
  return { page, watched, ...(await inspector(page, worker.url)) };
}

const good = (claims = {}) => signToken({ iss: "x", sub: "ann", iat: now() - 60, exp: now() + 240, ...claims }, KEY, { kid: "k1" });

test("the page has one policy, which lets it ask issuers for their keys and nothing else", async () => {
  const { status, headers } = await request(worker, "GET", "/inspect/");
  assert.equal(status, 200);
  const policy = headers["content-security-policy"];
  assert.doesNotMatch(policy, /,/, "one header");
  assert.equal(policy.match(/connect-src [^;]*/g).join(), "connect-src 'self' https: http://localhost:* http://127.0.0.1:*");
  const others = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "form-action 'none'", "require-trusted-types-for 'script'"];
  for (const directive of others) assert.ok(policy.split("; ").includes(directive), directive);
});

test("the first load is small", { skip: browser.missing }, async () => {
  await assertSmallFirstLoad(await browser.newPage(), `${worker.url}/inspect/`);
});

test("without a token the page says what it does, and can make one", { skip: browser.missing }, async (t) => {
  const { page, watched, says, check, summary, verdict } = await opened(t);
  await page.getByText("Nothing you paste leaves this page unless you press a button that says so.").waitFor();
  await page.getByRole("heading", { name: "What you will see" }).waitFor();
  assert.equal(await verdict.isVisible(), false);
  await look(page, "inspect-empty");
  await page.getByRole("button", { name: "Try with an example" }).click();
  await says("Not checked");
  assert.match(await summary.innerText(), /signed by “HS256”\. By its dates it is good\./);
  await check();
  await says("Verified");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("heading", { name: "What you will see" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "token");
  watched.assertQuiet();
});

test("every example is another token, with another secret", { skip: browser.missing }, async (t) => {
  const { page, token, says } = await opened(t);
  const seen = new Set();
  for (const _time of [1, 2]) {
    await page.getByRole("button", { name: "Try with an example" }).click();
    await says("Not checked");
    seen.add(await token.inputValue()).add(await page.getByLabel("Secret", { exact: true }).inputValue());
    await page.getByRole("button", { name: "Clear" }).click();
  }
  assert.equal(seen.size, 4);
});

test("a pasted token shows its parts, its header, its claims and what is left of its life", { skip: browser.missing }, async (t) => {
  const { page, watched, paste, summary } = await opened(t);
  await page.clock.setFixedTime(1_800_000_000_000);
  const token = signToken({ iss: "x", sub: "ann", iat: 1_799_999_940, exp: 1_800_000_240, admin: { of: ["a", 7] } }, KEY, { kid: "k1" });
  await paste(token);
  assert.match(await summary.innerText(), /signed by “HS256”, with the key “k1”\./);
  for (const [index, name] of ["Header", "Claims", "Signature"].entries()) {
    const part = page.getByRole("region", { name: `${name}, as it was pasted` });
    assert.equal(await part.innerText(), token.split(".")[index]);
  }
  assert.match(await row(page, "Header", "kid"), /^kid\s+id of the key\s+k1$/);
  assert.match(await row(page, "Claims", "sub"), /^sub\s+subject\s+ann$/);
  assert.match(await row(page, "Claims", "exp"), /^exp\s+expires\s+1800000240\s+15 Jan 2027.* in 4 minutes$/s);
  assert.match(await row(page, "Claims", "iat"), /1 minute ago$/);
  assert.match(await row(page, "Claims", "admin"), /\{"of":\["a",7\]\}$/);
  await page.getByText("4 min left", { exact: true }).waitFor();
  await page.getByText("80 % of its life of 5 min is left").waitFor();
  watched.assertQuiet();
});

test("time goes on while one looks: the ring empties, the dates move, and the token expires", { skip: browser.missing }, async (t) => {
  const { page, paste, summary, says, codes } = await opened(t);
  await page.clock.install({ time: 1_799_999_000_000 });
  await page.reload();
  // From here on no second passes but those of the test.
  await page.clock.pauseAt(1_800_000_000_000);
  await paste(signToken({ iat: 1_800_000_000, exp: 1_800_000_100 }, KEY));
  await says("Not checked");
  const rest = () => page.locator(".ring-rest").getAttribute("stroke-dashoffset");
  const before = Number(await rest());
  await page.clock.runFor(50_000);
  await page.getByText("50 s left", { exact: true }).waitFor();
  assert.ok(Number(await rest()) > before + 70, "half of the ring is gone");
  assert.match(await row(page, "Claims", "iat"), /50 seconds ago$/);
  await page.clock.runFor(50_000);
  await page.getByText("expired 0 s ago", { exact: true }).waitFor();
  await says("Refused");
  assert.deepEqual(await codes(), ["expired"]);
  assert.match(await summary.innerText(), /It has expired\./);
});

test("a token whose time has not come, or never ends, or is told in milliseconds, says so", { skip: browser.missing }, async (t) => {
  const { page, paste, says, codes, verdict } = await opened(t);
  await paste(good({ nbf: now() + 7200 }));
  await page.getByText(/^not valid for another (2 h|1 h 59 min)/).waitFor();
  await says("Refused");
  assert.deepEqual(await codes(), ["not_yet_valid"]);
  await paste(signToken({ sub: "ann" }, KEY));
  await page.getByText("never expires", { exact: true }).waitFor();
  await page.getByText("It does not say when it expires.").waitFor();
  await verdict.getByText("It has no exp, so it would be good for ever.").waitFor();
  assert.deepEqual(await codes(), ["missing_claim"]);
  await paste(good({ exp: Date.now() }));
  await page.getByText("exp looks like milliseconds").waitFor();
  await paste(good({ exp: "soon" }));
  await page.getByText("Its exp is not a date.").waitFor();
  await page.getByText("Its exp is “soon”").waitFor();
});

test("what stands around a token is taken away, and told", { skip: browser.missing }, async (t) => {
  const { page, paste, summary } = await opened(t);
  const token = good();
  await paste(`  Authorization: Bearer "${token.slice(0, 20)}\n${token.slice(20)}",\n`);
  await page.getByText(/^Taken away: .*“Bearer” before it/).waitFor();
  const told = await page.locator("#removed").innerText();
  for (const what of ["“Authorization:”", "quotes", "line breaks", "white space", "comma"]) assert.ok(told.includes(what), told);
  assert.match(await summary.innerText(), /signed by “HS256”/);
  await paste(token);
  assert.equal(await page.locator("#removed").innerText(), "");
});

const REFUSED = [
  ["an opaque string", "0123456789abcdef", /This is not a JWT.*no dot.*opaque token/],
  ["two parts", "eyJhbGciOiJIUzI1NiJ9.e30", /has two: the last, the signature/],
  ["four parts", "a.b.c.d", /It has 4 parts/],
  ["prose with dots", "See this. And this. So", /not base64url/],
  ["an encrypted token", `${rawToken('{"alg":"RSA-OAEP","enc":"A256GCM"}')}.AA.AA.AA.AA`, /encrypted token \(JWE\).*“A256GCM”/],
  ["a text over 64 KiB", "e.".repeat(40_000), /longer than 64 KiB/],
  ["a megabyte of spaces", `a${" ".repeat(1_000_000)}a`, /longer than 64 KiB/],
  ["padding", `${rawToken(HEADER, "{}")}.AA==`, /not base64url in its one spelling.*Signature: it has “=”/s],
  ["the alphabet of base64", `${rawToken(HEADER, "{}")}.+/AA`, /Signature: it has “\+” or “\/”/],
  ["a header that is no JSON", `${rawToken("HS256", "{}")}.AA`, /Header: it is not JSON/],
  ["claims that are a list", `${rawToken(HEADER, "[1]")}.AA`, /Claims: it is JSON, but not an object/],
  ["a member that stands twice", `${rawToken(HEADER, '{"sub":"a","sub":"b"}')}.AA`, /a member stands twice/],
  ["crit", `${rawToken('{"alg":"HS256","crit":["x"]}', "{}")}.AA`, /crit names extensions that have to be understood/],
  ["another type", `${rawToken('{"alg":"HS256","typ":"secevent+jwt"}', "{}")}.AA`, /typ is neither/],
];

for (const [what, text, words] of REFUSED) {
  test(`${what} is refused in words`, { skip: browser.missing }, async (t) => {
    const { page, watched, paste, summary, verdict } = await opened(t);
    await paste(text);
    await summary.filter({ hasText: words }).waitFor();
    assert.equal(await summary.getAttribute("data-state"), what === "an encrypted token" ? "warn" : "bad");
    assert.equal(await verdict.isVisible(), false);
    assert.equal(await page.getByRole("button", { name: "Ask this Worker" }).isVisible(), false);
    watched.assertQuiet();
  });
}

test("of what is refused for its form, what can be read is shown", { skip: browser.missing }, async (t) => {
  const { page, paste } = await opened(t);
  await paste(`${rawToken('{"alg":"HS256","crit":["x"]}', '{"sub":"ann"}')}.AA`);
  assert.match(await row(page, "Header", "crit"), /has to be understood\s+\["x"\]$/);
  assert.match(await row(page, "Claims", "sub"), /ann$/);
  await paste(`${rawToken('{"alg":"dir","enc":"A256GCM"}')}.AA.AA.AA.AA`);
  assert.match(await row(page, "Header", "enc"), /encrypted with\s+A256GCM$/);
});

test("an unsigned token is refused whatever else it says", { skip: browser.missing }, async (t) => {
  const { paste, summary, says, codes } = await opened(t);
  await paste(`${rawToken('{"alg":"none"}', `{"exp":${now() + 60}}`)}.`);
  await says("Refused");
  assert.match(await summary.innerText(), /Nobody signed this token/);
  assert.deepEqual(await codes(), ["algorithm_not_allowed"]);
});

test("whole numbers are shown as they are written", { skip: browser.missing }, async (t) => {
  const { page, paste } = await opened(t);
  await paste(`${rawToken(HEADER, `{"user_id":12345678901234567890,"exp":${now() + 60}}`)}.AA`);
  assert.match(await row(page, "Claims", "user_id"), /12345678901234567890$/);
});

test("markup in a token is text", { skip: browser.missing }, async (t) => {
  const { page, watched, paste, says, ask, broken } = await opened(t);
  const markup = "<img src=x onerror=globalThis.ran=true><script>globalThis.ran=true</script>";
  const claims = { [markup]: markup, iss: markup, aud: [markup], exp: now() - 9, token_type: markup, constructor: 1, toString: markup };
  await paste(signToken(claims, KEY, { alg: "HS256", kid: markup, [markup]: { [markup]: markup } }));
  await ask({ Issuer: "y", Audience: "z" });
  await says("Refused");
  assert.ok((await broken()).some((words) => words.includes(`“${markup}”`)));
  assert.ok((await row(page, "Claims", "iss")).includes(markup));
  assert.match(await row(page, "Claims", "constructor"), /^constructor\s+1$/);
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.equal(await page.evaluate(() => globalThis.ran), undefined);
  watched.assertQuiet();
});

test("nothing is asked for while one pastes and types, and the token is kept nowhere", { skip: browser.missing }, async (t) => {
  const { page, watched, paste, token, says, ask } = await opened(t);
  await page.waitForLoadState("networkidle");
  const asked = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  const pasted = good({ iss: "https://issuer.example" });
  await paste(pasted);
  await says("Not checked");
  await token.press("End");
  await token.pressSequentially("A");
  await ask({ Issuer: "https://issuer.example", "Leeway in seconds": "20" });
  await says("Not checked");
  assert.deepEqual(asked.filter((one) => !one.startsWith("GET /hallpass/")), []);
  const kept = await page.evaluate(() => {
    const storages = [{ ...localStorage }, { ...sessionStorage }, document.cookie];
    return JSON.stringify([...storages, location.href, history.state, document.title]);
  });
  assert.ok(!kept.includes(pasted.slice(0, 30)), kept);
  watched.assertQuiet();
});

test("the keyboard is enough", { skip: browser.missing }, async (t) => {
  const { page, says } = await opened(t);
  const onto = async (id) => {
    for (let tabs = 0; tabs < 40; tabs += 1) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate(() => document.activeElement.id)) === id) return;
    }
    assert.fail(`the tab key does not come to ${id}`);
  };
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await onto("token");
  await onto("example");
  await page.keyboard.press("Enter");
  await says("Not checked");
  assert.equal(await page.evaluate(() => document.activeElement.id), "token");
  await onto("by-secret");
  await onto("secret");
  await page.keyboard.press("Enter");
  await says("Verified");
  await page.keyboard.press("End");
  await page.keyboard.type("x");
  await says("Not checked");
  await onto("check-button");
  await page.keyboard.press("Space");
  await says("Refused");
});

async function row(page, table, name) {
  const rows = page.getByRole("table", { name: table, exact: true }).getByRole("row");
  return (await rows.filter({ has: page.locator(`th code:text-is("${name}")`) }).innerText()).trim();
}
