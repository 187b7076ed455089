// RFC 7518: JSON Web Algorithms, and what each wants of its keys and signatures.

import { chapter } from "./chapter.mjs";
import { ecdsaVectors } from "./rfc7518_ecdsa.mjs";
import { hmacVectors } from "./rfc7518_hmac.mjs";
import { rsaVectors } from "./rfc7518_rsa.mjs";

const rfc7518 = chapter("7518");
hmacVectors(rfc7518);
rsaVectors(rfc7518);
ecdsaVectors(rfc7518);

export const { vectors } = rfc7518;
