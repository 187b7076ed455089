// A text taken apart at its dots and read as far as it can be read, also where a verifier would stop: so that one sees why it stops.
// What a verifier says of it is asked of the package; nothing here decides anything.

import { LONGEST } from "./input.js";

const NAMES = { 3: ["Header", "Claims", "Signature"], 5: ["Header", "Encrypted key", "Nonce", "Encrypted content", "Tag"] };

/**
 * `{ form, parts, header, claims, defects }`. `form` is `jws`, `jwe`, `opaque` or `long`; `parts` are `{ name, text }`; `header`
 * and `claims` are `{ text, value }`, each missing where it cannot be read; `defects` say in words what a verifier stumbles over.
 */
export function takenApart(token) {
  if (token.length > LONGEST) return { form: "long", parts: [], defects: [] };
  const texts = token.split(".");
  const [header, claims] = texts.slice(0, 2).map(read);
  const form = formOf(texts, header);
  const names = NAMES[texts.length] ?? [];
  const parts = form === "opaque" ? [] : texts.map((text, index) => ({ name: names[index], text }));
  if (form !== "jws") return { form, parts, count: texts.length, header: form === "jwe" ? header.json : undefined, defects: [] };
  const defects = [header, claims, { defects: spelling(texts[2]) }].flatMap(({ defects }, index) =>
    defects.map((defect) => `${names[index]}: ${defect}`),
  );
  return { form, parts, header: header.json, claims: claims.json, defects };
}

function formOf(texts, header) {
  if (texts.length === 5 && header.json && Object.hasOwn(header.json.value, "enc")) return "jwe";
  // Whatever has two dots and no letters of another alphabet was meant for one.
  return texts.length === 3 && (header.json || /^[\w\-+/=]+$/u.test(texts[0])) ? "jws" : "opaque";
}

/** `{ json, defects }`: the object that a part holds, if it can be made out. */
function read(part) {
  const defects = spelling(part);
  const bytes = bytesOf(part);
  if (!bytes) return { defects: defects.length > 0 ? defects : ["it is cut off, or a character is missing"] };
  const text = textOf(bytes);
  if (text === undefined) return { defects: [...defects, "its bytes are not UTF-8"] };
  const { value, why } = parsed(text);
  if (value === undefined) return { defects: [...defects, why] };
  return { json: { text, value }, defects };
}

/** What is not as base64url without padding is spelled. */
function spelling(part) {
  const defects = [];
  if (/=/u.test(part)) defects.push("it has “=”, which tokens leave out");
  if (/[+/]/u.test(part)) defects.push("it has “+” or “/”: that is base64, and tokens have base64url with “-” and “_”");
  if (/[^\w\-+/=]/u.test(part)) defects.push("it has characters that base64url has not");
  return defects;
}

function bytesOf(part) {
  try {
    const binary = atob(part.replace(/-/gu, "+").replace(/_/gu, "/").replace(/=+$/u, ""));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text) {
  try {
    const value = JSON.parse(text, exact);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { value } : { why: "it is JSON, but not an object" };
  } catch {
    return { why: "it is not JSON" };
  }
}

/** Whole numbers that JavaScript would round are kept as they are written, where the browser can do that. */
function exact(_name, value, context) {
  const isRounded = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER && /^-?\d+$/u.test(context?.source ?? "");
  return isRounded && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
}
