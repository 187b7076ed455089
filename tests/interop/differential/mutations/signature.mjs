// Signatures that are not this key's over this token.

import { createHmac } from "node:crypto";
import { der } from "../../../vectors/making/ecdsa.mjs";
import { secretKey } from "../../keys.mjs";
import { PARTIES, signed } from "../drafts.mjs";

const otherwise = (change) => (draft, random) => draft.bytes.signature.push((bytes) => change(bytes, random));

const bit = otherwise((bytes, random) => {
  const at = random.below(8 * Math.max(bytes.length, 1));
  const flipped = Buffer.from(bytes);
  if (flipped.length > 0) flipped[at >> 3] ^= 1 << (at & 7);
  return flipped;
});
const short = otherwise((bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)));
const long = otherwise((bytes, random) => Buffer.concat([bytes, random.bytes(random.between(1, 40))]));
const none = otherwise(() => Buffer.alloc(0));
const zeros = otherwise((bytes) => Buffer.alloc(bytes.length));
const any = otherwise((bytes, random) => random.bytes(random.pick([bytes.length, 32, 48, 64, 96])));

/** Over something else than what stands there. */
const ofAnother = (draft) => (draft.signer = (input, key) => signed(`${input}A`, key));
const byAnother = (draft, random) => {
  const { secret } = draft.key;
  const stranger = secret
    ? secretKey(draft.key.algorithm, random.pick([`${secret}`, "", "secret", Buffer.alloc(64)]))
    : PARTIES[random.pick(["HS256", "EdDSA"].filter((other) => other !== draft.key.algorithm))];
  draft.signer = (input) => signed(input, stranger);
};
/** As X.509 writes a signature of ECDSA. */
const inDer = (draft) => {
  if (draft.key.algorithm === "ES256") draft.signer = (input, key) => der(signed(input, key));
  else ofAnother(draft);
};

export const SIGNATURE = [bit, short, long, none, zeros, any, ofAnother, byAnother, inDer];
