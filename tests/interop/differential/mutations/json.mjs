// JSON that is none, or another one for another reader; bytes that are no text.

import { twice } from "./members.mjs";

const parts = ["header", "payload"];
const either = (random) => random.pick(parts);
const membersOf = (draft, part) => (part === "header" ? draft.header : draft.claims);

const SPACES = [" ", "\n", "\t", "\r", "\u000b", "\f", "\u00a0", "\ufeff", "\u2028", "\0", "//x\n", "/**/"];
const AROUND = [...SPACES, ",", "}", "{", "]", "x", "{}", "null", "\\"];
const WHOLE = ["", "null", "[]", "1", '"x"', "true", "{", "}", "{}", "[{}]", "{,}", '{"a"}', "{a:1}", "{'a':1}", '{"a":1,}', '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1.}', '{"a":NaN}', '{"a":Infinity}', '{"a":0x1}', '{"a":"\t"}', '{"a":"\\x41"}', '{"a":"\\u12"}', '{"a":tru}', '{"a":1}{"b":2}']; // prettier-ignore
const VALUES = ["01", "+1", ".5", "1.", "1e", "NaN", "-", "tru", "nul", "'x'", '"\\x"', '"\\u12"', '"\t"', '"\u007f"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '{"\\ud800":1}', '{"":1}', '{"__proto__":{"exp":1}}', '{"a":1,"a":2}', '[{"a":1,"\\u0061":2}]', '{"a":{"b":1,"b":1}}', "1e999", "-0", '"\u2028"']; // prettier-ignore

const space = (draft, random) => {
  const [at, text] = [random.below(12), random.pick(SPACES)];
  draft.text[either(random)].push((json) => inserted(json, afterNth(json, at), text));
};
const around = (draft, random) => {
  const [text, before] = [random.pick(AROUND), random.chance(50)];
  draft.text[either(random)].push((json) => (before ? text + json : json + text));
};
const whole = (draft, random) => {
  const text = random.pick(WHOLE);
  draft.text[either(random)].push(() => text);
};
const value = (draft, random) => {
  const text = random.pick(VALUES);
  draft.text[either(random)].push((json) => json.replace(/}$/, `,"more":${text}}`));
};
const duplicate = (draft, random) => twice(membersOf(draft, either(random)), random);

/** Names and texts in another spelling, which says the same. */
const escaped = (draft, random) => {
  const spelled = (text) => (random.chance(30) ? withEscape(text) : text);
  for (const member of membersOf(draft, either(random))) member.splice(0, 2, ...member.map(spelled));
};
const withEscape = (text) => (/^"[ -[\]-~]./.test(text) ? `"\\u00${text.charCodeAt(1).toString(16)}${text.slice(2)}` : text);

/** Arrays and objects in each other, around the depths at which readers stop. */
const deep = (draft, random) => {
  const depth = random.pick([10, 64, 100, 117, 118, 119, 120, 121, 122, 125, 126, 127, 128, 129, 140, 256, 600]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
  ]);
  const nested = `${open.repeat(depth)}${open === "[" ? "" : "1"}${close.repeat(depth)}`;
  draft.text[either(random)].push((json) => json.replace(/}$/, `,"deep":${nested}}`));
};

const many = (draft, random) => {
  const count = random.pick([5, 16, 17, 40, 200]);
  const repeated = random.chance(20) ? random.below(count) : -1;
  const more = Array.from({ length: count }, (_, nth) => `"m${nth === repeated ? 0 : nth}":${nth}`).join();
  draft.text[either(random)].push((json) => json.replace(/}$/, `,${more}}`));
};

const byte = (draft, random) => {
  const [part, at, to] = [either(random), random.below(400), random.below(256)];
  draft.bytes[part].push((bytes) => (bytes[at % bytes.length] = to, bytes)); // prettier-ignore
};
const noText = (draft, random) => {
  const wrong = Buffer.from(random.pick(["ff", "c080", "eda080", "f4908080", "e282", "80", "fe", "efbbbf"]), "hex");
  draft.bytes[either(random)].push((bytes) =>
    Buffer.concat([bytes.subarray(0, 1), Buffer.from('"m":"'), wrong, Buffer.from('",'), bytes.subarray(1)]),
  );
};

/** Just behind the nth sign of JSON that is no part of a text or a number; at its start where there are fewer. */
function afterNth(json, nth) {
  const signs = [...json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/g)];
  const sign = signs[nth];
  return sign ? sign.index + sign[0].length : 0;
}

const inserted = (text, at, piece) => text.slice(0, at) + piece + text.slice(at);

export const JSON_TEXT = [space, around, whole, value, duplicate, duplicate, escaped, deep, many, byte, noText];
