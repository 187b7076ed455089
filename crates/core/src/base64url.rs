//! base64url without padding (RFC 7515 section 2), of which bytes have one spelling only.
//!
//! Reading it is half of the work of reading a token, so that goes by a table. Whoever sent a token knows what is read
//! here: it need not take the same time whatever it is. The one secret that is read as well is the `k` of a key in the
//! settings: once, when they are read, and not when somebody asks.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use base64ct::{Base64UrlUnpadded, Encoding};

/// Bytes in base64url.
pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The bytes, if the text is spelled the one way [`encode`] would spell it.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_chunks::<4>();
    let mut bytes = vec![0; groups.len() * 3 + rest.len() * 3 / 4];
    let (triples, last) = bytes.as_chunks_mut::<3>();
    let mut surplus = 0;
    for (group, triple) in groups.iter().zip(triples) {
        let [over, high, middle, low] = octets(*group);
        surplus |= over;
        *triple = [high, middle, low];
    }
    // Of the last characters some bits are not used. A second spelling would have them set.
    match (rest, last) {
        ([], []) => {}
        ([a, b], [first]) => {
            let [over, high, middle, low] = octets([*a, *b, ZERO, ZERO]);
            surplus |= over | middle | low;
            *first = high;
        }
        ([a, b, c], [first, second]) => {
            let [over, high, middle, low] = octets([*a, *b, *c, ZERO]);
            surplus |= over | low;
            [*first, *second] = [high, middle];
        }
        _ => return None,
    }
    (surplus == 0).then_some(bytes)
}

/// What four characters stand for, after a zero; the zero is none when one of them stands for nothing.
fn octets(group: [u8; 4]) -> [u8; 4] {
    let sextets =
        group.map(|character| VALUES.get(usize::from(character)).copied().unwrap_or(NONE));
    let bits = sextets
        .iter()
        .fold(0, |bits, sextet| bits << 6 | u32::from(*sextet));
    let nothing = sextets.iter().fold(0, |all, sextet| all | sextet) & NONE;
    (bits | u32::from(nothing) << 24).to_be_bytes()
}

/// The character for six bits that are zero.
const ZERO: u8 = b'A';

/// What a character stands for that is not of the alphabet.
const NONE: u8 = 1 << 7;

#[expect(
    clippy::indexing_slicing,
    reason = "in a constant, what panics does not compile"
)]
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        let character = match value {
            0..26 => b'A' + value,
            26..52 => b'a' + value - 26,
            52..62 => b'0' + value - 52,
            62 => b'-',
            _ => b'_',
        };
        values[character as usize] = value;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_have_exactly_one_spelling() {
        for (bytes, spelling) in [
            (&b"s"[..], "cw"),
            (b"si", "c2k"),
            (b"sig", "c2ln"),
            (b"", ""),
        ] {
            assert_eq!(decode(spelling.as_bytes()).as_deref(), Some(bytes));
        }
        for second in [
            "cx",
            "c2l",
            "c2k=",
            "c",
            "c2ln\n",
            " c2ln",
            "c2lnc",
            "+2ln",
            "/2ln",
            "c2l\u{e9}",
        ] {
            assert_eq!(decode(second.as_bytes()), None, "{second:?}");
        }
    }

    proptest! {
        #[test]
        fn it_reads_what_another_implementation_reads(text in r"[A-Za-z0-9_\-]{0,40}([A-Za-z0-9+/=_-]{0,2}|\PC)") {
            prop_assert_eq!(decode(text.as_bytes()), Base64UrlUnpadded::decode_vec(&text).ok());
        }

        #[test]
        fn what_was_written_is_read(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
        }
    }
}
