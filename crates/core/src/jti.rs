//! Token ids that are functions of their session.

use alloc::string::String;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::kind::Kind;

/// A `jti` (RFC 7519 section 4.1.7): of a token of ours 32 lower-case hex digits, of somebody
/// else's any text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Jti(String);

impl Jti {
    /// An id as a token or a store has it.
    #[must_use]
    pub const fn presented(text: String) -> Self {
        Self(text)
    }

    /// An id that follows from nothing: for access tokens outside any rotation.
    #[must_use]
    pub fn random(bytes: [u8; 16]) -> Self {
        Self(hex(&bytes))
    }

    /// The text in the claim.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the presented id, compared as a whole and in constant time.
    pub(crate) fn is(&self, presented: &Self) -> bool {
        self.0.as_bytes().ct_eq(presented.0.as_bytes()).into()
    }

    /// The counter that an id of ours begins with. It says nothing about whether the id is ours.
    fn counter(&self) -> Option<u32> {
        u32::from_str_radix(self.0.get(..8)?, 16).ok()
    }
}

impl fmt::Display for Jti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The secret of a session, from which the ids of all its tokens follow. It does not print.
#[derive(Clone)]
pub struct SessionKey(Zeroizing<[u8; 32]>);

impl SessionKey {
    /// A key of these random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the store.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The id of this session's token of that kind at that counter:
    /// `hex(counter as u32 || HMAC-SHA256(key, kind || counter)[..12])`.
    ///
    /// So no id has to be stored, a presented one tells how far behind it is, and nobody without
    /// the key can make one up.
    #[must_use]
    pub fn jti(&self, kind: Kind, counter: u32) -> Jti {
        let mut id = [0; 16];
        let (head, tail) = id.split_at_mut(4);
        head.copy_from_slice(&counter.to_be_bytes());
        // An HMAC takes a key of any length.
        if let Ok(mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_slice()) {
            let mac = mac
                .chain_update(kind.as_str())
                .chain_update(counter.to_be_bytes());
            for (to, from) in tail.iter_mut().zip(mac.finalize().into_bytes()) {
                *to = from;
            }
        }
        Jti(hex(&id))
    }

    /// The counter of an id if it is one of this session's of that kind, compared as a whole and in
    /// constant time.
    #[must_use]
    pub fn counter_of(&self, kind: Kind, presented: &Jti) -> Option<u32> {
        let counter = presented.counter()?;
        self.jti(kind, counter).is(presented).then_some(counter)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

/// Lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_32_lower_case_hex_digits_that_begin_with_the_counter() {
        let jti = SessionKey::new([7; 32]).jti(Kind::Refresh, 0x2a);
        assert_eq!(jti.as_str().len(), 32);
        assert!(jti.as_str().starts_with("0000002a"));
        assert!(
            jti.as_str()
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        );
    }

    #[test]
    fn a_key_does_not_print() {
        assert_eq!(format!("{:?}", SessionKey::new([7; 32])), "SessionKey(…)");
    }

    #[test]
    fn another_kind_or_another_spelling_is_another_id() {
        let key = SessionKey::new([1; 32]);
        let jti = key.jti(Kind::Refresh, 0xab);
        assert_eq!(key.counter_of(Kind::Refresh, &jti), Some(0xab));
        assert_eq!(key.counter_of(Kind::Access, &jti), None);
        let upper = Jti::presented(jti.as_str().to_uppercase());
        assert_eq!(key.counter_of(Kind::Refresh, &upper), None);
        let signed = Jti::presented(jti.as_str().replacen('0', "+", 1));
        assert_eq!(key.counter_of(Kind::Refresh, &signed), None);
    }

    proptest! {
        #[test]
        fn an_id_gives_its_counter_to_its_own_session_only(
            key in any::<[u8; 32]>(), other in any::<[u8; 32]>(), counter: u32,
        ) {
            prop_assume!(key != other);
            let jti = SessionKey::new(key).jti(Kind::Sliding, counter);
            prop_assert_eq!(SessionKey::new(key).counter_of(Kind::Sliding, &jti), Some(counter));
            prop_assert_eq!(SessionKey::new(other).counter_of(Kind::Sliding, &jti), None);
        }

        #[test]
        fn no_text_is_taken_for_an_id(text in any::<String>()) {
            let key = SessionKey::new([3; 32]);
            prop_assert_eq!(key.counter_of(Kind::Refresh, &Jti::presented(text)), None);
        }
    }
}
