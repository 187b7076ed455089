//! Objects of JSON, beside `serde_json`.

use hallpass_core::json::{self, Duplicates, JsonError, MAX_DEPTH, Object, Type, elements, quoted};
use serde_json::Value;

use crate::made;
use crate::mutated::mutated;
use crate::random::Random;
use crate::runner::fuzz;

const NAMES: &[&str] = &["a", "b", "exp", "sub", "aud", "é", "__proto__", ""];

fn any_text(random: &mut Random) -> String {
    let text = made::object(NAMES, random);
    if random.chance(60) {
        return text;
    }
    let mutated = mutated(&[text.into_bytes()], random);
    String::from_utf8_lossy(&mutated).into_owned()
}

#[test]
fn what_is_read_is_what_serde_json_reads() {
    let mut both = 0;
    fuzz("objects", any_text, |text| {
        let theirs = serde_json::from_str::<Value>(text);
        for duplicates in [Duplicates::Refuse, Duplicates::LastWins] {
            match (Object::parse(text.clone(), duplicates), &theirs) {
                (Ok(object), Ok(value)) => {
                    both += 1;
                    assert!(duplicates == Duplicates::LastWins || !stands_twice(text, value));
                    assert_same(&object, value);
                }
                (Ok(_), Err(_)) => assert!(half_a_character(text) || out_of_range(text)),
                (Err(why), Ok(value)) => assert_refused_rightly(why, duplicates, text, value),
                (Err(_), Err(_)) => {}
            }
        }
    });
    assert!(both > 0, "the inputs are too wild");
}

/// Member by member: the name, the type, the value, and a text's characters.
fn assert_same(object: &Object, value: &Value) {
    let members = value.as_object().unwrap();
    for (name, _) in object.members() {
        let name = name.string().unwrap();
        let (ours, theirs) = (object.get(&name).unwrap(), &members[&*name]);
        assert_eq!(&serde_json::from_str::<Value>(ours.text()).unwrap(), theirs);
        assert_eq!(ours.string().as_deref(), theirs.as_str());
        assert_eq!(is_of_type(theirs, ours.kind()), Some(true), "{name}");
        let array = elements(ours).map(|elements| elements.len());
        assert_eq!(array, theirs.as_array().map(Vec::len));
    }
    for name in members.keys() {
        assert!(object.get(name).is_some(), "{name}");
    }
}

fn is_of_type(value: &Value, kind: Type) -> Option<bool> {
    Some(match kind {
        Type::Null => value.is_null(),
        Type::Bool => value.is_boolean(),
        // What is too large for an integer of theirs is a double.
        Type::Integer => value.is_number(),
        Type::Float => value.as_number()?.is_f64(),
        Type::String => value.is_string(),
        Type::Array => value.is_array(),
        Type::Object => value.is_object(),
    })
}

fn assert_refused_rightly(why: JsonError, duplicates: Duplicates, text: &str, value: &Value) {
    match why {
        JsonError::Syntax { at } => panic!("no JSON at {at}, they say it is"),
        JsonError::TooDeep => assert!(depth(text) > MAX_DEPTH),
        JsonError::NotAnObject(kind) => assert_eq!(is_of_type(value, kind), Some(true)),
        JsonError::DuplicateMember => {
            assert_eq!(duplicates, Duplicates::Refuse);
            assert!(stands_twice(text, value));
        }
    }
}

/// Whether an object has more members than names, or one in it has.
fn stands_twice(text: &str, theirs: &Value) -> bool {
    let Ok(object) = Object::parse(text.to_owned(), Duplicates::LastWins) else {
        // Behind the member that stands twice there is more that is wrong.
        return depth(text) > MAX_DEPTH;
    };
    let theirs = theirs.as_object().unwrap();
    let same = |name: &str| (object.get(name).unwrap(), &theirs[name]);
    object.members().count() > theirs.len()
        || theirs.keys().any(|name| has_one_that_does(same(name)))
}

fn has_one_that_does((ours, theirs): (json::Value<'_>, &Value)) -> bool {
    match theirs {
        Value::Object(_) => stands_twice(ours.text(), theirs),
        Value::Array(values) => {
            let mut pairs = elements(ours).unwrap().into_iter().zip(values);
            pairs.any(has_one_that_does)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// How many arrays and objects stand in each other, and one more for what stands in them.
pub(crate) fn depth(text: &str) -> usize {
    let (mut open, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => open += 1,
            b']' | b'}' if !quoted => open = open.max(1) - 1,
            _ => {}
        }
        deepest = deepest.max(open + 1);
    }
    deepest
}

/// `serde_json` refuses half a character where we only refuse to read it.
pub(crate) fn half_a_character(text: &str) -> bool {
    text.to_ascii_lowercase().contains("\\ud")
}

/// And a number that is too large for a double, where we carry it as it stands.
pub(crate) fn out_of_range(text: &str) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c));
    numbers
        .map(str::parse::<f64>)
        .any(|number| number.is_ok_and(f64::is_infinite))
}

#[test]
fn what_is_quoted_is_read_back() {
    let text = |random: &mut Random| {
        let bytes: Vec<u8> = (0..random.below(20)).map(|_| random.byte()).collect();
        let control: String = bytes.iter().map(|byte| char::from(byte & 0x7F)).collect();
        control + &String::from_utf8_lossy(&bytes)
    };
    fuzz("quoted texts", text, |text| {
        let object = format!("{{\"a\":{}}}", quoted(text));
        assert_eq!(serde_json::from_str::<Value>(&object).unwrap()["a"], **text);
        let object = Object::parse(object, Duplicates::Refuse).unwrap();
        assert_eq!(object.get("a").unwrap().string().unwrap(), **text);
    });
}
