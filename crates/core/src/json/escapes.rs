//! Strings' escapes (RFC 8259 section 7), and what is half a character.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::Bytes;

use super::{LoneSurrogate, Lossy};

/// The characters of a string that the scanner has accepted, given without its quotes.
pub(super) fn unescaped(inner: &str) -> Result<Cow<'_, str>, LoneSurrogate> {
    let Lossy {
        text,
        lone_surrogate,
    } = unescaped_lossy(inner);
    lone_surrogate.map_or(Ok(text), Err)
}

pub(super) fn unescaped_lossy(inner: &str) -> Lossy<'_> {
    if !inner.bytes().any(|byte| byte == b'\\') {
        return Lossy {
            text: Cow::Borrowed(inner),
            lone_surrogate: None,
        };
    }
    let mut characters = Vec::with_capacity(inner.len());
    let mut lone_surrogate = None;
    let mut bytes = inner.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            characters.push(byte);
            continue;
        }
        let c = escaped(&mut bytes);
        let c = c.unwrap_or_else(|lone| {
            lone_surrogate.get_or_insert(lone);
            char::REPLACEMENT_CHARACTER
        });
        characters.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Lossy {
        text: String::from_utf8(characters).unwrap_or_default().into(),
        lone_surrogate,
    }
}

/// The character that an escape stands for, of which the backslash has been read.
fn escaped(bytes: &mut Bytes<'_>) -> Result<char, LoneSurrogate> {
    Ok(match bytes.next().unwrap_or_default() {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => return character(bytes),
        c => c.into(),
    })
}

/// The character of four hex digits, or of twice four in two escapes.
fn character(bytes: &mut Bytes<'_>) -> Result<char, LoneSurrogate> {
    let high = unit(bytes);
    let mut ahead = bytes.clone();
    if matches!(high, 0xD800..=0xDBFF) && ahead.next() == Some(b'\\') && ahead.next() == Some(b'u')
    {
        let low = unit(&mut ahead);
        if matches!(low, 0xDC00..=0xDFFF) {
            *bytes = ahead;
            return scalar(0x1_0000 + ((high & 0x3FF) << 10 | low & 0x3FF));
        }
    }
    scalar(high)
}

fn scalar(value: u32) -> Result<char, LoneSurrogate> {
    // What is no character is a surrogate, of sixteen bits.
    char::from_u32(value).ok_or_else(|| LoneSurrogate(u16::try_from(value).unwrap_or_default()))
}

/// The sixteen bits of four hex digits.
fn unit(bytes: &mut Bytes<'_>) -> u32 {
    let digits = bytes
        .take(4)
        .filter_map(|byte| char::from(byte).to_digit(16));
    digits.fold(0, |unit, digit| unit << 4 | digit)
}
