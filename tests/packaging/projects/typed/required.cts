// CommonJS: since TypeScript 5.8 `require` of an ES module has its types, as Node.js has it since 20.19.

import hallpass = require("hallpass");
import small = require("hallpass/decode");

const verifier: hallpass.Verifier = new hallpass.Verifier({ secret: "a secret of thirty-two characters" });
const claims: small.Claims = small.decode("a token").claims;
verifier.verifySync(claims.jti ?? "");
// @ts-expect-error no such name
hallpass.default;
