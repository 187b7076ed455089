// The part of the package that verifies, with its WebAssembly; loaded when somebody asks for it and not before.

let loading;

/** The module `hallpass/slim`, ready. Rejects when it cannot be loaded; the next call tries again. */
export function verifying() {
  loading ??= load().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load() {
  const [slim, module] = await Promise.all([
    import("/hallpass/slim.js"),
    WebAssembly.compileStreaming(fetch("/hallpass/verify.wasm")),
  ]);
  slim.provide(module);
  return slim;
}
