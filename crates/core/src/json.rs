//! A strict reader of JSON objects (RFC 8259) that keeps what it does not need to know as text.
//!
//! A general parser builds a tree of everything; a token's reader asks for a dozen claims by name
//! and carries the others along unread, byte for byte. It also has to see what a tree hides: a
//! member that stands twice. Numbers stay text too, so that no claim is rounded on its way.

use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

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

#[derive(Clone, Debug)]
struct Member {
    name: Range<usize>,
    value: Range<usize>,
    kind: Type,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoneSurrogate(pub u16);

impl Object {
    /// Reads a text that is one object and nothing else.
    pub fn parse(text: String, duplicates: Duplicates) -> Result<Self, JsonError> {
        let mut scanner = Scanner {
            bytes: text.as_bytes(),
            at: 0,
            duplicates,
        };
        scanner.white_space();
        let mut members = Vec::new();
        let kind = scanner.value(&text, 0, Some(&mut members))?;
        scanner.white_space();
        if scanner.at != text.len() {
            return Err(scanner.syntax());
        }
        if kind != Type::Object {
            return Err(JsonError::NotAnObject(kind));
        }
        Ok(Self { text, members })
    }

    /// The member of this name; of several, the last.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value<'_>> {
        let named = |member: &&Member| unescaped(self.slice(&member.name)).is_ok_and(|n| n == name);
        self.members
            .iter()
            .rev()
            .find(named)
            .map(|member| self.value(member))
    }

    /// All members in their order: name (still escaped, with its quotes) and value.
    pub fn members(&self) -> impl Iterator<Item = (Value<'_>, Value<'_>)> {
        self.members.iter().map(|member| {
            let name = Value {
                kind: Type::String,
                text: self.slice(&member.name),
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
            text: self.slice(&member.value),
        }
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
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
        (self.kind == Type::String).then(|| unescaped_lossy(self.text))
    }
}

/// The strings of an array that holds nothing else; `None` otherwise.
#[must_use]
pub fn strings(array: Value<'_>) -> Option<Vec<String>> {
    let strings = elements(array)?
        .into_iter()
        .map(|element| Some(element.string()?.into_owned()));
    strings.collect()
}

/// What an array holds; `None` when it is none.
#[must_use]
pub fn elements(array: Value<'_>) -> Option<Vec<Value<'_>>> {
    if array.kind != Type::Array {
        return None;
    }
    let mut scanner = Scanner {
        bytes: array.text.as_bytes(),
        at: 1,
        duplicates: Duplicates::LastWins,
    };
    let mut elements = Vec::new();
    loop {
        scanner.white_space();
        if scanner.take(b']') {
            return Some(elements);
        }
        let start = scanner.at;
        let kind = scanner.value(array.text, 0, None).ok()?;
        let text = array.text.get(start..scanner.at)?;
        elements.push(Value { kind, text });
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

/// The characters of a string that the scanner has accepted, given with its quotes.
fn unescaped(quoted: &str) -> Result<Cow<'_, str>, LoneSurrogate> {
    let Lossy {
        text,
        lone_surrogate,
    } = unescaped_lossy(quoted);
    lone_surrogate.map_or(Ok(text), Err)
}

fn unescaped_lossy(quoted: &str) -> Lossy<'_> {
    let inner = quoted
        .strip_prefix('"')
        .and_then(|s| s.strip_suffix('"'))
        .unwrap_or(quoted);
    if !inner.contains('\\') {
        return Lossy {
            text: Cow::Borrowed(inner),
            lone_surrogate: None,
        };
    }
    let mut text = String::with_capacity(inner.len());
    let mut lone_surrogate = None;
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let (c, after) = escaped_character(escape);
        text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        lone_surrogate = lone_surrogate.or(c.err());
        rest = after;
    }
    text.push_str(rest);
    Lossy {
        text: Cow::Owned(text),
        lone_surrogate,
    }
}

/// The character that an escape stands for, given what follows its backslash, and what is left.
fn escaped_character(escape: &str) -> (Result<char, LoneSurrogate>, &str) {
    let mut chars = escape.chars();
    let c = match chars.next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => return unicode_escape(escape),
        Some(c) => c,
        None => char::REPLACEMENT_CHARACTER,
    };
    (Ok(c), chars.as_str())
}

fn unicode_escape(escape: &str) -> (Result<char, LoneSurrogate>, &str) {
    let high = hex_unit(escape).unwrap_or_default();
    let rest = escape.get(5..).unwrap_or_default();
    let low = rest.strip_prefix('\\').and_then(hex_unit);
    if let Some(low) = low.filter(|low| is_pair(high, *low)) {
        let c = char::decode_utf16([high, low]).next().and_then(Result::ok);
        return (
            c.ok_or(LoneSurrogate(high)),
            rest.get(6..).unwrap_or_default(),
        );
    }
    (char::from_u32(high.into()).ok_or(LoneSurrogate(high)), rest)
}

const fn is_pair(high: u16, low: u16) -> bool {
    matches!(high, 0xD800..=0xDBFF) && matches!(low, 0xDC00..=0xDFFF)
}

/// The sixteen bits of a `u` and four hex digits.
fn hex_unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    duplicates: Duplicates,
}

