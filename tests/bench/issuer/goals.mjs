// What is aimed at. `of` is what is compared, by requests a second; `cpu` by what a request takes of the processors.

const beside = (operation, algorithm) => ({
  operation,
  ours: `Hallpass ${algorithm}`,
  peer: `Hono + jose ${algorithm}`,
  atLeast: 1.2,
});

const OPERATIONS = ["refresh", "strict", "check"];

export const GOALS = [
  ...OPERATIONS.flatMap((operation) => ["HS256", "EdDSA"].map((algorithm) => beside(operation, algorithm))),
  { operation: "strict", ours: "Hallpass HS256", peer: "Django", atLeast: 10 },
  { operation: "refresh", ours: "Hallpass HS256", peer: "Django", atLeast: 3 },
  { operation: "check", ours: "Hallpass HS256", peer: "hello", peerOperation: "hello", cpuAtMost: 2 },
];
