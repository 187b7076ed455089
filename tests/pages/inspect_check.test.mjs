// The Inspector checks signatures: by an issuer's published keys, by keys that are pasted, by a secret; and lists every broken rule.

import assert from "node:assert/strict";
import { constants, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { register } from "../support/client.mjs";
import { ADDRESS, inspector, PASTED, rawToken, SECRET } from "../support/inspector.mjs";
import { look, watch } from "../support/pages.mjs";
import { serveSite } from "../support/site.mjs";
import { decodeToken, now, signToken } from "../support/token.mjs";
import { startWorker, temporaryFolder } from "../support/worker.mjs";

const KEY = "a shared secret that is long enough";
const CORS = { "Access-Control-Allow-Origin": "*" };

const browser = openBrowser();
const keys = { ES256: pair("ec", { namedCurve: "P-256" }), RS256: pair("rsa", { modulusLength: 2048 }), EdDSA: pair("ed25519") };
let worker;
let foreign;
let silent;
let files;

before(async () => {
  worker = await startWorker();
  files = folderOf({
    "jwks.json": { keys: [publicJwk("ES256", { kid: "e1" }), publicJwk("RS256", { kid: "r1" })] },
    "secret.json": { keys: [{ kty: "oct", kid: "o1", alg: "HS256", k: Buffer.from(KEY).toString("base64url") }] },
    "private.json": { keys: [{ ...keys.EdDSA.privateKey.export({ format: "jwk" }), kid: "p1" }, publicJwk("ES256", { kid: "e1" })] },
    "empty.json": { keys: [] },
    "other.json": { hello: "world" },
    "text.json": "not JSON",
  });
  foreign = await serveSite(files, { headers: CORS });
  silent = await serveSite(files);
});
after(() => Promise.all([worker?.stop(), foreign?.close(), silent?.close()]));

async function opened(t, token) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const watched = watch(page);
  const inspecting = await inspector(page, worker.url);
  await inspecting.paste(token);
  await inspecting.verdict.waitFor();
  return { page, watched, ...inspecting, address: page.getByLabel("Address of the key set") };
}

const claims = (more = {}) => ({ iss: "x", sub: "ann", iat: now() - 60, exp: now() + 240, ...more });

test("a token of this Worker is verified by the keys that it publishes", { skip: browser.missing }, async (t) => {
  const { access } = await register(worker);
  const { page, watched, address, check, says, verdict, kept } = await opened(t, access);
  assert.equal(await address.inputValue(), `${worker.url}/.well-known/jwks.json`);
  const { host } = new URL(worker.url);
  const told = `When you press the button, this page asks ${host} for /.well-known/jwks.json and for nothing else. The token is not sent.`;
  await page.getByText(told).waitFor();
  const asked = [];
  page.on("request", (request) => asked.push(request));
  await check();
  await says("Verified");
  const { kid } = decodeToken(access).header;
  await verdict.getByText(`Signed with the key “${kid}” (EdDSA), and it keeps every rule.`).waitFor();
  assert.ok((await kept()).includes("It is of a kind that is asked for (token_type): “access”."));
  const sent = asked.filter((request) => !new URL(request.url()).pathname.startsWith("/hallpass/"));
  assert.deepEqual(sent.map((request) => [request.method(), request.url()]), [["GET", `${worker.url}/.well-known/jwks.json`]]);
  assert.doesNotMatch(JSON.stringify(await sent[0].allHeaders()), new RegExp(access.slice(40, 80)));
  await look(page, "inspect-verified");
  watched.assertQuiet();
});

test("a foreign issuer's keys are fetched from where one says, and asked for nothing but the set", { skip: browser.missing }, async (t) => {
  for (const [alg, kid] of [["ES256", "e1"], ["RS256", "r1"]]) {
    const { watched, address, check, says, verdict } = await opened(t, signed(alg, claims(), { kid }));
    await address.fill(`${foreign.url}jwks.json`);
    await check();
    await says("Verified");
    await verdict.getByText(`Signed with the key “${kid}” (${alg})`, { exact: false }).first().waitFor();
    watched.assertQuiet({ elsewhere: [new URL(foreign.url).origin] });
  }
  assert.deepEqual(foreign.asked, ["/jwks.json", "/jwks.json"]);
});