impl Scanner<'_> {
    fn syntax(&self) -> JsonError {
        JsonError::Syntax { at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over one value. `members` takes note of them when the value is an object.
    fn value(
        &mut self,
        text: &str,
        depth: usize,
        members: Option<&mut Vec<Member>>,
    ) -> Result<Type, JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        match self.peek() {
            Some(b'{') => self.object(text, depth, members),
            Some(b'[') => self.array(text, depth),
            Some(b'"') => self.string().map(|_| Type::String),
            Some(b't') => self.word("true", Type::Bool),
            Some(b'f') => self.word("false", Type::Bool),
            Some(b'n') => self.word("null", Type::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.syntax()),
        }
    }

    fn object(
        &mut self,
        text: &str,
        depth: usize,
        mut members: Option<&mut Vec<Member>>,
    ) -> Result<Type, JsonError> {
        let mut names = BTreeSet::new();
        self.expect(b'{')?;
        self.white_space();
        if self.take(b'}') {
            return Ok(Type::Object);
        }
        loop {
            self.white_space();
            let name = self.string()?;
            if self.duplicates == Duplicates::Refuse {
                let decoded = unescaped(text.get(name.clone()).unwrap_or_default());
                // A name with half a character in it can equal no other and names no claim.
                if decoded.is_ok_and(|name| !names.insert(name)) {
                    return Err(JsonError::DuplicateMember);
                }
            }
            self.white_space();
            self.expect(b':')?;
            self.white_space();
            let start = self.at;
            let kind = self.value(text, depth + 1, None)?;
            if let Some(members) = members.as_deref_mut() {
                members.push(Member {
                    name,
                    value: start..self.at,
                    kind,
                });
            }
            self.white_space();
            if self.take(b'}') {
                return Ok(Type::Object);
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, text: &str, depth: usize) -> Result<Type, JsonError> {
        self.expect(b'[')?;
        self.white_space();
        if self.take(b']') {
            return Ok(Type::Array);
        }
        loop {
            self.white_space();
            self.value(text, depth + 1, None)?;
            self.white_space();
            if self.take(b']') {
                return Ok(Type::Array);
            }
            self.expect(b',')?;
        }
    }

    fn word(&mut self, word: &str, kind: Type) -> Result<Type, JsonError> {
        if !self
            .bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word.as_bytes()))
        {
            return Err(self.syntax());
        }
        self.at += word.len();
        Ok(kind)
    }

    /// Passes over a string and returns where it stands, quotes included.
    fn string(&mut self) -> Result<Range<usize>, JsonError> {
        let start = self.at;
        self.expect(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(start..self.at);
                }
                Some(b'\\') => self.escape()?,
                Some(byte) if byte >= b' ' => self.at += 1,
                _ => return Err(self.syntax()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.syntax());
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.syntax()),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Type, JsonError> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut kind = Type::Integer;
        if self.take(b'.') {
            kind = Type::Float;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            kind = Type::Float;
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(kind)
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.syntax())
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
