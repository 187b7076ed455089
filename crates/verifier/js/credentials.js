// Whose request it is: the `Authorization` header (RFC 6750 section 2.1).

/** The longest token looked at. A token is ASCII, so characters are bytes. */
const LONGEST = 8 * 1024;

/** `{ token }`, or what keeps it from being one: `{ lacks: "credentials" | "form" }`, `{ tooLong: true }`. */
export function credentials(headers) {
  const header = headers.get("authorization") ?? "";
  // Schemes are compared without regard to case (RFC 9110 section 11.1).
  if (!/^bearer( |$)/i.test(header)) return { lacks: "credentials" };
  const token = header.slice("bearer".length).replace(/^ +/, "");
  // Two headers arrive as one with a comma and a space between: of two tokens none is taken.
  if (token === "" || /\s/.test(token)) return { lacks: "form" };
  return token.length > LONGEST ? { tooLong: true } : { token };
}
