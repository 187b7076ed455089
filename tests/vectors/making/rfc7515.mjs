// RFC 7515: JSON Web Signature.

import { chapter } from "./chapter.mjs";
import { examples } from "./rfc7515_examples.mjs";
import { form } from "./rfc7515_form.mjs";
import { header } from "./rfc7515_header.mjs";

const rfc7515 = chapter("7515");
examples(rfc7515);
header(rfc7515);
form(rfc7515);

export const { vectors } = rfc7515;
