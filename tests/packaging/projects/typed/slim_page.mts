// `hallpass/slim` in a page.

import { provide } from "hallpass/slim";

provide(await WebAssembly.compileStreaming(fetch("verify.wasm")));
provide(new WebAssembly.Module(new Uint8Array(8)));
// @ts-expect-error it has to be awaited
provide(WebAssembly.compileStreaming(fetch("verify.wasm")));
