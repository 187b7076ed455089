// Makes of wasm-bindgen's glue for `--target web`, which holds one instance and loads it by itself, a function
// `instantiate(module)`: every call makes an instance of its own, so that after a trap nothing of the old one is left.

import { Stop } from "./child.mjs";

/** The module's text; stops when the glue is not what this was written for. */
export function instantiateFrom(glue) {
  const [body, loading] = halves(glue);
  const { imports, rest } = importsOf(body);
  const { names, text } = withoutExports(rewritten(rest));
  check(loading.includes("wasm = instance.exports;\n"), "it starts otherwise");
  check(loading.includes("new WebAssembly.Instance(module, imports)"), "it makes instances otherwise");
  const start = loading.includes("wasm.__wbindgen_start();") ? "wasm.__wbindgen_start();" : "";
  const made = `export function instantiate(module) {
${text}
  const wasm = new WebAssembly.Instance(module${imports}).exports;
  ${start}
  return { ${names.join(", ")} };
}
`;
  for (const foreign of ["import.meta", "fetch(", "async ", "await ", "instanceof WebAssembly", "WebAssembly.Module", "console."]) {
    check(!made.includes(foreign), `there is a \`${foreign}\` left`);
  }
  return made;
}

/** The functions with what they need, and the part that loads WebAssembly, which comes last. */
function halves(glue) {
  const parts = glue.split(/^let wasmModule, wasmInstance, wasm;$/m);
  check(parts.length === 2, "where it loads the WebAssembly is not to be found");
  check(parts[1].trimEnd().endsWith("export { initSync, __wbg_init as default };"), "it ends otherwise");
  return parts;
}

/** What is handed to the instance; nothing where it imports nothing, which most bundlers would look for. */
function importsOf(body) {
  check(body.includes("function __wbg_get_imports() {"), "it imports otherwise");
  const nothing = /^function __wbg_get_imports\(\) \{\n +const import0 = \{\n +__proto__: null,\n +\};\n[^]*?^\}\n/m;
  return nothing.test(body) ? { imports: "", rest: body.replace(nothing, "") } : { imports: ", __wbg_get_imports()", rest: body };
}

const REWRITTEN = [
  // Engines have become much faster at writing a whole text than a loop is at writing its characters: 40 against 250 ns for a
  // token of 250 characters, 80 against 3,400 for one of 2,000. A text that fits into as many bytes is ASCII; for another one,
  // what comes afterwards makes room.
  [
    `    let offset = 0;

    for (; offset < len; offset++) {
        const code = arg.charCodeAt(offset);
        if (code > 0x7F) break;
        mem[ptr + offset] = code;
    }
`,
    `    const { read } = cachedTextEncoder.encodeInto(arg, mem.subarray(ptr, ptr + len));
    let offset = read === len ? len : 0;
`,
  ],
  // For binaries whose memory cannot be resized.
  [
    `    if (realloc === undefined) {
        const buf = cachedTextEncoder.encode(arg);
        const ptr = malloc(buf.length, 1) >>> 0;
        getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
        WASM_VECTOR_LEN = buf.length;
        return ptr;
    }

`,
    "",
  ],
  // For browsers without `encodeInto`: the last was Edge before it was Chromium.
  [
    `if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg, view) {
        const buf = cachedTextEncoder.encode(arg);
        view.set(buf);
        return {
            read: arg.length,
            written: buf.length
        };
    };
}
`,
    "",
  ],
];

function rewritten(body) {
  return REWRITTEN.reduce((text, [from, to]) => {
    check(text.split(from).length === 2, `this is not there once:\n${from}`);
    return text.replace(from, to);
  }, body);
}

function withoutExports(body) {
  const names = [];
  const text = body.replace(/^export function (\w+)\(/gm, (_, name) => {
    names.push(name);
    return `function ${name}(`;
  });
  check(names.length > 0, "it exports no function");
  check(!/^\s*(?:export|import)\b/m.test(text), "it exports or imports something else");
  return { names, text };
}

function check(holds, difference) {
  if (!holds) throw new Stop(`wasm-bindgen's glue is not what tools/npm_glue.mjs was written for: ${difference}.`);
}
