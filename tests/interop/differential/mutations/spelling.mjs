// base64url in another spelling, well signed, and tokens in another form.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PARTS = ["header", "payload", "signature"];
const WRONG = ["=", "==", " ", "\n", "\r\n", "\t", "+", "/", "%3D", "\0", "é", "\u2028", "~", ",", "\u{1f600}"];

const changed = (draft, random, change) => draft.spelling[random.pick(PARTS)].push(change);

const padded = (draft, random) => {
  const more = random.chance(70) ? 0 : random.between(1, 4);
  changed(draft, random, (part) => part + "=".repeat(((4 - (part.length % 4)) % 4) + more));
};
/** Where the last character has bits that stand for nothing, others of them. */
const unusedBits = (draft, random) => {
  const by = random.between(1, 3);
  changed(draft, random, (part) => {
    if (part.length % 4 < 2) return part;
    return part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.at(-1)) ^ by];
  });
};
const otherAlphabet = (draft, random) => changed(draft, random, (part) => part.replaceAll("-", "+").replaceAll("_", "/"));
const wrong = (draft, random) => {
  const [piece, at] = [random.pick(WRONG), random.below(1000)];
  changed(draft, random, (part) => part.slice(0, at % (part.length + 1)) + piece + part.slice(at % (part.length + 1)));
};
const empty = (draft, random) => changed(draft, random, () => "");
const shorter = (draft, random) => changed(draft, random, (part) => part.slice(0, -random.between(1, 4)));
const longer = (draft, random) => changed(draft, random, (part) => part + "A".repeat(random.between(1, 4)));

const reshaped = (change) => (draft, random) => draft.token.push((token) => change(token, random));
const AROUND = [" ", "\n", "\r\n", "\t", "\0", "\ufeff", "\u00a0", "Bearer ", ".", '"'];
const around = reshaped((token, random) => {
  const piece = random.pick(AROUND);
  return random.chance(50) ? piece + token : token + piece;
});
const fewer = reshaped((token, random) => token.split(".").slice(0, random.between(0, 2)).join("."));
const more = reshaped((token, random) => `${token}.${random.pick(["", "AAAA", "e30", token])}`);
const swapped = reshaped((token, random) => {
  const parts = token.split(".");
  const [a, b] = [random.below(parts.length), random.below(parts.length)];
  [parts[a], parts[b]] = [parts[b], parts[a]];
  return parts.join(".");
});
const asJson = reshaped((token) => {
  const [protectedHeader, payload, signature] = token.split(".");
  return JSON.stringify({ payload, protected: protectedHeader, signature });
});
const character = reshaped((token, random) => {
  const at = random.below(token.length + 1);
  const to = random.chance(80) ? random.pick([...ALPHABET]) : random.pick(WRONG);
  return token.slice(0, at) + to + token.slice(at + random.below(3));
});
const cut = reshaped((token, random) => token.slice(0, random.below(token.length + 1)));

export const SPELLING = [padded, unusedBits, unusedBits, otherAlphabet, wrong, empty, shorter, longer];
export const FORM = [around, fewer, more, swapped, asJson, character, character, cut];
