//! Passing over JSON (RFC 8259), byte by byte, taking note of the outermost object's members.

use alloc::vec::Vec;

use super::members::{Member, Quoted, USUAL_MEMBERS, one_stands_twice};
use super::{Duplicates, JsonError, MAX_DEPTH, Type};

/// Where in a text the next value is expected. What passes over something answers `None` when it cannot.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    duplicates: Duplicates,
    /// The members so far of every object that is open, those of the innermost last.
    members: Vec<Member>,
    /// What is wrong when it is not the syntax.
    wrong: Option<JsonError>,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(text: &'a str, duplicates: Duplicates) -> Self {
        Self {
            text,
            at: 0,
            duplicates,
            members: Vec::new(),
            wrong: None,
        }
    }

    /// The type of the one value that the text is, and its members if it is an object.
    pub(super) fn only_value(mut self) -> Result<(Type, Vec<Member>), JsonError> {
        self.members.reserve(USUAL_MEMBERS);
        match self.value_alone() {
            Some(kind) => Ok((kind, self.members)),
            None => Err(self.wrong.unwrap_or(JsonError::Syntax { at: self.at })),
        }
    }

    fn value_alone(&mut self) -> Option<Type> {
        self.white_space();
        let kind = self.value(0)?;
        self.white_space();
        (self.at == self.text.len()).then_some(kind)
    }

    fn refuse<T>(&mut self, wrong: JsonError) -> Option<T> {
        self.wrong = Some(wrong);
        None
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    pub(super) fn white_space(&mut self) {
        // Hardly any token has some.
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.pass_white_space();
        }
    }

    #[cold]
    fn pass_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Type> {
        if depth > MAX_DEPTH {
            return self.refuse(JsonError::TooDeep);
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.characters().map(|_| Type::String),
            b't' => self.word("true", Type::Bool),
            b'f' => self.word("false", Type::Bool),
            b'n' => self.word("null", Type::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn object(&mut self, depth: usize) -> Option<Type> {
        let outer = self.members.len();
        self.at += 1;
        self.white_space();
        if self.take(b'}') {
            return Some(Type::Object);
        }
        loop {
            self.member(depth)?;
            if self.take(b'}') {
                break;
            }
            self.expect(b',')?;
            self.white_space();
        }
        let members = self.members.get(outer..).unwrap_or_default();
        if self.duplicates == Duplicates::Refuse && one_stands_twice(members, self.text) {
            return self.refuse(JsonError::DuplicateMember);
        }
        if depth > 0 {
            self.members.truncate(outer);
        }
        Some(Type::Object)
    }

    fn member(&mut self, depth: usize) -> Option<()> {
        let name = self.string()?;
        self.white_space();
        self.expect(b':')?;
        self.white_space();
        let start = self.at;
        let kind = self.value(depth + 1)?;
        let value = start..self.at;
        self.members.push(Member { name, value, kind });
        self.white_space();
        Some(())
    }

    fn array(&mut self, depth: usize) -> Option<Type> {
        self.at += 1;
        self.white_space();
        if self.take(b']') {
            return Some(Type::Array);
        }
        loop {
            self.value(depth + 1)?;
            self.white_space();
            if self.take(b']') {
                return Some(Type::Array);
            }
            self.expect(b',')?;
            self.white_space();
        }
    }

    fn word(&mut self, word: &str, kind: Type) -> Option<Type> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.strip_prefix(word.as_bytes())?;
        self.at += word.len();
        Some(kind)
    }

    pub(super) fn string(&mut self) -> Option<Quoted> {
        let start = self.at + 1;
        let escaped = self.characters()?;
        let inner = start..self.at - 1;
        Some(Quoted { inner, escaped })
    }

    /// Passes over a string and says whether there are escapes in it.
    fn characters(&mut self) -> Option<bool> {
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            self.at += plain(self.text.as_bytes().get(self.at..)?);
            if self.take(b'"') {
                return Some(escaped);
            }
            self.escape()?;
            escaped = true;
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.expect(b'\\')?;
        let digits = match self.peek()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 0,
            b'u' => 4,
            _ => return None,
        };
        self.at += 1;
        for _ in 0..digits {
            self.peek().filter(u8::is_ascii_hexdigit)?;
            self.at += 1;
        }
        Some(())
    }

    fn number(&mut self) -> Option<Type> {
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
        Some(kind)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// How many bytes from here on stand for themselves in a string.
fn plain(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| !matches!(byte, b'"' | b'\\' | ..b' '))
        .count()
}
