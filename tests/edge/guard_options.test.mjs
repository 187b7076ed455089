// Making a guard: what is wrong with its options is said at once.

import assert from "node:assert/strict";
import test from "node:test";
import { createGuard } from "../../crates/verifier/js/guard.js";
import { assertBadOption, FakeKv, fakeVerifier } from "../support/guarded.mjs";

const verifier = fakeVerifier();
const blacklist = new FakeKv();
const binding = { fetch: async () => new Response() };
const introspection = { url: "https://id.example/oauth/introspect", clientId: "gate", clientSecret: "the gate's secret" };

const bad = (options, pattern) => assertBadOption(() => createGuard(options), pattern);

test("a guard is made of a verifier and of somebody who knows what was called back", () => {
  for (const options of [
    { blacklist },
    { strict: binding },
    { strict: introspection },
    { strict: { ...introspection, url: new URL(introspection.url) } },
    { blacklist, strict: binding, strictFor: () => true },
    { blacklist, cacheSeconds: 0, onKvError: "open", realm: "api" },
    { blacklist, cacheSeconds: 300, onKvError: "closed" },
    { blacklist, cacheSeconds: undefined, onKvError: undefined, strictFor: undefined, realm: undefined },
  ]) {
    assert.equal(typeof createGuard({ verifier, ...options }), "function");
  }
});

test("without a verifier there is no guard", () => {
  for (const options of [undefined, null, "options"]) bad(options, /object of options/);
  for (const none of [undefined, null, {}, { verify: async () => ({}) }]) bad({ verifier: none, blacklist }, /no Verifier/);
});

test("a verifier with a leeway for which revocations are not kept is refused", () => {
  assert.ok(createGuard({ verifier: fakeVerifier({ leeway: 300 }), blacklist }));
  for (const leeway of [301, NaN]) bad({ verifier: fakeVerifier({ leeway }), blacklist }, /leeway over 300/);
});

test("a guard that would know nothing of revocations is refused, also where a binding is missing", () => {
  bad({ verifier }, /blacklist or strict is needed/);
  bad({ verifier, blacklist: undefined }, /blacklist is undefined/);
  bad({ verifier, blacklist: undefined, strict: binding }, /blacklist is undefined/);
  bad({ verifier, blacklist, strict: undefined }, /strict is undefined/);
  for (const none of [null, {}, "BLACKLIST"]) bad({ verifier, blacklist: none }, /no KV namespace/);
  for (const none of [null, {}, "ISSUER", { fetch: "no" }]) bad({ verifier, strict: none }, /neither a service binding/);
  bad({ verifier, blacklist, strictFor: () => true }, /strictFor needs strict/);
});

test("values that are not allowed are refused", () => {
  for (const cacheSeconds of [-1, 300.1, NaN, Infinity, "10", null]) bad({ verifier, blacklist, cacheSeconds }, /cacheSeconds/);
  for (const onKvError of ["Open", "", null, true]) bad({ verifier, blacklist, onKvError }, /onKvError/);
  for (const realm of ["", "a\nb", "ü", 5, null]) bad({ verifier, blacklist, realm }, /realm/);
  bad({ verifier, blacklist, strict: binding, strictFor: true }, /strictFor is no function/);
});

test("an option that there is not is refused by its name", () => {
  bad({ verifier, blacklist, cacheSecond: 5 }, /unknown option 'cacheSecond'/);
  bad({ verifier, strict: { ...introspection, clientID: "gate" } }, /unknown option of strict 'clientID'/);
});

test("an introspection needs a client, and a place where its secret is safe", () => {
  const strict = (changes) => ({ verifier, strict: { ...introspection, ...changes } });
  for (const changes of [{ clientId: undefined }, { clientId: "" }, { clientSecret: undefined }, { clientSecret: 5 }]) {
    bad(strict(changes), /clientId or clientSecret/);
  }
  bad(strict({ fetch: "no" }), /strict\.fetch/);
  const bare = ["http://id.example/", "http://localhost.example/", "ftp://id.example/", "https://a:b@id.example/"];
  for (const url of ["", "/oauth/introspect", ...bare]) bad(strict({ url }), /strict\.url/);
  const here = ["http://localhost:8787/", "http://127.0.0.1:8787/", "http://[::1]:8787/"];
  for (const url of here) assert.ok(createGuard(strict({ url })));
  assert.ok(createGuard(strict({ url: "http://hallpass/", fetch: binding.fetch })));
});

// As those of workerd are, for calls by name.
test("a service binding that has a function under every name is one", () => {
  const everything = new Proxy(() => {}, { get: () => () => {} });
  assert.ok(createGuard({ verifier, strict: everything }));
});

test("what is said of a bad option does not hold the client's secret", () => {
  for (const changes of [{ url: "http://id.example" }, { clientId: "" }, { fetch: 5 }, { more: 1 }]) {
    bad({ verifier, strict: { ...introspection, ...changes } }, /^(?!.*the gate's)/);
  }
});
