// RFC 8725: what went wrong with JSON Web Tokens elsewhere, and must not here.

import { chapter } from "./chapter.mjs";
import { algorithms } from "./rfc8725_algorithms.mjs";
import { uses } from "./rfc8725_uses.mjs";

const rfc8725 = chapter("8725");
algorithms(rfc8725);
uses(rfc8725);

export const { vectors } = rfc8725;
