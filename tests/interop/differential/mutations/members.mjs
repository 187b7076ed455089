// Members of an object in the making, `[name, value]` as JSON has them.

/** Values of every type, and of types' edges. */
export const STRANGE = [
  "null", "true", "false", '""', '"x"', '"2500000300"', "0", "-0", "-1", "1", "1.5", "-1.5", "1e3", "1E3", "2.5e9", "1e400", "-1e400", "0.0",
  "9007199254740993", "18446744073709551615", "18446744073709551616", "99999999999999999999999999999999", "253402300799", "253402300800",
  "[]", "{}", '[""]', '["x"]', "[null]", "[1]", '{"a":1}', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"é"', '"e\\u0301"',
]; // prettier-ignore

/** The member gets another value; where there is none, it comes. */
export function replaced(members, name, value) {
  const member = members.find(([other]) => other === name);
  if (member) member[1] = value;
  else members.push([name, value]);
}

/** A member comes, beside one of its name if there is one. */
export const withMember = (members, name, value, random) => members.splice(random.below(members.length + 1), 0, [name, value]);

/** A member comes a second time, under another spelling of its name or not, with another value or not. */
export function twice(members, random) {
  if (members.length === 0) return;
  const [name, value] = random.pick(members);
  const escaped = `"\\u00${name.charCodeAt(1).toString(16).padStart(2, "0")}${name.slice(2)}`;
  const spelled = random.chance(30) && name.charCodeAt(1) < 128 ? escaped : name;
  withMember(members, spelled, random.chance(40) ? value : random.pick(STRANGE), random);
}
