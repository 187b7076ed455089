// Answers that bring no JWK set, or none in time, and options that cannot be meant. Whatever the other side does costs
// a bounded time and a bounded number of bytes.

import assert from "node:assert/strict";
import test, { after } from "node:test";
import { HallpassError } from "../../crates/verifier/js/errors.js";
import { fakeFetch, remoteWith, set, setOf, startIssuer, status, unhandledRejections, until } from "../support/jwks_issuer.mjs";

const unhandled = unhandledRejections();
after(async () => assert.deepEqual(await unhandled(), []));

const KIB = 1024;
const body = (...parts) => (_request, response) => {
  for (const part of parts) response.write(part);
  response.end();
};
const never = () => new Promise(() => {});

/** A set of so many bytes. */
const sized = (bytes) => setOf("a").padEnd(bytes);

async function failure(remote) {
  try {
    await remote.ready();
  } catch (error) {
    assert.ok(error instanceof HallpassError);
    assert.equal(error.code, "jwks_unavailable");
    assert.ok(error.cause instanceof Error, "it has a cause");
    return error;
  }
  throw new assert.AssertionError({ message: "there is a set" });
}

const BAD_ANSWERS = {
  "status 500": [status(500), "answered 500"],
  "status 404": [status(404), "answered 404"],
  "status 204": [status(204), "answered 204"],
  "status 203 with a set": [(_request, response) => response.writeHead(203).end(setOf("a")), "answered 203"],
  "an empty body": [body(), "the answer is no JWK set"],
  "what is no JSON": [body("<!doctype html>"), "the answer is no JWK set"],
  "JSON that is no JWK set": [body('{"error":"gone"}'), "the answer is no JWK set"],
  "bytes that are no UTF-8": [body('{"keys":[],"x":"', Buffer.from([0xc3, 0x28]), '"}'), "the answer is not UTF-8"],
  "UTF-8 that ends within a character": [body('{"keys":[]}', Buffer.from([0xe2, 0x82])), "the answer is not UTF-8"],
  "10 MB": [body(Buffer.alloc(10_000_000, " ")), "the answer is over 256 KiB"],
  "a byte over 256 KiB": [body(sized(256 * KIB + 1)), "the answer is over 256 KiB"],
  "a connection that is closed": [(request) => request.socket.destroy(), "could not be reached"],
  "a body that breaks off": [
    (_request, response) => response.writeHead(200, { "content-length": 1000 }).write(setOf("a"), () => response.destroy()),
    "the answer broke off",
  ],
};

for (const [what, [answer, reason]] of Object.entries(BAD_ANSWERS)) {
  test(`${what}: the fetch has failed, and the set that is there stays`, async (t) => {
    const issuer = await startIssuer(t, answer);
    const fresh = remoteWith({ url: issuer.url, timeoutSeconds: 60 });
    assert.equal((await failure(fresh.remote)).reason, `no JWK set from ${issuer.url}: ${reason}`);

    issuer.answer = set(["a"]);
    const { remote, taken, pass } = remoteWith({ url: issuer.url, timeoutSeconds: 60 });
    await remote.ready();
    issuer.answer = answer;
    pass(600);
    await remote.ready();
    assert.equal(issuer.requests.length, 3);
    assert.equal(remote.available, true);
    assert.deepEqual(taken, [setOf("a")]);
  });
}

test("a set of 256 KiB is taken", async (t) => {
  const issuer = await startIssuer(t, body(sized(256 * KIB)));
  const { remote, taken } = remoteWith({ url: issuer.url });
  await remote.ready();
  assert.deepEqual(taken, [sized(256 * KIB)]);
});

test("a set is taken in whatever pieces it comes, without its byte order mark", async () => {
  const text = setOf("clé", "鍵", "🔑");
  const pieces = [...new TextEncoder().encode(`\uFEFF${text}`)].map((byte) => new Uint8Array([byte]));
  const { remote, taken } = remoteWith({ fetch: fakeFetch(() => new Response(ReadableStream.from(pieces))).fetch });
  await remote.ready();
  assert.deepEqual(taken, [text]);
});

