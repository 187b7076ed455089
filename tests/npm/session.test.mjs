// A session, as a program uses it, against an issuer of plain JavaScript. What races is in session_renewal.test.mjs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test, { beforeEach } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { createSession, HallpassError, memoryStorage, SessionError } from "../../crates/verifier/js/session.js";
import { inProject } from "../../tools/project.mjs";
import { CREDENTIALS, FakeIssuer } from "../support/fake_issuer.mjs";

const MODULE = pathToFileURL(inProject("crates", "verifier", "dist", "session.js"));
const run = (program) => spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });

const INFO = "https://id.test/api/v1/users/info/";

let issuer;
let storage;
beforeEach(() => {
  issuer = new FakeIssuer();
  storage = memoryStorage();
});

const session = (options = {}) => createSession({ issuer: issuer.url, storage, fetch: issuer.fetch, ...options });

async function signedIn(options) {
  const one = session(options);
  await one.signIn(CREDENTIALS);
  return one;
}

const kept = () => JSON.parse(storage.read());
const offline = async () => {
  throw new TypeError("fetch failed");
};

test("whoever signs in has a token, claims and time, and is still signed in after the page was loaded again", async () => {
  const one = session();
  assert.deepEqual([one.state, one.claims, one.secondsLeft, one.end], ["signed_out", undefined, 0, undefined]);
  await one.signIn(CREDENTIALS);
  for (const page of [one, session()]) {
    assert.equal(page.state, "signed_in");
    assert.equal(page.claims.sub, "u7");
    // Of 300 seconds one may be gone by the issuer's clock, whose second began at any time.
    assert.ok(page.secondsLeft >= 297 && page.secondsLeft <= 299, page.secondsLeft);
    assert.equal(await page.accessToken(), kept().access);
  }
  assert.deepEqual(issuer.asked.map(({ path }) => path), ["/api/token/"]);
});

test("an account is made and signed in, and what is wrong with its fields is told as the issuer tells it", async () => {
  const one = session();
  await one.register({ ...CREDENTIALS, email: "new@example.com" });
  assert.equal(one.state, "signed_in");
  const error = await one.register(CREDENTIALS).catch((error) => error);
  assert.ok(error instanceof SessionError && error instanceof HallpassError && error instanceof Error);
  const { name, code, status, answer, reason } = error;
  const sentence = "user with this email already exists.";
  const told = { name: "HallpassError", code: "sign_in_refused", status: 400, answer: { email: [sentence] }, reason: sentence };
  assert.deepEqual({ name, code, status, answer, reason }, told);
  assert.equal(one.state, "signed_in");
});

test("a wrong password is told with its status, and changes nothing", async () => {
  const one = session();
  const wrong = one.signIn({ ...CREDENTIALS, password: "battery-staple" });
  const answer = { detail: "No active account found with the given credentials" };
  await assert.rejects(wrong, { code: "sign_in_refused", status: 401, answer });
  assert.equal(one.state, "signed_out");
});

test("whose password needs a code gets a challenge, and a session with the code", async () => {
  issuer.asksForCode = true;
  const one = session();
  const error = await one.signIn(CREDENTIALS).catch((error) => error);
  assert.ok(error instanceof SessionError);
  const { code, status, challenge, reason } = error;
  assert.deepEqual({ code, status, challenge, reason }, { code: "otp_required", status: 401, challenge: "c7", reason: "A code has been sent." });
  assert.equal(one.state, "signed_out");

  const wrong = one.signInWithCode({ challenge, code: "042138" });
  await assert.rejects(wrong, { code: "sign_in_refused", status: 401, reason: "The code is another one.", challenge: undefined });
  assert.equal(one.state, "signed_out");
  await one.signInWithCode({ challenge, code: "042137" });
  assert.equal(one.state, "signed_in");
  assert.equal(await one.accessToken(), kept().access);
  assert.deepEqual(JSON.parse(issuer.asked.at(-1).body), { challenge: "c7", code: "042137" });
});

test("an answer that no issuer gives is taken for none", async () => {
  const pages = [
    ["an error page", () => new Response("<h1>502</h1>", { status: 502 })],
    ["the page of a hotel", () => new Response("<h1>Welcome</h1>", { headers: { "content-type": "text/html" } })],
    ["a refusal without JSON", () => new Response("forbidden", { status: 403 })],
    ["half a pair", () => Response.json({ access: "a.b.c" })],
    ["something else", () => Response.json(null)],
    ["nothing", offline],
  ];
  for (const [name, fetch] of pages) {
    await assert.rejects(session({ fetch }).signIn(CREDENTIALS), { code: "issuer_unreachable" }, name);
    storage.write(null);
    const one = await signedIn();
    const [before, other] = [storage.read(), session({ fetch })];
    await assert.rejects(other.refresh(), { code: "issuer_unreachable" }, name);
    assert.equal(storage.read(), before, name);
    assert.equal(one.state, "signed_in", name);
  }
});

