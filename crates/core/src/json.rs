//! A strict reader of JSON objects (RFC 8259) that keeps what it does not need to know as text.
//!
//! A general parser builds a tree of everything; a token's reader asks for a dozen claims by name
//! and carries the others along unread, byte for byte. It also has to see what a tree hides: a
//! member that stands twice. Numbers stay text too, so that no claim is rounded on its way.

use alloc::string::String;
use alloc::vec::Vec;

mod escapes;
mod members;
mod scanner;

use alloc::borrow::Cow;
use core::ops::Range;

use escapes::unescaped_lossy;
use members::Member;
use scanner::Scanner;

/// How deep arrays and objects may stand in each other.
pub const MAX_DEPTH: usize = 120;

/// Why a text is not JSON as we take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// Not JSON, from this byte on.
    Syntax {
        /// Offset of the first byte that does not fit.
        at: usize,
    },
    /// Arrays and objects nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A member stands twice in one object.
    DuplicateMember,
    /// JSON, but not an object: what it is instead.
    NotAnObject(Type),
}

/// The types of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number without fraction and exponent.
    Integer,
    /// A number with a fraction or an exponent.
    Float,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// What to make of a member that stands twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// Refuse it, at every depth: for tokens.
    Refuse,
    /// The last wins, as in Python and JavaScript: for request bodies.
    LastWins,
}

/// A JSON object: its text, and where in it the members are.
#[derive(Clone, Debug)]
pub struct Object {
    text: String,
    members: Vec<Member>,
}

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    kind: Type,
    text: &'a str,
}

/// A string's characters, U+FFFD in the place of each half character, of which the first is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lossy<'a> {
    /// The characters.
    pub text: Cow<'a, str>,
    /// The first half character.
    pub lone_surrogate: Option<LoneSurrogate>,
}

/// Half of a character: a `\uD800` to `\uDFFF` escape without its other half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoneSurrogate(pub u16);

impl Object {
    /// Reads a text that is one object and nothing else.
    pub fn parse(text: String, duplicates: Duplicates) -> Result<Self, JsonError> {
        let (kind, members) = Scanner::new(&text, duplicates).only_value()?;
        if kind != Type::Object {
            return Err(JsonError::NotAnObject(kind));
        }
        Ok(Self { text, members })
    }

    /// The member of this name; of several, the last.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value<'_>> {
        let member = self
            .members
            .iter()
            .rfind(|member| member.name.is(name, &self.text));
        member.map(|member| self.value(member))
    }

    /// All members in their order: name (still escaped, with its quotes) and value.
    pub fn members(&self) -> impl Iterator<Item = (Value<'_>, Value<'_>)> {
        self.members.iter().map(|member| {
            let name = Value {
                kind: Type::String,
                text: slice(&self.text, member.name.with_quotes()),
            };
            (name, self.value(member))
        })
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole text, when nothing else is needed any more.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn value(&self, member: &Member) -> Value<'_> {
        Value {
            kind: member.kind,
            text: slice(&self.text, member.value.clone()),
        }
    }
}

fn slice(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

impl<'a> Value<'a> {
    /// The value's type.
    #[must_use]
    pub const fn kind(&self) -> Type {
        self.kind
    }

    /// The value as it stands in the text, strings with their quotes and escapes.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// A string's characters, `None` when it is no string or holds half a character.
    #[must_use]
    pub fn string(&self) -> Option<Cow<'a, str>> {
        self.lossy()
            .filter(|lossy| lossy.lone_surrogate.is_none())
            .map(|lossy| lossy.text)
    }

    /// A string's characters though some be halves; `None` when it is no string.
    #[must_use]
    pub fn lossy(&self) -> Option<Lossy<'a>> {
        let quoted = self.text.strip_prefix('"');
        let inner = quoted.and_then(|text| text.strip_suffix('"'));
        inner.map(unescaped_lossy)
    }
}

/// The strings of an array that holds nothing else; `None` otherwise.
#[must_use]
pub fn strings(array: Value<'_>) -> Option<Vec<String>> {
    if array.kind != Type::Array {
        return None;
    }
    let mut scanner = Scanner::new(array.text, Duplicates::LastWins);
    scanner.take(b'[');
    let mut strings = Vec::new();
    loop {
        scanner.white_space();
        if scanner.take(b']') {
            return Some(strings);
        }
        let string = scanner.string()?;
        strings.push(string.characters(array.text).ok()?.into_owned());
        scanner.white_space();
        scanner.take(b',');
    }
}

