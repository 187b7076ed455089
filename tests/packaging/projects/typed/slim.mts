// `hallpass/slim`

import { Verifier, decode, provide } from "hallpass/slim";
import { Verifier as WithWasm } from "hallpass";

provide(new Uint8Array(8));
provide(new ArrayBuffer(8));
provide(new DataView(new ArrayBuffer(8)));
export const verifier: WithWasm = new Verifier({ secret: "a secret of thirty-two characters" });
export const alg: string = decode("a token").header.alg;

// @ts-expect-error an address is not what is there
provide("verify.wasm");
// @ts-expect-error nor is an answer
provide(fetch("verify.wasm"));
// @ts-expect-error the others have it inside
import { provide as none } from "hallpass";

export type Unused = typeof none;
