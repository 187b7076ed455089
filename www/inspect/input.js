// What was pasted, without what is not the token: a header's name, its scheme, quotes, white space.

/** The longest token that verifiers of Hallpass look at, in bytes. */
export const LONGEST = 64 * 1024;

// What copying from terminals, logs, chats and JSON leaves at a token, how to take it away, and what to call it.
const LEFTOVERS = [
  [(text) => text.replace(/[\u200b-\u200d\u2060]/gu, ""), "invisible characters"],
  [(text) => text.trim(), "white space around it"],
  [(text) => text.replace(/^Authorization:/iu, ""), "“Authorization:” before it"],
  [(text) => text.replace(/^Bearer(?=\s)/iu, ""), "“Bearer” before it"],
  [(text) => text.replace(/[,;]$/u, ""), "a comma or semicolon after it"],
  [(text) => text.replace(/^["'`“”‘’]|["'`“”‘’]$/gu, ""), "quotes around it"],
  [joined, "line breaks or spaces inside it"],
];

/** `{ token, removed }`: the token, and in words what was taken away, each kind once. */
export function cleaned(pasted) {
  // Far beyond any token: it is refused for its length, whatever stands around it.
  if (pasted.length > 4 * LONGEST) return { token: pasted, removed: [] };
  const removed = new Set();
  let token = pasted;
  for (let before; before !== token; ) {
    before = token;
    for (const [takeAway, name] of LEFTOVERS) {
      const rest = takeAway(token);
      if (rest !== token) removed.add(name);
      token = rest;
    }
  }
  return { token, removed: token === "" ? [] : [...removed] };
}

// What "{" and whatever follows it become in base64.
const BEGINS_AN_OBJECT = /^e[w-z0-9]/u;
const PARTS = /^[\w\-+/=]+(?:\.[\w\-+/=]*){2,}$/u;

/** A token that was wrapped over lines; a text that is none keeps its spaces. */
function joined(text) {
  const whole = text.replace(/\s+/gu, "");
  return BEGINS_AN_OBJECT.test(whole) && PARTS.test(whole) ? whole : text;
}
