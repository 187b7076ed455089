import { fileURLToPath } from "node:url";
import { findPython } from "../../../tools/python.mjs";
import { ALGORITHMS } from "../keys.mjs";
import { Lines } from "./lines.mjs";

const PROGRAM = fileURLToPath(new URL("pyjwt_peer.py", import.meta.url));
const python = findPython();

export default {
  name: "PyJWT",
  algorithms: ALGORITHMS,
  missing: python ? false : "no Python with PyJWT on this machine",
  open() {
    const lines = new Lines(python, [PROGRAM]);
    return {
      sign: ({ jwk, algorithm: alg }, header, claims) => lines.must({ do: "sign", alg, jwk, header, claims }),
      verify: ({ publicJwk: jwk, algorithm: alg }, token) => lines.must({ do: "verify", alg, jwk, token }),
      close: () => lines.close(),
    };
  },
};
