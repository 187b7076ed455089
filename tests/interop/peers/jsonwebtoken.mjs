import { execFileSync } from "node:child_process";
import { inProject, project } from "../../../tools/project.mjs";
import { ALGORITHMS } from "../keys.mjs";
import { Lines } from "./lines.mjs";

/** The program of ../rust, built: it asks jsonwebtoken, and the core in Rust. */
export function openRust() {
  execFileSync("cargo", ["build", "--locked", "--quiet", "-p", "hallpass-interop"], {
    cwd: project,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Lines(inProject("target", "debug", "hallpass-interop"), []);
}

const bytes = ({ secret, der }) => (secret ?? der).toString("base64url");

export default {
  name: "jsonwebtoken",
  // It knows no curve of 521 bits.
  algorithms: ALGORITHMS.filter((algorithm) => algorithm !== "ES512"),
  missing: false,
  open() {
    const rust = openRust();
    return {
      sign: (key, header, claims) => rust.must({ do: "sign", alg: key.algorithm, key: bytes(key), header, claims }),
      verify: ({ publicJwk: jwk, algorithm: alg }, token) => rust.must({ do: "verify", alg, jwk, token }),
      close: () => rust.close(),
    };
  },
};
