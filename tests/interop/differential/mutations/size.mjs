// Tokens around the longest that is read: 64 KiB.

const LONGEST = 65_536;

/** A claim as long as it takes to come near it: rarely, for they cost all of us. */
const padding = (draft, random) => {
  const bytes = random.chance(10) ? Math.floor(((LONGEST - 800) * 3) / 4) + random.between(-400, 1200) : random.between(1, 3000);
  draft.claims.push(['"long"', `"${random.pick(["x", "é", "\\n"]).repeat(bytes / 2)}"`]);
};

export const SIZE = [padding];
