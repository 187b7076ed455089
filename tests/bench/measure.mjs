// Rounds in which every subject has its turn (A B C, A B C, …), so that what slows the machine down for a while slows all of them.

/**
 * Microseconds per operation, for each of `names` one figure a round. `took(name, times)` does so many operations of it and
 * answers how many milliseconds that took.
 */
export async function measure(names, took, { rounds, warmUp, batch }) {
  const times = [];
  for (const name of names) times.push(await timesIn(batch, name, took, warmUp));
  const costs = names.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, name] of names.entries()) costs[place].push(((await took(name, times[place])) / times[place]) * 1000);
  }
  return costs;
}

/** How many operations fill a batch of so many milliseconds, found while it gets warm. */
async function timesIn(batch, name, took, warmUp) {
  let [times, spent] = [16, 0];
  for (;;) {
    const now = await took(name, times);
    spent += now;
    if (spent >= warmUp && now >= batch / 4) return Math.max(16, Math.round((times * batch) / now));
    // Too short a time says little; and a compiler at work makes the first ones slow.
    times = Math.min(times * 4, Math.max(16, Math.ceil((times * batch) / Math.max(now, 0.01))));
  }
}

/** Median and quartiles. */
export function spread(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return low + (high - low) * (place - Math.floor(place));
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** How many times as long one takes as the other: the median over rounds, in which both had the same machine. */
export const ratio = (one, other) => spread(one.map((figure, round) => figure / other[round])).median;
