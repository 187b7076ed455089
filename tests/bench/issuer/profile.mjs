// Where the time of one operation goes: `node tests/bench/issuer/profile.mjs "Hallpass HS256" strict accounts`. The operations stand in
// operations.mjs; `chains` is the group for `refresh`, none for `open`. Samples make everything slower: only the shares count.

import { digits, table } from "./figures.mjs";
import { startGenerator } from "./generator.mjs";
import { settle } from "./rounds.mjs";
import { startWorker } from "./sides.mjs";

const PEOPLE = { people: 500, accounts: 16 };
const WARM_UP = 1500;
const WINDOW = 3000;
const EVERY_MICROSECONDS = 200;
const SHOWN = 25;

/** What the runtime calls its own has no place in a file. */
function kindOf({ functionName: name, url, lineNumber }) {
  if (name.startsWith("(") && name !== "(anonymous)") return name.slice(1, -1);
  if (name.startsWith("wasm-function")) return "WebAssembly";
  if (name.startsWith("__wbg") || /^(wasm-to-js|js-to-wasm)/.test(name)) return "between WebAssembly and JavaScript";
  return url === "" && lineNumber < 0 ? `the runtime's ${name || "own"}` : "JavaScript";
}

const nameOf = ({ functionName, url, lineNumber, columnNumber }) =>
  `\`${functionName || "(anonymous)"}\` ${url.split("/").at(-1)}:${lineNumber + 1}:${columnNumber + 1}`;

/** Microseconds by whatever `keyOf` says of a frame. */
function timesBy(keyOf, { nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map();
  for (const [at, id] of samples.entries()) {
    const key = keyOf(frames.get(id));
    times.set(key, (times.get(key) ?? 0) + timeDeltas[at]);
  }
  times.delete("idle");
  return [...times].sort(([, one], [, other]) => other - one);
}

/** Speaks to workerd's inspector. */
async function inspector(port) {
  const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  };
  const send = (method, params = {}) =>
    new Promise((resolve) => {
      const id = waiting.size + 1;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  return { send, close: () => socket.close() };
}

async function profileOf(side, generator, operation, group) {
  await settle([side], generator, PEOPLE);
  await generator.run(side.name, operation, { group, milliseconds: WARM_UP });
  const { send, close } = await inspector(side.started.inspectorPort);
  await send("Profiler.enable");
  await send("Profiler.setSamplingInterval", { interval: EVERY_MICROSECONDS });
  await send("Profiler.start");
  const { requests } = await generator.run(side.name, operation, { group, milliseconds: WINDOW });
  const { profile } = await send("Profiler.stop");
  close();
  return { requests, profile };
}

const [name, operation, group] = process.argv.slice(2);
const side = await startWorker(name, { inspected: true });
const generator = startGenerator();
try {
  const { requests, profile } = await profileOf(side, generator, operation, group);
  const shown = (times) => {
    const all = times.reduce((sum, [, time]) => sum + time, 0);
    return times.slice(0, SHOWN).map(([key, time]) => [key, digits(time / requests), `${((100 * time) / all).toFixed(1)} %`]);
  };
  for (const keyOf of [kindOf, nameOf]) {
    console.log(`\n${table([`${name}, ${operation}`, "µs a request", "share"], shown(timesBy(keyOf, profile)))}`);
  }
} finally {
  await generator.stop();
  await side.stop();
}
