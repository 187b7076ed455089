// RFC 7519: JSON Web Token.

import { chapter } from "./chapter.mjs";
import { dates } from "./rfc7519_dates.mjs";
import { forms } from "./rfc7519_forms.mjs";
import { names } from "./rfc7519_names.mjs";

const rfc7519 = chapter("7519");
dates(rfc7519);
names(rfc7519);
forms(rfc7519);

export const { vectors } = rfc7519;
