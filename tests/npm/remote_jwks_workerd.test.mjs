// The same on workerd, where I/O, timers and promises belong to the request that made them and end with it.

import assert from "node:assert/strict";
import { request } from "node:http";
import test from "node:test";
import { buildSync } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { inProject } from "../../tools/project.mjs";
import { set, startIssuer, status, until } from "../support/jwks_issuer.mjs";

const WORKER = `
  import { RemoteJwks } from "./remote_jwks.js";
  let remote, now = Date.UTC(2030, 0, 1);
  const acts = {
    make: ({ url }) => void (remote = new RemoteJwks({ url, timeoutSeconds: 2 }, { accept: JSON.parse, clock: () => now })),
    pass: ({ seconds }) => void (now += seconds * 1000),
    ready: () => remote.ready(),
    look: ({ kid }) => remote.lookAgain(kid),
  };
  export default {
    async fetch(request) {
      const { act, ...details } = Object.fromEntries(new URL(request.url).searchParams);
      try {
        return Response.json({ value: await acts[act](details) });
      } catch (error) {
        return Response.json({ reason: error.reason ?? String(error) });
      }
    },
  };
`;

async function startOnWorkerd(t, compatibilityDate) {
  const stdin = { contents: WORKER, resolveDir: inProject("crates/verifier/js") };
  const script = buildSync({ stdin, bundle: true, format: "esm", write: false }).outputFiles[0].text;
  const workers = [{ name: "verifier", compatibilityDate, modules: true, script }];
  const options = { host: "127.0.0.1", port: 0, cf: false, telemetry: { enabled: false }, workers };
  const miniflare = new Miniflare(convertV4MiniflareOptions(options));
  t.after(() => miniflare.dispose());
  const { href } = await miniflare.ready;
  const urlOf = (act, details) => `${href}?${new URLSearchParams({ act, ...details })}`;
  return {
    call: async (act, details) => (await fetch(urlOf(act, details))).json(),
    /** Makes a call and breaks it off once `isUnderWay`. */
    async breakOff(act, isUnderWay) {
      const call = request(urlOf(act), { agent: false }).on("error", () => {}).end();
      await until(isUnderWay);
      // A connection that is only closed might still be read from.
      call.socket.resetAndDestroy();
    },
  };
}

/** Answers nothing; counts how many requests were given up by the other side. */
function hanging(issuer) {
  issuer.givenUp = 0;
  return (_request, response) => response.on("close", () => issuer.givenUp++);
}

// The first is before, the second after continuations of other requests' promises were moved to the right request.
for (const date of ["2022-03-01", "2026-01-01"]) {
  test(`on workerd as of ${date}, a cancelled request's fetch ends with it, and others do not wait for ever`, async (t) => {
    const issuer = await startIssuer(t);
    issuer.answer = hanging(issuer);
    const { call, breakOff } = await startOnWorkerd(t, date);
    await call("make", { url: issuer.url });
    await breakOff("ready", () => issuer.requests.length === 1);
    await until(() => issuer.givenUp === 1);

    issuer.answer = set(["a"]);
    assert.deepEqual(await Promise.all(Array.from({ length: 5 }, () => call("ready"))), Array(5).fill({}));
    assert.equal(issuer.requests.length, 2);

    // While an outdated set's fetch goes that way, the set is used.
    await call("pass", { seconds: 600 });
    issuer.answer = hanging(issuer);
    await breakOff("ready", () => issuer.requests.length === 3);
    assert.deepEqual(await call("ready"), {});
  });
}

test("on workerd requests that are made at the same time share a fetch, whatever comes of it", async (t) => {
  const issuer = await startIssuer(t);
  const { call } = await startOnWorkerd(t, "2026-01-01");
  const ANSWERS = [
    [set(["a"]), undefined],
    [status(500), "answered 500"],
    [(_request, response) => response.writeHead(302, { location: "/elsewhere" }).end(), "answered 302"],
    [(_request, response) => response.end(Buffer.alloc(10_000_000, " ")), "the answer is over 256 KiB"],
    [hanging(issuer), "timed out after 2 s"],
  ];
  for (const [answer, reason] of ANSWERS) {
    await call("make", { url: issuer.url });
    const before = issuer.requests.length;
    issuer.answer = answer;
    const expected = reason ? { reason: `no JWK set from ${issuer.url}: ${reason}` } : {};
    // The clock stands still: after a failure it is nobody's turn to try again.
    assert.deepEqual(await Promise.all(Array.from({ length: 20 }, () => call("ready"))), Array(20).fill(expected));
    assert.equal(issuer.requests.length, before + 1);
  }
});

test("on workerd a newer set comes for an unknown kid", async (t) => {
  const issuer = await startIssuer(t);
  const { call } = await startOnWorkerd(t, "2026-01-01");
  await call("make", { url: issuer.url });
  await call("ready");
  await call("pass", { seconds: 30 });
  issuer.answer = set(["a", "b"]);
  assert.deepEqual(await call("look", { kid: "b" }), { value: true });
  assert.deepEqual(await call("look", { kid: "c" }), { value: false });
  assert.equal(issuer.requests.length, 2);
});