test("a token that is still good is handed out also when no newer one can be had", async () => {
  issuer.lifetime = 9;
  const one = await signedIn();
  issuer.before = offline;
  // Less is left of it than it should be sent with.
  issuer.skew = 7.5;
  storage.write(JSON.stringify({ ...kept(), ahead: 7500 }));
  assert.equal(await one.accessToken(), kept().access);
  storage.write(JSON.stringify({ ...kept(), ahead: 9500 }));
  await assert.rejects(one.accessToken(), { code: "issuer_unreachable" });
});

test("nobody gets a token who is not signed in, and is told so", async () => {
  const one = session();
  for (const ask of [() => one.accessToken(), () => one.refresh(), () => one.fetch(INFO), () => one.signOut({ everywhere: true })]) {
    await assert.rejects(ask(), { name: "HallpassError", code: "signed_out" });
  }
  assert.deepEqual(issuer.asked, []);
});

test("fetch sends the token to the issuer and to origins that are named, and asks nobody else", async () => {
  const seen = [];
  const fetch = async (request, init) => {
    if (!(request instanceof Request)) return issuer.fetch(request, init);
    seen.push([request.url, request.headers.get("authorization"), request.headers.get("x-mine")]);
    return new Response("ok");
  };
  const one = await signedIn({ fetch, origins: ["https://api.test"] });
  for (const url of [INFO, "https://api.test/x?y=1"]) {
    assert.equal(await (await one.fetch(url, { headers: { "x-mine": "1", authorization: "Basic eA==" } })).text(), "ok");
    assert.deepEqual(seen.pop(), [url, `Bearer ${kept().access}`, "1"]);
  }
  for (const url of ["https://evil.test/", "http://id.test/", "https://id.test:444/", "https://id.test.evil.test/"]) {
    await assert.rejects(one.fetch(url), { code: "origin_not_allowed" }, url);
  }
  assert.deepEqual(seen, []);
});

test("a 401 is answered by one refresh and one more try, with the same body", async () => {
  const one = await signedIn();
  const first = kept().access;
  const bodies = [];
  const api = async (request, init) => {
    if (!(request instanceof Request)) return issuer.fetch(request, init);
    bodies.push([request.method, await request.text()]);
    return request.headers.get("authorization") === `Bearer ${first}` ? new Response(null, { status: 401 }) : new Response("ok");
  };
  const page = session({ fetch: api });
  assert.equal(await (await page.fetch(INFO, { method: "POST", body: "a body" })).text(), "ok");
  assert.deepEqual(bodies, [["POST", "a body"], ["POST", "a body"]]);
  assert.equal(issuer.times("/api/token/refresh/"), 1);
  assert.notEqual(await one.accessToken(), first);
});

test("a 401 that a refresh does not cure is handed on, and the next ones cost no refresh", async () => {
  await signedIn();
  let asked = 0;
  const api = async (request, init) => {
    if (!(request instanceof Request)) return issuer.fetch(request, init);
    asked += 1;
    return Response.json({ detail: "not you" }, { status: 401 });
  };
  const page = session({ fetch: api });
  for (const times of [2, 3, 4]) {
    const answer = await page.fetch(INFO);
    assert.deepEqual([answer.status, await answer.json(), asked], [401, { detail: "not you" }, times]);
  }
  assert.equal(issuer.times("/api/token/refresh/"), 1);
});

test("what was incurable in one session is not taken for incurable in the next", async () => {
  const api = (request, init) => (request.url === "https://id.test/sick/" ? new Response(null, { status: 401 }) : issuer.fetch(request, init));
  const one = await signedIn({ fetch: api });
  assert.equal((await one.fetch("https://id.test/sick/")).status, 401);
  await one.signIn(CREDENTIALS);
  issuer.end("admin");
  assert.equal((await one.fetch(INFO)).status, 401);
  assert.equal(one.end?.reason, "admin");
});

test("when the issuer has ended the session, the refusal is handed on and the page is told why", async () => {
  for (const reason of ["reuse", "logout", "admin", "something of the future"]) {
    storage.write(null);
    const one = await signedIn();
    const changes = [];
    one.onChange(({ kind, here }) => changes.push([kind, here, one.state]));
    issuer.end(reason);
    assert.equal((await one.fetch(INFO)).status, 401);
    assert.equal(one.state, "ended");
    assert.equal(one.end.reason, reason);
    assert.ok(Math.abs(one.end.at - Date.now() / 1000) < 60);
    await assert.rejects(one.accessToken(), { code: "session_ended" });
    assert.deepEqual(changes, [["ended", true, "ended"]]);
    // Seen, and done with.
    await one.signOut();
    assert.deepEqual([one.state, one.end], ["signed_out", undefined]);
  }
});

