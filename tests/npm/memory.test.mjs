// WebAssembly's memory never shrinks, so whatever is not given back there is lost for as long as the process lives.

import assert from "node:assert/strict";
import test from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

// The package shows its memory to nobody: it is seen where every instance is made.
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    memories.push(this.exports.memory);
  }
};
const { decode, HallpassError, Verifier } = await import("../../crates/verifier/dist/index.js");

const NOW = 1_800_000_000;
const now = () => NOW;
const SECRET = "a shared secret of at least thirty-two bytes";
const CLAIMS = { sub: "u7", sid: "5e55", jti: "00000000d6a1e6ad", token_type: "access", iat: NOW - 5, exp: NOW + 300 };
const LONG = { ...CLAIMS, roles: Array.from({ length: 200 }, (_, place) => `role ${place}`) };

const sign = (claims = CLAIMS, key = new TextEncoder().encode(SECRET), header = { alg: "HS256" }) =>
  new SignJWT(claims).setProtectedHeader(header).sign(key);
const keyOf = async (alg, kid = "k") => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), alg, kid } };
};

/** Bytes of the one memory there is: after a trap there would be a second one, with everything forgotten. */
function size() {
  assert.equal(memories.length, 1, "there is one instance");
  return memories[0].buffer.byteLength;
}

/** Does it a thousand times, and then as many times as is said, which may take no memory. */
async function staysTheSame(times, act) {
  for (let turn = 0; turn < 1000; turn += 1) await act(turn);
  const before = size();
  // Whoever need not wait is not made to: it would take twice the time.
  if (act(0) instanceof Promise) for (let turn = 0; turn < times; turn += 1) await act(turn);
  else for (let turn = 0; turn < times; turn += 1) act(turn);
  assert.equal(size(), before);
}

function fails(act, code) {
  try {
    act();
  } catch (error) {
    if (error instanceof HallpassError && error.code === code) return;
    throw error;
  }
  assert.fail(`not refused; ${code} was expected`);
}

test("a million tokens are verified in the memory that a thousand took", async () => {
  const verifier = new Verifier({ secret: SECRET, now });
  const token = await sign();
  await staysTheSame(1_000_000, () => verifier.verifySync(token));
});

test("so are tokens of Ed25519, and those whose signature WebCrypto checks", async () => {
  const edwards = await keyOf("EdDSA");
  const curve = await keyOf("ES256");
  const [ofEdwards, ofCurve] = [edwards, curve].map(({ jwk }) => new Verifier({ jwks: { keys: [jwk] }, now }));
  const [one, other] = [await sign(CLAIMS, edwards.privateKey, { alg: "EdDSA" }), await sign(CLAIMS, curve.privateKey, { alg: "ES256" })];
  await staysTheSame(20_000, () => ofEdwards.verifySync(one));
  await staysTheSame(10_000, () => ofCurve.verify(other));
});

test("tokens that are long, or read only, take none either", async () => {
  const verifier = new Verifier({ secret: SECRET, now });
  const long = await sign(LONG);
  await staysTheSame(20_000, (turn) => (turn % 2 ? verifier.verifySync(long) : decode(long)));
});

test("nor do tokens that are refused, for whatever reason", async () => {
  const verifier = new Verifier({ secret: SECRET, now, issuer: "https://id.example.com" });
  const good = await sign();
  const refused = [
    ["wrong_issuer", good],
    ["expired", await sign({ ...CLAIMS, exp: NOW })],
    ["bad_signature", `${good.slice(0, -2)}AA`],
    ["bad_signature", await sign(LONG, new TextEncoder().encode(SECRET.toUpperCase()))],
    ["wrong_form", await sign({ ...CLAIMS, exp: "soon" })],
    ["malformed", good.slice(0, -80)],
    ["malformed", `${good} `],
    ["malformed", "x".repeat(100_000)],
    ["malformed", ""],
  ];
  await staysTheSame(90_000, (turn) => {
    const [code, token] = refused[turn % refused.length];
    fails(() => verifier.verifySync(token), code);
  });
});

test("nor do tokens that are explained", async () => {
  const verifier = new Verifier({ secret: SECRET, now, issuer: "https://id.example.com", audience: "api" });
  const tokens = [await sign({ ...LONG, exp: NOW - 1, iat: NOW + 500 }), "no token", await sign()];
  await staysTheSame(30_000, (turn) => verifier.explain(tokens[turn % tokens.length]));
});

test("ten thousand verifiers, made and dropped, take what a thousand did", async () => {
  const jwks = { keys: [(await keyOf("EdDSA", "one")).jwk, (await keyOf("RS256", "two")).jwk] };
  const token = await sign();
  await staysTheSame(10_000, (turn) => {
    if (turn % 2) return void new Verifier({ jwks, now, issuer: "https://id.example.com" });
    new Verifier({ secret: SECRET, now }).verifySync(token);
  });
});

// Otherwise all of this might look at a memory that is none.
test("what is kept does show", async () => {
  const before = size();
  const { jwk } = await keyOf("EdDSA");
  const keys = Array.from({ length: 5000 }, (_, place) => ({ ...jwk, kid: `key ${place}` }));
  const verifier = new Verifier({ jwks: { keys }, now });
  assert.deepEqual(verifier.unusableKeys, []);
  assert.ok(size() > before, "5000 keys take memory");
});
