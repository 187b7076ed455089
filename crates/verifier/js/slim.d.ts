export * from "./index.js";

/**
 * Hands over the WebAssembly, which everything else here needs: `hallpass/verify.wasm`, as a `WebAssembly.Module` or its bytes in an
 * `ArrayBuffer` or a view of one; not a promise of it. What is wrong with it is told by what is called afterwards.
 *
 * The type says less than that: `WebAssembly` has no types in Node.js, and `Module` is an empty interface where it has.
 */
export declare function provide(wasm: object & { then?: never }): void;
