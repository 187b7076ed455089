// Compares an answer with the expected one, and says in words what differs.

const comparedHeaders = ["content-type", "www-authenticate", "allow", "vary", "location"];

// Our tokens say more than Simple JWT's: which session and subject they are of, and with which key they are signed.
const extraClaims = ["sid", "sub"];
const extraHeaderMembers = ["kid"];

/**
 * What is not as expected in an answer, line by line; `text` is its body as it came. Of an answer that the platform gives by itself, which
 * is expected as `{ $platform: status }`, headers and body are the platform's own affair.
 */
export function mismatches(expected, answer, text) {
  if (expected.$platform) return statusMismatches(expected.$platform, answer);
  return [
    ...statusMismatches(expected.status, answer),
    ...headerMismatches(expected, answer),
    ...valueMismatches("body", expected.body, answer.body),
    ...formMismatches(answer, text),
  ];
}

const statusMismatches = (expected, { status }) =>
  expected === status ? [] : [`status: expected ${expected}, got ${status}`];

function headerMismatches(expected, { headers }) {
  return comparedHeaders
    .filter((name) => !(expected.$otherHeaders && !(name in expected.headers)))
    .filter((name) => expected.headers[name] !== headers[name])
    .map((name) => `${name}: expected ${show(expected.headers[name])}, got ${show(headers[name])}`);
}

// Promised of every answer of ours, whatever it is about: compact JSON, letters unescaped, and tokens that no cache keeps.
function formMismatches({ headers, body }, text) {
  const lines = [];
  if (
    headers["content-type"] === "application/json" &&
    text !== "" &&
    !body?.$text &&
    JSON.stringify(JSON.parse(text)) !== text
  ) {
    lines.push(`body: not compact JSON: ${show(text)}`);
  }
  if (JSON.stringify(body)?.includes('"$token"') && headers["cache-control"] !== "no-store") {
    lines.push(`cache-control: a token needs no-store, got ${show(headers["cache-control"])}`);
  }
  return lines;
}

function valueMismatches(path, expected, actual) {
  if (expected?.$any)
    return isA(expected.$any, actual) ? [] : [`${path}: expected any ${expected.$any}, got ${show(actual)}`];
  if (expected?.$token)
    return actual?.$token
      ? tokenMismatches(path, expected.$token, actual.$token)
      : [`${path}: expected a token, got ${show(actual)}`];
  if (isPlain(expected) && isPlain(actual)) return memberMismatches(path, expected, actual, []);
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, index) => valueMismatches(`${path}[${index}]`, item, actual[index]));
  }
  return same(expected, actual) ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}

function tokenMismatches(path, expected, actual) {
  return [
    ...memberMismatches(`${path} header`, expected.header, actual.header, extraHeaderMembers),
    ...memberMismatches(`${path} claims`, expected.claims, actual.claims, extraClaims),
  ];
}

function memberMismatches(path, expected, actual, extra) {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual).filter((name) => !extra.includes(name))]);
  return [...names].flatMap((name) => valueMismatches(`${path}.${name}`, expected[name], actual[name]));
}

// The words after these are the parser's own.
const parsers = ["JSON parse error - ", "Multipart form parse error - "];

function same(expected, actual) {
  if (typeof expected === "string" && typeof actual === "string") {
    const parser = parsers.find((start) => expected.startsWith(start));
    if (parser) return actual.startsWith(parser);
  }
  return Array.isArray(expected) || isPlain(expected) ? show(expected) === show(actual) : expected === actual;
}

function isA(what, value) {
  if (what === "anything") return true;
  if (what === "token") return Boolean(value?.$token);
  return typeof value === what;
}

const isPlain = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function show(value) {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
