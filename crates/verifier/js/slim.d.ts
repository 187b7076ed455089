export * from "./index.js";

/**
 * Hands over the WebAssembly, which everything else here needs: `hallpass/verify.wasm`, compiled or as bytes. What is wrong
 * with it is told by what is called afterwards.
 */
export declare function provide(wasm: WebAssembly.Module | BufferSource): void;