test("an iss that is an https address says where the keys usually are, until one types another", { skip: browser.missing }, async (t) => {
  const { page, paste, address } = await opened(t, signed("ES256", claims({ iss: "https://issuer.example/tenant/" })));
  assert.equal(await address.inputValue(), "https://issuer.example/tenant/.well-known/jwks.json");
  await page.getByText("this page asks issuer.example for /tenant/.well-known/jwks.json and for nothing else").waitFor();
  for (const iss of ["http://issuer.example", "javascript:alert(1)", "someone", 7]) {
    await paste(signed("ES256", claims({ iss })));
    assert.equal(await address.inputValue(), `${worker.url}/.well-known/jwks.json`, String(iss));
  }
  await address.fill("https://mine.example/keys");
  await paste(signed("ES256", claims({ iss: "https://issuer.example" })));
  assert.equal(await address.inputValue(), "https://mine.example/keys");
});

test("of an issuer that does not let other pages read its keys both is said that may be", { skip: browser.missing }, async (t) => {
  const { watched, address, check, trouble, says } = await opened(t, signed("ES256", claims(), { kid: "e1" }));
  await address.fill(`${silent.url}jwks.json`);
  await check();
  const words = trouble.filter({ hasText: /cannot be reached, or .* \(CORS: .*the browser does not tell which/ });
  await words.waitFor();
  assert.ok((await words.innerText()).includes(new URL(silent.url).host));
  await says("Not checked");
  assert.equal(await address.getAttribute("aria-invalid"), "true");
  assert.match(watched.complaints.join(), /^Access to fetch at '[^']+' from origin '[^']+' has been blocked by CORS policy[^,]*$/);
});

const NO_SET = [
  ["nothing.json", /answered 404: there is no key set at this address/],
  ["text.json", /is not a JSON Web Key set/],
  ["other.json", /is not a JSON Web Key set/],
  ["empty.json", /The key set is empty\. An issuer that signs with a shared secret/],
  ["secret.json", /The key “o1” is a shared secret that anybody can fetch\. It was not used\./],
];

test("what is no key set is said in words", { skip: browser.missing }, async (t) => {
  const { address, check, trouble } = await opened(t, signed("ES256", claims(), { kid: "e1" }));
  for (const [path, words] of NO_SET) {
    await address.fill(foreign.url + path);
    assert.equal(await trouble.textContent(), "", "what was said of another address is gone");
    await check();
    await trouble.filter({ hasText: words }).waitFor();
  }
});

test("a redirect, a late answer and an issuer that is not there are told apart", { skip: browser.missing }, async (t) => {
  const { page, address, check, trouble } = await opened(t, signed("ES256", claims()));
  const moved = { status: 302, headers: { ...CORS, location: "https://new.example/" } };
  await page.route("https://moved.example/**", (route) => route.fulfill(moved));
  await page.route("https://gone.example/**", (route) => route.abort("namenotresolved"));
  await page.route("https://slow.example/**", () => {});
  await page.clock.install();
  const cases = [
    ["https://moved.example/keys", /moved\.example answered with a redirect, which is not followed/],
    ["https://gone.example/keys", /no answer from gone\.example that this page may read/],
    ["https://slow.example/keys", /slow\.example did not answer within five seconds/],
  ];
  for (const [url, words] of cases) {
    await address.fill(url);
    const asked = page.waitForRequest(url);
    await check();
    await asked;
    if (url.includes("slow")) await page.clock.runFor(5_000);
    await trouble.filter({ hasText: words }).waitFor();
  }
});

test("an address that this page cannot ask is said to be one before anything is asked", { skip: browser.missing }, async (t) => {
  const { page, watched, address, check, trouble, says } = await opened(t, signed("ES256", claims()));
  await says("Not checked");
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const cases = [
    ["http://issuer.example/jwks.json", /can only ask addresses that begin with https/],
    ["http://[::1]:1/jwks.json", /can only ask addresses that begin with https/],
    ["data:application/json,{}", /can only ask addresses that begin with https/],
    ["https://me:word@issuer.example/", /user name or a password/],
    ["issuer.example", /not a whole address/],
    ["", /not a whole address/],
  ];
  for (const [url, words] of cases) {
    await address.fill(url);
    await page.locator("#address-note").filter({ hasText: words }).waitFor();
    await check();
    await trouble.filter({ hasText: words }).waitFor();
  }
  assert.deepEqual(asked, []);
  watched.assertQuiet();
});

test("keys can be pasted: one, an array, a set; what is none is said in words", { skip: browser.missing }, async (t) => {
  const { page, watched, choose, check, says, trouble, remarks, codes } = await opened(t, signed("RS256", claims(), { kid: "r1" }));
  await choose(PASTED);
  const field = page.getByLabel("JSON Web Key, or a set of them");
  const paste = (value) => field.fill(typeof value === "string" ? value : JSON.stringify(value));
  const jwk = publicJwk("RS256", { kid: "r1", alg: "RS256" });
  for (const value of [jwk, [jwk], { keys: [publicJwk("ES256"), jwk] }]) {
    await paste(value);
    await says("Not checked");
    await check();
    await says("Verified");
    assert.deepEqual(await remarks(), []);
  }
  const { alg: _alg, ...unnamed } = jwk;
  await paste(unnamed);
  await check();
  await says("Verified");
  assert.match((await remarks()).join(), /^The key “r1” does not say for which algorithm it is\. It was used for RS256/);
  await paste({ ...jwk, kid: "r2" });
  await check();
  await says("Refused");
  assert.deepEqual(await codes(), ["unknown_key"]);
  await paste(publicJwk("ES256"));
  await check();
  await says("Refused");
  assert.deepEqual(await codes(), ["algorithm_not_allowed"]);
  const troubles = [
    ["", /Paste a key first/],
    ["-----BEGIN PUBLIC KEY-----\nMIIB", /This is a PEM file/],
    ["a secret", /This is not JSON/],
    ["{}", /neither a JSON Web Key/],
    ['{"keys":[]}', /The key set is empty/],
    [{ kty: "RSA", n: "AQAB", e: "AQAB" }, /A key without an id was not used: it is no RSA key of 2048/],
    [keys.RS256.privateKey.export({ format: "jwk" }), /This is a private key: .* It has not left this page\./],
  ];
  for (const [value, words] of troubles) {
    await paste(value);
    await check();
    await trouble.filter({ hasText: words }).waitFor();
  }
  watched.assertQuiet();
});

test("a shared secret written as a key is taken where it is pasted", { skip: browser.missing }, async (t) => {
  const { page, choose, check, says, remarks } = await opened(t, signToken(claims(), KEY));
  await choose(PASTED);
  const jwk = { kty: "oct", kid: "o", k: Buffer.from(KEY).toString("base64url") };
  await page.getByLabel("JSON Web Key, or a set of them").fill(JSON.stringify(jwk));
  await check();
  await says("Verified");
  assert.match((await remarks()).join(), /“o” does not say for which algorithm it is\. It was used for HS256/);
});

test("a private key among published ones is not used, and told", { skip: browser.missing }, async (t) => {
  const { address, check, says, remarks } = await opened(t, signed("ES256", claims(), { kid: "e1" }));
  await address.fill(`${foreign.url}private.json`);
  await check();
  await says("Verified");
  assert.match((await remarks()).join(), /^The key “p1” was not used: it is a private key, known to too many now/);
});

test("a secret is read as text or as base64url, and it is said when the other way fits", { skip: browser.missing }, async (t) => {
  const { page, watched, check, says, codes, remarks } = await opened(t, signToken(claims(), KEY, { alg: "HS256" }));
  const secret = page.getByLabel("Secret", { exact: true });
  await secret.fill(Buffer.from(KEY).toString("base64url"));
  await check();
  await says("Refused");
  assert.deepEqual(await codes(), ["bad_signature"]);
  assert.deepEqual(await remarks(), ["The signature fits if the secret is read as base64url: choose that above."]);
  await page.getByRole("radio", { name: "in base64url" }).check();
  await says("Not checked");
  await check();
  await says("Verified");
  watched.assertQuiet();
});

test("all three HS algorithms are checked, as the header says", { skip: browser.missing }, async (t) => {
  const long = KEY.repeat(2);
  const { page, paste, check, says, verdict } = await opened(t, signToken(claims(), long));
  await page.getByLabel("Secret", { exact: true }).fill(long);
  for (const alg of ["HS256", "HS384", "HS512"]) {
    await paste(signToken(claims(), long, { alg }));
    await says("Not checked");
    await check();
    await verdict.getByText(`Signed with this secret (${alg}), and it keeps every rule.`).waitFor();
  }
});

test("of a secret that is too short it is said whether it fits, and that verifiers refuse it", { skip: browser.missing }, async (t) => {
  const { page, check, says, trouble } = await opened(t, signToken(claims(), "short"));
  const secret = page.getByLabel("Secret", { exact: true });
  await secret.fill("short");
  await check();
  await trouble.filter({ hasText: "The signature fits this secret, but no verifier of Hallpass takes it: it has 5 bytes" }).waitFor();
  await says("Not checked");
  await secret.fill("wrong");
  await check();
  await trouble.filter({ hasText: "does not fit it either" }).waitFor();
  await secret.fill("");
  await check();
  await trouble.filter({ hasText: "Type the secret first." }).waitFor();
  await secret.fill("ä");
  await page.getByRole("radio", { name: "in base64url" }).check();
  await check();
  await trouble.filter({ hasText: "not base64url" }).waitFor();
});

test("a wrong secret, a tampered token and a secret for a public key's token are refused", { skip: browser.missing }, async (t) => {
  const token = signToken(claims(), KEY);
  const { page, paste, choose, check, says, codes, broken } = await opened(t, token);
  const secret = page.getByLabel("Secret", { exact: true });
  await secret.fill(`${KEY}!`);
  await check();
  await says("Refused");
  assert.deepEqual(await codes(), ["bad_signature"]);
  await secret.fill(KEY);
  await paste(token.replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify(claims({ sub: "eve" }))).toString("base64url")}.`));
  await says("Not checked");
  await check();
  await says("Refused");
  assert.deepEqual(await codes(), ["bad_signature"]);
  assert.match((await broken())[0], /^The signature does not fit this secret: another key made it, or the token was changed afterwards\./);
  await paste(signed("ES256", claims()));
  await choose(SECRET);
  await check();
  await says("Refused");
  assert.match((await broken())[0], /^Its header says “ES256”, and this secret cannot be used with that\./);
});

test("every broken rule is listed, in words and by its code, beside those that hold", { skip: browser.missing }, async (t) => {
  const dates = { exp: now() - 600, iat: now() + 900, nbf: now() + 600 };
  const long = { sub: "s".repeat(150), ["c".repeat(90)]: [1, 2] };
  const bad = claims({ iss: "https://evil.example", aud: ["web"], token_type: "refresh", ...dates, ...long });
  const token = signToken(bad, KEY, { kid: "k".repeat(150) });
  const { page, watched, ask, check, says, codes, broken, kept, verdict } = await opened(t, token);
  await page.getByLabel("Secret", { exact: true }).fill(KEY.replace("a", "b"));
  await ask({ Issuer: "https://id.example.com", Audience: "api", "Leeway in seconds": "60" });
  await check();
  await says("Refused");
  const all = ["bad_signature", "issued_in_future", "not_yet_valid", "expired", "wrong_issuer", "wrong_audience", "wrong_kind"];
  assert.deepEqual(await codes(), all);
  await verdict.getByText("It breaks 7 rules.").waitFor();
  const words = (await broken()).join("\n");
  const inWords = [
    "with a leeway of 60 s",
    "It comes from “https://evil.example”, and “https://id.example.com” is asked for.",
    'It is for ["web"], and “api” is asked for.',
    "It says that it is “refresh”.",
  ];
  for (const said of inWords) assert.ok(words.includes(said), `${said}\n${words}`);
  assert.deepEqual(await kept(), ["It has the form of a signed token, in the one spelling there is."]);
  await look(page, "inspect-refused");
  watched.assertQuiet();
});

test("what else is asked of a token counts, and so do the defaults", { skip: browser.missing }, async (t) => {
  const token = signToken(claims({ aud: "api", exp: now() - 5, token_type: "refresh" }), KEY);
  const { page, paste, ask, check, says, codes, kept, verdict } = await opened(t, token);
  await page.getByLabel("Secret", { exact: true }).fill(KEY);
  await check();
  await verdict.getByText("It is genuine, signed with this secret (HS256), but it breaks 2 rules.").waitFor();
  assert.deepEqual(await codes(), ["expired", "wrong_kind"]);
  await ask({ Issuer: "x", Audience: "api", "Leeway in seconds": "300", "Kind of token": "refresh" });
  await says("Not checked");
  await check();
  await says("Verified");
  const held = (await kept()).join("\n");
  const said = ["It comes from “x” (iss).", "It is for “api” (aud).", "within the leeway (exp)", "(token_type): “refresh”"];
  for (const words of said) assert.ok(held.includes(words), held);
  await page.getByLabel("Leeway in seconds").fill("301");
  await page.getByText("What else to ask of it").click();
  await check();
  assert.equal(await page.evaluate(() => document.activeElement.id), "leeway", "the browser says what is wrong with it");
  await paste(signToken(claims(), KEY));
  await page.getByLabel("Leeway in seconds").fill("");
  await page.getByLabel("Kind of token").selectOption("sliding");
  await check();
  await says("Refused");
  assert.deepEqual(await codes(), ["wrong_audience", "missing_claim"]);
});

test("another token, another key or another rule makes a verdict void", { skip: browser.missing }, async (t) => {
  const { page, paste, ask, check, says } = await opened(t, signToken(claims(), KEY));
  const secret = page.getByLabel("Secret", { exact: true });
  const verified = async () => {
    await secret.fill(KEY);
    await check();
    await says("Verified");
  };
  await verified();
  await paste(signToken(claims({ sub: "eve" }), "another secret that is long enough"));
  await says("Not checked");
  await paste(signToken(claims(), KEY));
  await verified();
  await secret.fill("x");
  await says("Not checked");
  await verified();
  await ask({ Issuer: "x" });
  await says("Not checked");
});

test("a verified token that expires while one looks is refused", { skip: browser.missing }, async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.clock.install({ time: 1_800_000_000_000 });
  const { paste, check, says, codes, verdict } = await inspector(page, worker.url);
  await paste(signToken({ exp: 1_800_000_060 }, KEY));
  await page.getByLabel("Secret", { exact: true }).fill(KEY);
  await check();
  await says("Verified");
  await page.clock.runFor(60_000);
  await says("Refused");
  assert.deepEqual(await codes(), ["expired"]);
  await verdict.getByText("It is genuine, signed with this secret (HS256), but it breaks one rule.").waitFor();
});

test("when what checks cannot be loaded it is said, and the button tries again", { skip: browser.missing }, async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  const { paste, check, says, verdict } = await inspector(page, worker.url);
  await page.route("**/verify.wasm", (route) => route.abort());
  await paste(signToken(claims(), KEY));
  await verdict.getByText("The part of this page that checks tokens could not be loaded.").waitFor();
  await page.unroute("**/verify.wasm");
  await page.getByLabel("Secret", { exact: true }).fill(KEY);
  await says("Not checked");
  await check();
  await says("Verified");
});

test("keys that come after another token was pasted say nothing of it", { skip: browser.missing }, async (t) => {
  const { page, paste, address, check, says, verdict } = await opened(t, signed("ES256", claims(), { kid: "e1" }));
  let answer;
  await page.route("https://slow.example/jwks.json", async (route) => {
    await new Promise((resolve) => (answer = resolve));
    await route.fulfill({ headers: CORS, json: { keys: [publicJwk("ES256", { kid: "e1" })] } });
  });
  await address.fill("https://slow.example/jwks.json");
  const asked = page.waitForRequest("https://slow.example/jwks.json");
  await check();
  await asked;
  await page.getByRole("button", { name: "Checking…" }).waitFor();
  await paste(signed("ES256", claims({ exp: now() - 5 }), { kid: "e1" }));
  await says("Refused");
  const answered = page.waitForResponse("https://slow.example/jwks.json");
  answer();
  await (await answered).finished();
  await page.getByRole("button", { name: "Check the signature" }).waitFor();
  await verdict.getByText("It breaks one rule, whichever key signed it.").waitFor();
});

function pair(type, options) {
  return generateKeyPairSync(type, options);
}

function publicJwk(alg, members = {}) {
  return { ...keys[alg].publicKey.export({ format: "jwk" }), ...members };
}

/** A token signed with one of the keys. */
function signed(alg, payload, header = {}) {
  const input = rawToken(JSON.stringify({ alg, ...header }), JSON.stringify(payload));
  const key = { key: keys[alg].privateKey, dsaEncoding: "ieee-p1363", padding: alg === "RS256" ? constants.RSA_PKCS1_PADDING : undefined };
  return `${input}.${sign(alg === "EdDSA" ? null : "sha256", Buffer.from(input), key).toString("base64url")}`;
}

function folderOf(contents) {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(contents)) {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}
