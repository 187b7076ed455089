// Makes of wasm-bindgen's glue for `--target web`, which holds one instance and loads it by itself, a function
// `instantiate(module)`: every call makes an instance of its own, so that after a trap nothing of the old one is left.

import { Stop } from "./child.mjs";

/** The module's text; stops when the glue is not what this was written for. */
export function instantiateFrom(glue) {
  const [body, loading] = halves(glue);
  const { names, text } = withoutExports(withFasterStrings(body));
  check(loading.includes("wasm = instance.exports;") && loading.includes("wasm.__wbindgen_start();"), "it starts otherwise");
  check(loading.includes("new WebAssembly.Instance(module, imports)"), "it makes instances otherwise");
  const made = `export function instantiate(module) {
${text}
  const wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
  wasm.__wbindgen_start();
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

// Engines have become much faster at writing a whole text than a loop is at writing its characters: 40 against 250 ns for a
// token of 250 characters, and 80 against 3,400 for one of 2,000. A text that fits into as many bytes is ASCII; another one is
// written by what follows, which makes room for it.
const LOOP = `    let offset = 0;

    for (; offset < len; offset++) {
        const code = arg.charCodeAt(offset);
        if (code > 0x7F) break;
        mem[ptr + offset] = code;
    }
`;
const AT_ONCE = `    const { read } = cachedTextEncoder.encodeInto(arg, mem.subarray(ptr, ptr + len));
    let offset = read === len ? len : 0;
`;

function withFasterStrings(body) {
  check(body.split(LOOP).length === 2, "it writes texts otherwise");
  return body.replace(LOOP, AT_ONCE);
}

function check(holds, difference) {
  if (!holds) throw new Stop(`wasm-bindgen's glue is not what tools/npm_glue.mjs was written for: ${difference}.`);
}
