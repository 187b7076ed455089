// Peers for a test file, opened when they are first asked and closed at its end.

import { after } from "node:test";
import { PEERS } from "./peers.mjs";

const opened = new Map();

/** To be called at the top of a test file: `peer => { sign, verify }`. */
export function peersForTests() {
  after(() => opened.forEach((peer) => peer.close()));
  return (peer) => {
    if (!opened.has(peer)) opened.set(peer, peer.open());
    return opened.get(peer);
  };
}

/** Each of the peers with each algorithm that it knows, of these. */
export const pairings = (algorithms) =>
  PEERS.flatMap((peer) =>
    peer.algorithms.filter((known) => algorithms.includes(known)).map((algorithm) => ({ peer, algorithm })),
  );
