// The tables of what was measured, as Markdown.

import { altogetherEach, cpuEach, digits, median, range, rateOf, ratioOf, table } from "./figures.mjs";
import { GOALS } from "./goals.mjs";
import { FIRST_LOOK } from "./rounds.mjs";

const TITLES = {
  open: "open a session (`POST /api/sessions/`)",
  refresh: "refresh (`POST /api/token/refresh/`)",
  strict: "bearer check, strict (`GET /api/v1/users/info/`)",
  check: "bearer check by KV, remembered (`GET /api/check/`)",
  [FIRST_LOOK]: "bearer check by KV, looked up",
  introspect: "introspection (`POST /oauth/introspect`)",
  jwks: "key set (`GET /.well-known/jwks.json`)",
  hello: "nothing (`GET /healthz`)",
  login: "login with a password (`POST /api/token/`)",
};

const COLUMNS = ["", "requests/s", "p50 ms", "p99 ms", "CPU µs", "Hallpass: × its requests/s", "× its CPU"];

/** Every operation with every side that does it. */
export function measuredTable(results) {
  const operations = Object.keys(TITLES).filter((operation) => results[operation]);
  return table(COLUMNS, operations.flatMap((operation) => [heading(operation), ...linesOf(results[operation])]));
}

const heading = (operation) => [`**${TITLES[operation]}**`, ...Array(COLUMNS.length - 1).fill("")];

function linesOf(sides) {
  return Object.entries(sides).map(([name, windows]) => {
    const of = (figure) => median(windows.map(figure));
    const figures = [of(rateOf).toFixed(0), digits(of(({ latencies }) => latencies.p50)), digits(of(({ latencies }) => latencies.p99))];
    const ours = sides[oursBeside(name)];
    const ratios = ours ? [range(ratioOf(ours, windows, rateOf)), cpuRatio(ours, windows)] : ["", ""];
    return [name, ...figures, microseconds(windows), ...ratios];
  });
}

/** Of a refresh also what it leads to later. */
function microseconds(windows) {
  if (windows[0].cpu === undefined) return "";
  const within = digits(median(windows.map(cpuEach)));
  return windows[0].altogether === undefined ? within : `${within}, later too: ${digits(median(windows.map(altogetherEach)))}`;
}

const cpuRatio = (ours, windows) => (windows[0].cpu === undefined ? "" : range(ratioOf(ours, windows, cpuEach)));

function oursBeside(name) {
  if (name.startsWith("Hallpass")) return undefined;
  return name.startsWith("Hono") ? `Hallpass ${name.split(" ").at(-1)}` : "Hallpass HS256";
}

/** What came of the goals that could be measured. */
export function goalsTable(results) {
  const rows = GOALS.flatMap((goal) => {
    const [ours, peer] = [results[goal.operation]?.[goal.ours], results[goal.peerOperation ?? goal.operation]?.[goal.peer]];
    if (!ours || !peer || (goal.cpuAtMost && ours[0].cpu === undefined)) return [];
    const is = ratioOf(ours, peer, goal.cpuAtMost ? cpuEach : rateOf);
    const [wanted, met] = goal.cpuAtMost
      ? [`CPU at most ${goal.cpuAtMost} ×`, is.median <= goal.cpuAtMost]
      : [`requests/s at least ${goal.atLeast} ×`, is.median >= goal.atLeast];
    return [[`${goal.operation}: ${goal.ours} beside ${goal.peer}`, wanted, range(is), met ? "met" : "**missed**"]];
  });
  return table(["goal", "", "is", ""], rows);
}