test("signing out ends the session here and at the issuer, and here also when the issuer cannot be told", async () => {
  const one = await signedIn();
  const { sid } = one.claims;
  await one.signOut();
  assert.deepEqual([one.state, storage.read(), issuer.isAlive(sid)], ["signed_out", null, false]);
  await one.signOut();
  await one.signIn(CREDENTIALS);
  issuer.before = offline;
  await assert.rejects(one.signOut(), { code: "issuer_unreachable" });
  assert.deepEqual([one.state, storage.read()], ["signed_out", null]);
});

test("signing out everywhere asks the issuer first, and changes nothing if it cannot", async () => {
  const [one, elsewhere] = [await signedIn(), session({ storage: memoryStorage() })];
  await elsewhere.signIn(CREDENTIALS);
  issuer.before = offline;
  await assert.rejects(one.signOut({ everywhere: true }), { code: "issuer_unreachable" });
  assert.equal(one.state, "signed_in");
  issuer.before = async () => {};
  await one.signOut({ everywhere: true });
  assert.equal(one.state, "signed_out");
  assert.equal((await elsewhere.fetch(INFO)).status, 401);
  assert.equal(elsewhere.end.reason, "end_all");
});

test("who signs in while all sessions are being ended is signed out at the issuer as well as here", async () => {
  const [one, other] = [await signedIn(), session()];
  let sid;
  issuer.after = async (path) => {
    if (!path.endsWith("/reset-all-token/")) return;
    issuer.after = async () => {};
    await other.signIn(CREDENTIALS);
    sid = other.claims.sid;
  };
  await one.signOut({ everywhere: true });
  assert.deepEqual([one.state, issuer.isAlive(sid)], ["signed_out", false]);
});

test("signing out everywhere with a session that has ended says so, for the others live on", async () => {
  const one = await signedIn();
  issuer.end("logout");
  await assert.rejects(one.signOut({ everywhere: true }), { code: "session_ended" });
});

test("a pair from elsewhere begins a session, and the one that was here ends", async () => {
  const one = await signedIn();
  const { sid } = one.claims;
  const pair = issuer.open();
  one.begin(pair);
  assert.equal(await one.accessToken(), pair.access);
  await new Promise(setImmediate);
  assert.deepEqual([issuer.isAlive(sid), issuer.isAlive(one.claims.sid)], [false, true]);
  for (const wrong of [{}, { access: "a.b.c", refresh: "x" }, { access: pair.access }, { ...pair, access: "opaque" }]) {
    assert.throws(() => one.begin(wrong), { code: "malformed" }, inspect(wrong));
  }
  assert.equal(await one.accessToken(), pair.access);
});

test("a listener hears what happened until it has had enough", async () => {
  const one = session();
  const [heard, once] = [[], []];
  const enough = one.onChange(({ kind }) => once.push(kind) && enough());
  one.onChange(({ kind, here }) => heard.push([kind, here]));
  for (const step of [() => one.signIn(CREDENTIALS), () => one.refresh(), () => one.signOut()]) {
    await step();
    await new Promise(setImmediate);
  }
  assert.deepEqual(heard, [["signed_in", true], ["refreshed", true], ["signed_out", true]]);
  assert.deepEqual(once, ["signed_in"]);
  one.close();
  await one.signIn(CREDENTIALS);
  assert.equal(heard.length, 3);
});

test("a listener that throws harms neither the session nor other listeners, and its error is not swallowed", () => {
  const program = `
    process.on("uncaughtException", (error) => console.log("uncaught:", error.message));
    const { createSession, memoryStorage } = await import("${MODULE}");
    const one = createSession({ issuer: "https://id.test", storage: memoryStorage() });
    one.onChange(() => { throw new Error("of the listener"); });
    one.onChange(({ kind }) => console.log("heard:", kind));
    one.begin(${JSON.stringify(issuer.open())});
    console.log(one.state);`;
  const { stdout } = run(program);
  assert.equal(stdout, "signed_in\nuncaught: of the listener\nheard: signed_in\n");
});

test("an issuer that does not rotate refresh tokens is asked with the same one again", async () => {
  issuer.rotates = false;
  const one = await signedIn();
  const { access, refresh } = kept();
  for (let times = 1; times <= 3; times += 1) {
    await one.refresh();
    assert.equal(kept().refresh, refresh);
    assert.notEqual(kept().access, access);
    assert.equal(issuer.times("/api/token/refresh/"), times);
  }
});

