// What is aimed at. `atLeast` is how many times as long the peer has to take.

export const GOALS = [
  { ours: "hallpass verifySync", algorithm: "HS256", peer: "jose jwtVerify", atLeast: 12 },
  { ours: "hallpass verifySync", algorithm: "HS256", peer: "fast-jwt", atLeast: 1.3 },
  { ours: "hallpass verifySync", algorithm: "EdDSA", peer: "jose jwtVerify", atLeast: 1.2 },
  { ours: "hallpass verify", algorithm: "ES256", peer: "jose jwtVerify", atLeast: 0.95 },
  { ours: "hallpass verify", algorithm: "RS256", peer: "jose jwtVerify", atLeast: 0.95 },
  { ours: "hallpass/decode", algorithm: undefined, peer: "jose decodeJwt", atLeast: 1 },
];

/** The goal that this line of a group is about. */
export const goalOf = (algorithm, ours, peer) =>
  GOALS.find((goal) => goal.algorithm === algorithm && goal.ours === ours && goal.peer === peer);
