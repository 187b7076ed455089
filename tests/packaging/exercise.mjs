// What everybody who uses the package does with it, in words that every runtime understands: no import of Node's, no test runner.

import { ES256, EXPIRES_AT, HS256, JWKS, NOW, SECRET } from "./rfc7515.mjs";

const MALFORMED = "not.a.token";
const now = () => NOW;

/** Prints `hallpass: ok`, or what went wrong. */
export function report(outcome) {
  return outcome.then(
    (text) => console.log(`hallpass: ${text}`),
    (error) => console.log(`hallpass: failed: ${error?.stack ?? error}`),
  );
}

/** `hallpass`, `hallpass/edge` and `hallpass/session`; resolves to "ok". */
export async function exercise({ createGuard, createSession, ...hallpass }) {
  exerciseDecode(hallpass);
  const { Verifier } = hallpass;

  const shared = new Verifier({ secret: SECRET, now });
  same("verifySync", shared.verifySync(HS256).claims.iss, "joe");
  same("verify with a secret", (await shared.verify(HS256)).claims.exp, EXPIRES_AT);
  same("verifySync of a bad token", codeOf(hallpass, () => shared.verifySync(MALFORMED)), "malformed");
  same("verifySync of another's token", codeOf(hallpass, () => shared.verifySync(HS256.replace(".dBj", ".dBk"))), "bad_signature");

  const published = new Verifier({ jwks: JWKS, now });
  same("verify with a JWK set", (await published.verify(ES256)).header.alg, "ES256");
  same("verify of a bad token", await laterCodeOf(hallpass, () => published.verify(MALFORMED)), "malformed");

  const guard = createGuard({ verifier: shared, blacklist: { get: async () => null } });
  same("the guard", (await guard(new Request("http://127.0.0.1/"))).status, 401);

  const session = createSession({ issuer: "https://id.example.com" });
  same("a session", session.state, "signed_out");
  same("a session's token", await laterCodeOf(hallpass, () => session.accessToken()), "signed_out");
  session.close();
  return "ok";
}

/** `hallpass/decode`, and what of it `hallpass` has as well. */
export function exerciseDecode({ decode, expiresAt, isExpired, secondsLeft, HallpassError }) {
  same("decode", decode(ES256).header.alg, "ES256");
  same("decode", decode(HS256).claims["http://example.com/is_root"], true);
  same("expiresAt", expiresAt(HS256), EXPIRES_AT);
  same("isExpired", isExpired(HS256, { now: NOW }), false);
  same("isExpired by the clock", isExpired(HS256), true);
  same("secondsLeft", secondsLeft(HS256, { now: NOW }), 1);
  same("decode of a bad token", codeOf({ HallpassError }, () => decode(MALFORMED)), "malformed");
}

/** What becomes of every call where the WebAssembly cannot be had: its code and reason each, by name. */
export async function refusals({ decode, expiresAt, isExpired, secondsLeft, Verifier, HallpassError }) {
  const calls = {
    decode: () => decode(HS256),
    expiresAt: () => expiresAt(HS256),
    isExpired: () => isExpired(HS256),
    secondsLeft: () => secondsLeft(HS256),
    // A build without them has no Verifier.
    ...(Verifier && {
      verifySync: () => new Verifier({ secret: SECRET, now }).verifySync(HS256),
      verify: () => new Verifier({ jwks: JWKS, now }).verify(ES256),
      explain: () => new Verifier({ jwks: JWKS, now }).explain(ES256),
    }),
  };
  const found = {};
  for (const [name, call] of Object.entries(calls)) {
    try {
      found[name] = `worked: ${JSON.stringify(await call())}`;
    } catch (error) {
      found[name] = error instanceof HallpassError ? `${error.code}: ${error.reason}` : `not ours: ${error}`;
    }
  }
  return found;
}

function same(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

/** The code of what `call` throws, which has to be the package's own error. */
function codeOf({ HallpassError }, call) {
  try {
    call();
  } catch (error) {
    if (error instanceof HallpassError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

async function laterCodeOf(hallpass, call) {
  const result = await call().then(
    () => () => {},
    (error) => () => {
      throw error;
    },
  );
  return codeOf(hallpass, result);
}
