//! JSON by its grammar (RFC 8259), in all of its spellings and nearly.

use crate::random::Random;

const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "access",
    "refresh",
    "sliding",
    "soon",
    "\\u0061",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\ud83d\\ude00",
    "é",
    "e\u{301}",
    "\u{2028}",
    "😀",
    "1700000000",
    "\u{7f}",
    "\\u00e9",
];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1",
    "-1",
    "9",
    "1.0",
    "1.5",
    "-0.5",
    "0.000000001",
    "1e3",
    "1E+3",
    "1e-3",
    "1e400",
    "-1e400",
    "1700000000",
    "1700000000.999",
    "253402300799",
    "253402300799.9",
    "253402300800",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "123456789012345678901234567890",
    "0.1e1",
];

/// What is no JSON, where a value is expected.
const WRONG: &[&str] = &[
    "01",
    "+1",
    ".5",
    "1.",
    "1e",
    "-",
    "NaN",
    "tru",
    "nul",
    "'a'",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\t\"",
    "",
    "\"",
    "{",
    "]",
    "undefined",
];

/// An object with these names among others; sometimes a long one, whose names are put in order to see
/// whether one stands twice.
pub(crate) fn object(names: &[&str], random: &mut Random) -> String {
    let object = nested(names, random, 0);
    if !random.chance(5) || object == "{}" {
        return object;
    }
    let count = 10 + random.below(40);
    // Few of many names, or most of few: about every other object has one that stands twice.
    let among = count * (1 + random.below(count));
    let members: Vec<_> = (0..count)
        .map(|nth| format!("\"m{}\":{nth},", random.below(among)))
        .collect();
    object.replacen('{', &format!("{{{}", members.concat()), 1)
}

fn nested(names: &[&str], random: &mut Random, depth: usize) -> String {
    let mut members = Vec::new();
    for _ in 0..random.below(if depth == 0 { 9 } else { 4 }) {
        let name = name(names, random);
        let value = value(names, random, depth + 1);
        members.push(format!("{}{name}{}:{value}", space(random), space(random)));
    }
    format!("{{{}{}}}", members.join(","), space(random))
}

fn name(names: &[&str], random: &mut Random) -> String {
    if random.chance(75) {
        let name = random.pick(names);
        return format!("\"{}\"", respelled(name, random));
    }
    format!("\"{}\"", random.pick(TEXTS))
}

/// Sometimes with its first character as an escape.
fn respelled(name: &str, random: &mut Random) -> String {
    match name.chars().next() {
        Some(first) if random.chance(8) => {
            format!("\\u{:04x}{}", u32::from(first), &name[first.len_utf8()..])
        }
        _ => name.to_owned(),
    }
}

/// A value of any type, sometimes none.
pub(crate) fn value(names: &[&str], random: &mut Random, depth: usize) -> String {
    let text = match random.below(if depth > 4 { 70 } else { 100 }) {
        0..30 => random.pick(NUMBERS).to_owned(),
        30..60 => format!("\"{}\"", random.pick(TEXTS)),
        60..69 => random.pick(&["null", "true", "false"]).to_owned(),
        69 => random.pick(WRONG).to_owned(),
        70..85 => array(names, random, depth),
        85 => "[".repeat(118 + random.below(6)) + &"]".repeat(118 + random.below(6)),
        _ => nested(names, random, depth),
    };
    format!("{}{text}{}", space(random), space(random))
}

fn array(names: &[&str], random: &mut Random, depth: usize) -> String {
    let count = random.below(4);
    let values: Vec<_> = (0..count)
        .map(|_| value(names, random, depth + 1))
        .collect();
    format!("[{}{}]", values.join(","), space(random))
}

fn space(random: &mut Random) -> &'static str {
    if random.chance(96) {
        return "";
    }
    random.pick(&[
        " ", "\n", "\t", "\r", " \r\n\t", "\u{a0}", "\u{b}", "\u{feff}",
    ])
}