test("a redirect is not followed", async (t) => {
  const other = await startIssuer(t);
  const issuer = await startIssuer(t, (_request, response) => response.writeHead(302, { location: other.url }).end());
  const { remote } = remoteWith({ url: issuer.url });
  assert.match((await failure(remote)).reason, /: answered 302$/);
  assert.equal(other.requests.length, 0);
  // As a browser has it.
  const { remote: inBrowser } = remoteWith({ fetch: fakeFetch(() => Response.error()).fetch });
  assert.match((await failure(inBrowser)).reason, /: answered with a redirect$/);
});

test("an endless answer is read no further than the limit, and its connection is closed", async (t) => {
  let closed = false;
  const issuer = await startIssuer(t, (_request, response) => {
    const more = () => {
      while (!closed && response.write(Buffer.alloc(16 * KIB, " ")));
    };
    response.on("drain", more).on("close", () => (closed = true));
    more();
  });
  const { remote } = remoteWith({ url: issuer.url, timeoutSeconds: 60 });
  assert.match((await failure(remote)).reason, /: the answer is over 256 KiB$/);
  await until(() => closed);
});

test("a stream is given up at the limit, also one of empty pieces", async () => {
  for (const [bytes, most] of [[KIB, 257 + 2], [0, 256 * KIB + 2]]) {
    let pieces = 0;
    let given = false;
    const stream = new ReadableStream({
      pull(controller) {
        pieces++;
        controller.enqueue(new Uint8Array(bytes));
      },
      cancel: () => void (given = true),
    });
    const { remote } = remoteWith({ fetch: fakeFetch(() => new Response(stream)).fetch, timeoutSeconds: 60 });
    assert.match((await failure(remote)).reason, /: the answer is over 256 KiB$/);
    assert.equal(given, true);
    assert.ok(pieces <= most, `${pieces} pieces were asked for`);
  }
});

const HANGING = {
  "a server that does not answer": () => {},
  "a server that sends headers and no body": (_request, response) => response.writeHead(200).flushHeaders(),
  "a body that comes drop by drop": (_request, response) => {
    const drops = setInterval(() => response.write(" "), 5);
    response.on("close", () => clearInterval(drops));
  },
};

for (const [what, answer] of Object.entries(HANGING)) {
  test(`${what}: the fetch has failed after timeoutSeconds, and the connection is closed`, async (t) => {
    let closed = false;
    const issuer = await startIssuer(t, (request, response) => {
      response.on("close", () => (closed = true));
      answer(request, response);
    });
    const { remote } = remoteWith({ url: issuer.url, timeoutSeconds: 0.2 });
    assert.match((await failure(remote)).reason, /: timed out after 0\.2 s$/);
    // Under load it may have been over before the connection was there.
    await until(() => closed || issuer.requests.length === 0);
  });
}

test("the timeout does not depend on a fetch or a stream that heeds its signal", async () => {
  let given = 0;
  const silent = () => new ReadableStream({ pull: never, cancel: () => void given++ });
  const late = Promise.withResolvers();
  for (const answer of [never, () => new Response(silent()), () => late.promise]) {
    const { remote, taken } = remoteWith({ fetch: fakeFetch(answer).fetch, timeoutSeconds: 0.05 });
    assert.match((await failure(remote)).reason, /: timed out after 0\.05 s$/);
    assert.deepEqual(taken, []);
  }
  assert.equal(given, 1);
  // What comes too late is not read either, whatever its status.
  late.resolve(new Response(silent()));
  await until(() => given === 2);
});

