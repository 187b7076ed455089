import { testPackage } from "../../../tools/packages.mjs";
import { ALGORITHMS } from "../keys.mjs";

export default {
  name: "fast-jwt",
  algorithms: ALGORITHMS,
  missing: false,
  open() {
    const { createSigner, createVerifier } = testPackage("fast-jwt");
    return {
      sign: async ({ algorithm, secret, pem }, { alg, ...header }, claims) =>
        createSigner({ key: secret ?? pem, algorithm, header: { ...header, alg } })(claims),
      verify: async ({ algorithm, secret, publicPem }, token) =>
        createVerifier({ key: secret ?? publicPem, algorithms: [algorithm], cache: false })(token),
      close: () => {},
    };
  },
};
