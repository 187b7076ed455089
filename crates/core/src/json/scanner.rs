//! Passing over JSON (RFC 8259), byte by byte, taking note of the outermost object's members.

use alloc::borrow::Cow;
use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::ops::Range;

use super::escapes::unescaped;
use super::{Duplicates, JsonError, LoneSurrogate, MAX_DEPTH, Type};

/// As many members as a token's payload usually has, or a few more.
const USUAL_MEMBERS: usize = 16;

/// A member of an object, by where it stands.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: Quoted,
    pub(super) value: Range<usize>,
    pub(super) kind: Type,
}

/// Where a string stands, without its quotes.
#[derive(Clone, Debug)]
pub(super) struct Quoted {
    inner: Range<usize>,
    escaped: bool,
}

impl Quoted {
    pub(super) fn is(&self, name: &str, text: &str) -> bool {
        if self.escaped {
            return self.characters(text).is_ok_and(|own| own == name);
        }
        text.as_bytes().get(self.inner.clone()) == Some(name.as_bytes())
    }

    pub(super) fn characters<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, LoneSurrogate> {
        let inner = text.get(self.inner.clone()).unwrap_or_default();
        if self.escaped {
            unescaped(inner)
        } else {
            Ok(Cow::Borrowed(inner))
        }
    }

    pub(super) const fn with_quotes(&self) -> Range<usize> {
        self.inner.start - 1..self.inner.end + 1
    }
}

/// A [`JsonError`] in one byte: where it is, the scanner knows.
pub(super) enum Wrong {
    Syntax,
    TooDeep,
    DuplicateMember,
}

/// Where in a text the next value is expected.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    duplicates: Duplicates,
    /// The members so far of every object that is open, those of the innermost last.
    members: Vec<Member>,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(text: &'a str, duplicates: Duplicates) -> Self {
        Self {
            text,
            at: 0,
            duplicates,
            members: Vec::new(),
        }
    }

    /// The type of the one value that the text is, and its members if it is an object.
    pub(super) fn only_value(mut self) -> Result<(Type, Vec<Member>), JsonError> {
        self.members.reserve(USUAL_MEMBERS);
        match self.value_alone() {
            Ok(kind) => Ok((kind, self.members)),
            Err(Wrong::Syntax) => Err(JsonError::Syntax { at: self.at }),
            Err(Wrong::TooDeep) => Err(JsonError::TooDeep),
            Err(Wrong::DuplicateMember) => Err(JsonError::DuplicateMember),
        }
    }

    fn value_alone(&mut self) -> Result<Type, Wrong> {
        self.white_space();
        let kind = self.value(0)?;
        self.white_space();
        if self.peek().is_some() {
            return Err(Wrong::Syntax);
        }
        Ok(kind)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Where it stands.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Passes over a value of an array.
    pub(super) fn element(&mut self) -> Result<Type, Wrong> {
        self.value(0)
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Wrong> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(Wrong::Syntax)
        }
    }

    pub(super) fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Type, Wrong> {
        if depth > MAX_DEPTH {
            return Err(Wrong::TooDeep);
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.characters().map(|_| Type::String),
            Some(b't') => self.word("true", Type::Bool),
            Some(b'f') => self.word("false", Type::Bool),
            Some(b'n') => self.word("null", Type::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(Wrong::Syntax),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Type, Wrong> {
        let outer = self.members.len();
        self.at += 1;
        self.white_space();
        if self.take(b'}') {
            return Ok(Type::Object);
        }
        loop {
            self.member(depth)?;
            if self.take(b'}') {
                break;
            }
            self.expect(b',')?;
            self.white_space();
        }
        if self.duplicates == Duplicates::Refuse && self.one_stands_twice(outer) {
            return Err(Wrong::DuplicateMember);
        }
        if depth > 0 {
            self.members.truncate(outer);
        }
        Ok(Type::Object)
    }

    fn member(&mut self, depth: usize) -> Result<(), Wrong> {
        let name = self.string()?;
        self.white_space();
        self.expect(b':')?;
        self.white_space();
        let start = self.at;
        let kind = self.value(depth + 1)?;
        let value = start..self.at;
        self.members.push(Member { name, value, kind });
        self.white_space();
        Ok(())
    }

    /// Whether two of the members from `first` on have one name. Few are compared each with each; many are put in order,
    /// so that a long object takes nobody's time.
    fn one_stands_twice(&self, first: usize) -> bool {
        let members = self.members.get(first..).unwrap_or_default();
        if members.len() > USUAL_MEMBERS {
            return self.one_comes_twice(members);
        }
        (0..).zip(members).any(|(at, member)| {
            let mut before = members.iter().take(at);
            before.any(|other| self.have_one_name(member, other))
        })
    }

    fn have_one_name(&self, a: &Member, b: &Member) -> bool {
        if a.name.escaped || b.name.escaped {
            // A name with half a character in it can equal no other and names no claim.
            let names = a
                .name
                .characters(self.text)
                .ok()
                .zip(b.name.characters(self.text).ok());
            return names.is_some_and(|(a, b)| a == b);
        }
        let [a, b] = [a, b].map(|member| self.text.as_bytes().get(member.name.inner.clone()));
        a == b
    }

    #[cold]
    fn one_comes_twice(&self, members: &[Member]) -> bool {
        let names = members
            .iter()
            .filter_map(|member| member.name.characters(self.text).ok());
        let mut ordered: BinaryHeap<_> = names.collect();
        let mut last = None;
        while let Some(name) = ordered.pop() {
            if last.as_ref() == Some(&name) {
                return true;
            }
            last = Some(name);
        }
        false
    }

    fn array(&mut self, depth: usize) -> Result<Type, Wrong> {
        self.at += 1;
        self.white_space();
        if self.take(b']') {
            return Ok(Type::Array);
        }
        loop {
            self.value(depth + 1)?;
            self.white_space();
            if self.take(b']') {
                return Ok(Type::Array);
            }
            self.expect(b',')?;
            self.white_space();
        }
    }

    fn word(&mut self, word: &str, kind: Type) -> Result<Type, Wrong> {
        let rest = self.text.as_bytes().get(self.at..);
        if !rest.is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            return Err(Wrong::Syntax);
        }
        self.at += word.len();
        Ok(kind)
    }

    pub(super) fn string(&mut self) -> Result<Quoted, Wrong> {
        let start = self.at + 1;
        let escaped = self.characters()?;
        let inner = start..self.at - 1;
        Ok(Quoted { inner, escaped })
    }

    /// Passes over a string and says whether there are escapes in it.
    fn characters(&mut self) -> Result<bool, Wrong> {
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            self.at += self.text.as_bytes().get(self.at..).map_or(0, plain);
            if self.take(b'"') {
                return Ok(escaped);
            }
            self.escape()?;
            escaped = true;
        }
    }

    fn escape(&mut self) -> Result<(), Wrong> {
        self.expect(b'\\')?;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(Wrong::Syntax);
                    }
                    self.at += 1;
                }
            }
            _ => return Err(Wrong::Syntax),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Type, Wrong> {
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

    fn digits(&mut self) -> Result<(), Wrong> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            Err(Wrong::Syntax)
        } else {
            Ok(())
        }
    }
}

/// How many bytes from here on stand for themselves in a string.
fn plain(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| !matches!(byte, b'"' | b'\\' | ..b' '))
        .count()
}
