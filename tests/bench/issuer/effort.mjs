// How much is measured.

const LONG = process.env.BENCH_LONG === "1";

const THOROUGH = {
  rounds: 22,
  loginRounds: 3,
  // Both compile anew what they see to be asked often: WebAssembly in the background, JavaScript as it goes.
  warmUp: 1500,
  window: 300,
  people: 1000,
  accounts: 32,
  connections: 16,
  // The object looks 5 s after a refresh whether KV has it; and so long an isolate remembers that KV has not.
  settled: 6500,
  starts: 4,
  growth: { users: LONG ? [100, 1000, 10_000, 100_000] : [100, 1000, 10_000], sessions: [1, 10, 100], sample: 100, turns: 10 },
  blacklist: LONG ? [0, 1000, 100_000, 1_000_000] : [0, 1000, 100_000],
};

const QUICK = {
  ...THOROUGH,
  rounds: 3,
  loginRounds: 1,
  warmUp: 200,
  window: 300,
  people: 500,
  starts: 3,
  growth: { users: [100, 1000], sessions: [1, 100], sample: 50, turns: 10 },
  blacklist: [0, 1000],
};

export const effortOf = ({ quick }) => (quick ? QUICK : THOROUGH);
