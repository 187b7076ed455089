// What is true of a token, read by nobody's code but this: neither verdict is explained by itself.

const SIGN = /"((?:[^"\\]|\\.)*)"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** `{ token, spelledOnce, header, payload }`; a part is `{ text, value, bom, twice, depth, raw }`, its `value` undefined where it is no JSON. */
export function factsOf(token) {
  const parts = token.split(".");
  const bytes = parts.map((part) => Buffer.from(part, "base64url"));
  return {
    token,
    spelledOnce: parts.every((part, at) => bytes[at].toString("base64url") === part),
    header: partOf(bytes[0]),
    payload: partOf(bytes[1] ?? Buffer.alloc(0)),
  };
}

function partOf(bytes) {
  const text = bytes.toString();
  const bom = text.startsWith("\ufeff");
  const value = parsed(bom ? text.slice(1) : text);
  return { text, bom, value, ...(value === undefined ? {} : structure(text)) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of JSON: whether a member stands twice anywhere, how deep it goes, and the outermost members' values as they are written. */
function structure(text) {
  const open = [];
  const raw = {};
  let [twice, depth, from] = [false, 0, undefined];
  const ended = (at) => {
    if (from) raw[from.name] = text.slice(from.at, at).trim();
    from = undefined;
  };
  let name;
  for (const { 0: sign, index } of text.matchAll(SIGN)) {
    if (open.length === 1 && (sign === "," || sign === "}")) ended(index);
    if (sign === "{" || sign === "[") depth = Math.max(depth, open.push(sign === "{" ? new Set() : undefined));
    else if (sign === "}" || sign === "]") open.pop();
    else if (sign.startsWith('"')) name = JSON.parse(sign);
    else if (sign === ":") {
      twice ||= open.at(-1).has(name);
      open.at(-1).add(name);
      if (open.length === 1) from = { name, at: index + 1 };
    }
  }
  return { twice, depth, raw };
}
