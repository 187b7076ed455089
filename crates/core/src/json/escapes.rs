//! Strings' escapes (RFC 8259 section 7), and what is half a character.

use alloc::borrow::Cow;
use alloc::string::String;
use core::str::Chars;

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
    let mut text = String::with_capacity(inner.len());
    let mut lone_surrogate = None;
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let c = if c == '\\' {
            escaped(&mut chars)
        } else {
            Ok(c)
        };
        text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        lone_surrogate = lone_surrogate.or(c.err());
    }
    Lossy {
        text: Cow::Owned(text),
        lone_surrogate,
    }
}

/// The character that an escape stands for, of which the backslash has been read.
fn escaped(chars: &mut Chars<'_>) -> Result<char, LoneSurrogate> {
    Ok(match chars.next().unwrap_or_default() {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => return character(chars),
        c => c,
    })
}

/// The character of four hex digits, or of eight in two escapes.
fn character(chars: &mut Chars<'_>) -> Result<char, LoneSurrogate> {
    let high = unit(chars);
    let mut ahead = chars.clone();
    if is_high(high) && ahead.next() == Some('\\') && ahead.next() == Some('u') {
        let low = unit(&mut ahead);
        if is_low(low) {
            *chars = ahead;
            let c = 0x1_0000 + ((u32::from(high) & 0x3FF) << 10 | u32::from(low) & 0x3FF);
            return char::from_u32(c).ok_or(LoneSurrogate(high));
        }
    }
    char::from_u32(high.into()).ok_or(LoneSurrogate(high))
}

const fn is_high(unit: u16) -> bool {
    matches!(unit, 0xD800..=0xDBFF)
}

const fn is_low(unit: u16) -> bool {
    matches!(unit, 0xDC00..=0xDFFF)
}

/// The sixteen bits of four hex digits.
fn unit(chars: &mut Chars<'_>) -> u16 {
    let digits = chars.by_ref().take(4).filter_map(|c| c.to_digit(16));
    digits.fold(0, |unit, digit| {
        unit << 4 | u16::try_from(digit).unwrap_or_default()
    })
}