/// A text as a JSON string with its quotes, escaped where RFC 8259 section 7 asks for it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                out.push_str("\\u00");
                out.extend(
                    [c as u32 / 16, c as u32 % 16]
                        .iter()
                        .filter_map(|d| char::from_digit(*d, 16)),
                );
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn object(text: &str) -> Result<Object, JsonError> {
        Object::parse(text.to_owned(), Duplicates::Refuse)
    }

    #[test]
    fn members_are_found_by_their_decoded_name() {
        let object = object(r#"{"a":1,"\u0062":"x\n\ud83d\ude00","c":[1,{"a":2}]}"#).unwrap();
        assert_eq!(object.get("a").unwrap().text(), "1");
        assert_eq!(object.get("b").unwrap().string().unwrap(), "x\n😀");
        assert_eq!(object.get("c").unwrap().text(), r#"[1,{"a":2}]"#);
        assert!(object.get("d").is_none());
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_at_every_depth_however_it_is_spelled() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
        ] {
            assert_eq!(
                object(text).unwrap_err(),
                JsonError::DuplicateMember,
                "{text}"
            );
        }
    }

    #[test]
    fn names_with_half_a_character_equal_none_however_many_there_are() {
        for count in [2, 100] {
            let text = vec![r#""\ud800":1"#; count].join(",");
            assert!(object(&format!("{{{text}}}")).is_ok(), "{count}");
            let twice = format!("{{{text},\"a\":1,\"\\ud83d\\ude00\":2,\"😀\":3}}");
            assert_eq!(object(&twice).unwrap_err(), JsonError::DuplicateMember);
        }
    }

    #[test]
    fn of_a_bodys_members_of_one_name_the_last_wins() {
        let body = Object::parse(r#"{"a":1,"a":2}"#.to_owned(), Duplicates::LastWins).unwrap();
        assert_eq!(body.get("a").unwrap().text(), "2");
    }

    #[test]
    fn what_is_not_an_object_says_what_it_is() {
        let cases = [
            ("null", Type::Null),
            ("true", Type::Bool),
            ("1", Type::Integer),
            ("1.5", Type::Float),
            (r#""x""#, Type::String),
            ("[]", Type::Array),
        ];
        for (text, kind) in cases {
            assert_eq!(
                object(text).unwrap_err(),
                JsonError::NotAnObject(kind),
                "{text}"
            );
        }
    }

    #[test]
    fn half_a_character_is_told_apart() {
        let object = object(r#"{"high":"\ud800","low":"\udc00x","two":"\ud800\ud800"}"#).unwrap();
        for (name, unit) in [("high", 0xD800), ("low", 0xDC00), ("two", 0xD800)] {
            let lossy = object.get(name).unwrap().lossy().unwrap();
            assert_eq!(lossy.lone_surrogate, Some(LoneSurrogate(unit)));
            assert_eq!(object.get(name).unwrap().string(), None);
        }
    }

    #[test]
    fn nesting_is_bounded_and_does_not_exhaust_the_stack() {
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        assert_eq!(object(&deep).unwrap_err(), JsonError::TooDeep);
        let fits = format!(
            "{{\"a\":{}{}}}",
            "[".repeat(MAX_DEPTH - 1),
            "]".repeat(MAX_DEPTH - 1)
        );
        assert!(object(&fits).is_ok());
    }

    proptest! {
        #[test]
        fn it_accepts_what_serde_json_accepts(text in r#"[\[\]{}",:0-9.eE+\\utrfalsn -]{0,40}"#) {
            let wrapped = format!("{{\"k\":{text}}}");
            let ours = Object::parse(wrapped.clone(), Duplicates::LastWins);
            let theirs = serde_json::from_str::<serde_json::Value>(&wrapped);
            // serde_json refuses numbers that overflow a float and half characters; both are JSON.
            if theirs.is_ok() {
                prop_assert!(ours.is_ok());
            } else if ours.is_ok() {
                let why = theirs.unwrap_err().to_string();
                prop_assert!(
                    why.contains("out of range") || why.contains("surrogate") || why.contains("hex escape"),
                    "{why}"
                );
            }
        }

        #[test]
        fn members_that_stand_twice_are_found_among_few_and_many(
            names in proptest::collection::vec((0..200_u32, any::<bool>()), 0..50)
        ) {
            let spelled = |(name, escaped): &(u32, bool)| {
                let name = name.to_string();
                if *escaped { format!("\\u003{name}") } else { name }
            };
            let members: Vec<_> = names.iter().map(|name| format!("\"{}\":0", spelled(name))).collect();
            let text = format!("{{\"x\":[{{{}}}]}}", members.join(","));
            let distinct: BTreeSet<_> = names.iter().map(|(name, _)| name).collect();
            let expected = if distinct.len() < names.len() { Err(JsonError::DuplicateMember) } else { Ok(()) };
            prop_assert_eq!(object(&text).map(|_| ()), expected);
        }

        #[test]
        fn a_quoted_text_reads_back_as_itself(text in any::<String>()) {
            let object = object(&format!("{{\"t\":{}}}", quoted(&text))).unwrap();
            prop_assert_eq!(object.get("t").unwrap().string().unwrap(), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = object(&text);
            let _ = Object::parse(format!("{{\"a\":\"{text}\"}}"), Duplicates::LastWins);
        }
    }
}