test("a refused answer is not read", async () => {
  let given = false;
  const stream = new ReadableStream({ cancel: () => void (given = true) });
  const { remote } = remoteWith({ fetch: fakeFetch(() => new Response(stream, { status: 500 })).fetch });
  await failure(remote);
  assert.equal(given, true);
});

test("no reason names the query of the URL", async () => {
  const fetch = (url) => Promise.reject(new Error(`cannot ask ${url}`));
  const { remote } = remoteWith({ url: "https://issuer.example/jwks.json?key=hush#hush", fetch });
  const { message, reason, cause } = await failure(remote);
  assert.equal(reason, "no JWK set from https://issuer.example/jwks.json: could not be reached");
  assert.equal(message, reason);
  assert.match(cause.message, /^cannot ask/);
});

test("a fetch is called as a function, with the URL as text and nothing that workerd does not know", async () => {
  let seen;
  const { remote } = remoteWith({
    url: new URL("issuer://keys/?set=1"),
    fetch(...request) {
      seen = { self: this, request };
      return Promise.resolve(new Response(setOf("a")));
    },
  });
  await remote.ready();
  const [url, { signal, ...init }] = seen.request;
  assert.equal(seen.self, undefined);
  assert.equal(url, "issuer://keys/?set=1");
  assert.deepEqual(init, { headers: { accept: "application/json" }, redirect: "manual" });
  assert.ok(signal instanceof AbortSignal);
});

test("a fetch that throws, and one that resolves to nothing, have failed", async () => {
  for (const fetch of [() => { throw new TypeError("no"); }, () => undefined]) {
    await failure(remoteWith({ fetch }).remote);
  }
});

const fetch = () => new Response(setOf("a"));
const BAD_OPTIONS = [
  ["jwksUrl", { url: null }, { url: "" }, { url: "/jwks.json" }, { url: "http://issuer.example/" }, { url: "ftp://localhost/" }],
  ["jwksUrl", { url: "http://127.0.0.1.example/" }, { url: "http://localhost.example/" }, { url: "http://nolocalhost/" }],
  ["jwksUrl", { url: "https://hush@issuer.example/" }, { url: "https://:hush@issuer.example/", fetch }],
  ["jwksUrl", { url: "http://hush hush/?hush" }, { url: "hush", fetch }],
  ["fetch", { fetch: null }, { fetch: "fetch" }],
  ["cacheSeconds", { cacheSeconds: -1 }, { cacheSeconds: 86_401 }, { cacheSeconds: "600" }, { cacheSeconds: null }],
  ["cooldownSeconds", { cooldownSeconds: NaN }, { cooldownSeconds: Infinity }, { cooldownSeconds: 30n }],
  ["timeoutSeconds", { timeoutSeconds: 0 }, { timeoutSeconds: 60.1 }],
  ["staleSeconds", { staleSeconds: -0.1 }, { staleSeconds: 604_801 }],
];

test("options that cannot be meant are refused by name, and no secret of the URL's is told", () => {
  for (const [name, ...cases] of BAD_OPTIONS) {
    for (const options of cases) {
      assert.throws(
        () => remoteWith(options),
        (error) => {
          assert.ok(error instanceof HallpassError);
          assert.deepEqual([error.code, error.cause], ["bad_option", undefined]);
          assert.match(error.reason, new RegExp(`^\`${name}\` (has to|must)`));
          assert.doesNotMatch(error.stack, /hush/);
          return true;
        },
      );
    }
  }
});

test("https, http on this machine, and anything that is fetched in a way of its own are taken", () => {
  for (const url of ["https://issuer.example", "http://localhost:8787/", "http://127.0.0.1/", "http://[::1]:1/"]) {
    remoteWith({ url });
  }
  for (const url of ["http://issuer.example/", "issuer:keys"]) remoteWith({ url, fetch });
  remoteWith({ url: "https://issuer.example/", cacheSeconds: 0, cooldownSeconds: 0, timeoutSeconds: 0.001, staleSeconds: 0 });
});
