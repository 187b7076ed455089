// Who else makes and reads tokens. Each peer is `{ name, algorithms, missing, open }`: `missing` is why it is not to be had here,
// or false; `open()` gives `{ sign(key, header, claims), verify(key, token), close() }`, with keys of keys.mjs.

import fastJwt from "./peers/fast_jwt.mjs";
import jose from "./peers/jose.mjs";
import jsonwebtoken from "./peers/jsonwebtoken.mjs";
import pyjwt from "./peers/pyjwt.mjs";

export const PEERS = [jose, fastJwt, pyjwt, jsonwebtoken];