test("an option that is missing, wrong or unknown is refused", () => {
  const wrong = [
    undefined, {}, { issuer: "id.test" }, { issuer: "ftp://id.test" }, { issuer: "https://u:p@id.test" }, { issuer: 7 },
    { issuer: "http://id.test" }, { issuer: "http://localhost.test" }, { origins: ["http://api.test"] }, { origins: ["null"] },
    { storage: {} }, { storage: null }, { origins: "https://api.test" }, { origins: ["api.test"] }, { origins: ["https://api.test/"] },
    { fetch: "fetch" }, { timeoutSeconds: 0 }, { timeoutSeconds: NaN }, { timeoutSeconds: 61 }, { isuer: "https://id.test" },
  ];
  for (const options of wrong) {
    const given = options && (Object.keys(options).length === 0 || "issuer" in options ? options : { issuer: "https://id.test", ...options });
    assert.throws(() => createSession(given), { name: "HallpassError", code: "bad_option" }, inspect(options));
  }
});

test("an issuer on this very machine needs no https", () => {
  for (const issuer of ["http://localhost:8787", "http://127.0.0.1:1", "http://[::1]/"]) {
    assert.equal(session({ issuer, origins: ["http://localhost:3000"] }).state, "signed_out");
  }
});

test("fetch is given up when its caller gives up, also while it waits for a token", async () => {
  issuer.lifetime = 9;
  const one = await signedIn();
  storage.write(JSON.stringify({ ...kept(), ahead: 9500 }));
  let letGo;
  issuer.before = () => new Promise((resolve) => (letGo = resolve));
  const giveUp = new AbortController();
  const outcome = assert.rejects(one.fetch(INFO, { signal: giveUp.signal }), { name: "AbortError" });
  await new Promise(setImmediate);
  giveUp.abort();
  await outcome;
  await assert.rejects(one.fetch(INFO, { signal: AbortSignal.abort() }), { name: "AbortError" });
  issuer.before = async () => {};
  letGo();
  assert.equal((await one.fetch(INFO)).status, 200);
});

test("what a program is shown it cannot change", async () => {
  const one = await signedIn();
  assert.throws(() => (one.claims.exp = 9e9), TypeError);
  issuer.end("admin");
  await assert.rejects(one.refresh());
  assert.throws(() => (one.end.reason = "logout"), TypeError);
});

test("an issuer may live under a path", async () => {
  const asked = [];
  const fetch = (url, init) => asked.push(url) && issuer.fetch(url.replace("/auth/", "/"), init);
  for (const url of ["https://id.test/auth", new URL("https://id.test/auth/?x=1#y")]) {
    const one = session({ issuer: url, fetch });
    await one.signIn(CREDENTIALS);
    await one.signOut();
    assert.deepEqual(asked.splice(0), ["https://id.test/auth/api/token/", "https://id.test/auth/api/token/blacklist/"]);
  }
});

test("no error holds any part of a token or a password", async () => {
  const one = await signedIn();
  const secrets = [kept().access, kept().refresh, CREDENTIALS.password];
  const errors = [];
  const note = (error) => errors.push(error);
  await one.signIn({ ...CREDENTIALS, email: "nobody@example.com" }).catch(note);
  issuer.before = offline;
  await one.refresh().catch(note);
  await one.fetch("https://evil.test").catch(note);
  issuer.before = async () => {};
  issuer.end("admin");
  await one.refresh().catch(note);
  assert.equal(errors.length, 4);
  for (const error of errors) for (const secret of secrets) assert.ok(!inspect(error, { depth: 9 }).includes(secret));
});

test("no error holds the tokens of an answer that is no pair", async () => {
  const one = await signedIn();
  const tokens = { access: "opaque-access", refresh: "opaque-refresh" };
  const renamed = { access_token: tokens.access, refresh_token: tokens.refresh };
  for (const answer of [tokens, renamed]) {
    for (const status of [200, 201]) {
      const other = session({ fetch: async () => Response.json(answer, { status }) });
      for (const ask of [() => other.signIn(CREDENTIALS), () => other.register(CREDENTIALS), () => other.refresh()]) {
        const error = await ask().catch((error) => error);
        assert.deepEqual([error.code, error.status], ["issuer_unreachable", status]);
        assert.doesNotMatch(inspect(error, { depth: 9 }), /opaque/);
      }
    }
  }
  assert.equal(one.state, "signed_in");
});

test("on a server the import and a session do nothing by themselves, and keep nothing running", () => {
  const program = `
    const before = Object.keys(globalThis).length;
    const { createSession } = await import("${MODULE}");
    const one = createSession({ issuer: "https://id.test" });
    console.log(one.state, one.secondsLeft, Object.keys(globalThis).length - before);`;
  const { status, stdout, stderr } = run(program);
  assert.deepEqual([status, stdout, stderr], [0, "signed_out 0 0\n", ""]);
});
