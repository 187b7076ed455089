// Whether a text is a token: three parts, the first of them a header, which is JSON and so begins with {"

/** True also for one with a scheme before it, or with blanks around it. */
export const looksLikeToken = (text) => /(^|\s)eyJ[\w-]+\.[\w-]+\.[\w-]*\s*$/.test(text);
