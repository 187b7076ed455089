// Request bodies with a field `token` in them, or nearly, and what another reader than ours makes of them.

export const JSON_TYPE = "application/json";
export const FORM_TYPE = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";

const WORTHLESS = [
  "",
  " ",
  "\t\n",
  "x",
  "é",
  "\u0000",
  "a\u0000b",
  "\u00a0\u2003",
  "\ud83d\ude00",
  "null",
  "..",
  "%41",
  "a+b&c=d;e",
];
const FIELDS = ["token", "token", "token", "Token", "toke", "", "refresh", "token[]", "é", "__proto__"];

/** A body: `{ type, body, form, expected }`. `form` tells the kind, `expected` what the field is worth, or undefined where it is not known. */
export function newBody(random, good) {
  const made = random.pick([jsonBody, jsonBody, formBody, formBody, multipartBody])(random, good);
  if (!random.chance(30)) return made;
  const spoiled = damaged(Buffer.from(made.body), random);
  return { ...made, body: spoiled, expected: made.form === "multipart" ? undefined : expectedOf(made.form, spoiled, good) };
}

function jsonBody(random, good) {
  const body = jsonObject(random, good);
  return { form: "json", type: typeOf(JSON_TYPE, random), body, expected: expectedOf("json", Buffer.from(body), good) };
}

function jsonObject(random, good) {
  const members = Array.from(
    { length: random.below(5) },
    () => `${spelled(random.pick(FIELDS), random)}:${jsonValue(random, good)}`,
  );
  const text = `{${members.join(random.pick([",", " , ", ",\n"]))}}`;
  return random.chance(4)
    ? random.pick([`\ufeff${text}`, `[${text}]`, text.slice(1), `${text} x`, "null", "7", '"token"', ""])
    : text;
}

const jsonValue = (random, good) =>
  random.pick([
    () => spelled(good, random),
    () => spelled(` ${good}\n`, random),
    () => spelled(random.pick(WORTHLESS), random),
    () =>
      random.pick([
        "null",
        "true",
        "false",
        "7",
        "-0",
        "1.5",
        "1e400",
        "[]",
        "{}",
        `["${good}"]`,
        '"\\ud800"',
        '"\\udc00x"',
        "01",
        "tru",
      ]),
    () => "[".repeat(random.pick([1, 119, 120, 121, 600])) + "]".repeat(random.pick([1, 119, 120, 121, 600])),
  ])();

/** A text in JSON, some of its characters as escapes. */
function spelled(text, random) {
  const quoted = JSON.stringify(text);
  if (!random.chance(30)) return quoted;
  return quoted.replace(/[A-Za-z]/g, (letter, at) => {
    const escaped = quoted[at - 1] !== "\\" && random.chance(10);
    return escaped ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}` : letter;
  });
}

function formBody(random, good) {
  const pairs = Array.from({ length: random.below(4) }, () => {
    const value = random.chance(50) ? good : random.pick(WORTHLESS);
    return `${percent(random.pick(FIELDS), random)}${random.pick(["=", "=", "=", "", "%3D"])}${percent(value, random)}`;
  });
  const body = pairs.join(random.pick(["&", "&", "&&", ";"]));
  return { form: "form", type: typeOf(FORM_TYPE, random), body, expected: expectedOf("form", Buffer.from(body), good) };
}

const percent = (text, random) =>
  encodeURIComponent(text).replace(/[A-Za-z0-9]/g, (letter, at, whole) => {
    const escaped = !/%.?$/.test(whole.slice(0, at)) && random.chance(5);
    return escaped ? `%${letter.charCodeAt(0).toString(16)}` : letter;
  });

function multipartBody(random, good) {
  const boundary = random.pick(["b", "----a boundary", "x".repeat(70), "a'()+_,-./:=?"]);
  const fields = Array.from({ length: random.below(4) }, () => [
    random.pick(["token", "token", "other"]),
    random.chance(50) ? good : "x",
  ]);
  const part = ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = `${fields.map(part).join("")}--${boundary}--\r\n`;
  const last = fields.findLast(([name]) => name === "token")?.[1];
  const type = `${MULTIPART}; boundary="${boundary}"`;
  return { form: "multipart", type, body, expected: worth(last, good) };
}

const typeOf = (type, random) => random.pick([type, type, `${type}; charset=utf-8`, type.toUpperCase(), `${type} ;x=y`]);

/** A few bytes changed, lost, doubled or come in. */
function damaged(body, random) {
  let bytes = body;
  for (let left = random.between(1, 3); left > 0; left -= 1) {
    const at = random.below(bytes.length + 1);
    const piece = random.pick([
      random.bytes(1),
      Buffer.from(random.pick(['"', "\\", "{", "}", ",", "&", "=", "%", "%2", "+", "\0", "\xff", "--", "\r\n"]), "latin1"),
    ]);
    bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + random.below(4))]);
  }
  return bytes;
}

/** By the runtime's own readers: `good`, `worthless`, or of what it is said to be wrong. */
function expectedOf(form, bytes, good) {
  if (bytes.length === 0) return "required";
  if (form === "form") return worth(new URLSearchParams(bytes.toString()).getAll("token").at(-1), good);
  const text = decoded(bytes);
  const value = text === undefined ? undefined : parsed(text);
  if (value === undefined) return "no JSON";
  if (value === null || typeof value !== "object" || Array.isArray(value)) return "no object";
  return Object.hasOwn(value, "token") ? worth(value.token, good) : "required";
}

/** What a value of the field is worth. */
function worth(value, good) {
  if (value === undefined) return "required";
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? "worthless" : undefined;
  if (typeof value !== "string") return "no text";
  const text = value.trim();
  if (text === "") return "blank";
  if (/\0/.test(text) || !text.isWellFormed()) return "wrong characters";
  return text === good ? "good" : "worthless";
}

function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same of an answer to a question about a token. */
export function toldBy({ status, json }) {
  if (status === 200) return "good";
  if (status === 401) return "worthless";
  const said = [json?.detail, json?.non_field_errors?.[0], json?.token?.[0]].find((text) => text !== undefined);
  return SAID.find(([pattern]) => pattern.test(said))?.[1] ?? `${status}: ${said}`;
}

const SAID = [
  [/^JSON parse error/, "no JSON"],
  [/^(Invalid data\. Expected a dictionary|No data provided)/, "no object"],
  [/^This field is required/, "required"],
  [/^This field may not be null/, "null"],
  [/^This field may not be blank/, "blank"],
  [/^Not a valid string/, "no text"],
  [/^(Null|Surrogate) characters are not allowed/, "wrong characters"],
];
