//! What the blacklist holds, for how long, and what an entry says about a token.
//!
//! The blacklist is a projection for readers everywhere. It never decides a rotation: a session's
//! object does.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::MAX_LEEWAY;
use crate::claims::{Claims, Subject};
use crate::json::{Duplicates, Object};
use crate::jti::{Jti, hex};

/// Why something was called back. The names are stable: they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A refresh token was exchanged for the next.
    Rotated,
    /// Its holder logged out.
    Logout,
    /// A spent refresh token was presented again.
    Reuse,
    /// All sessions were ended.
    EndAll,
    /// The password was changed.
    PasswordChanged,
    /// Its subject had more sessions than allowed, and it was the least recently refreshed.
    Evicted,
    /// Its counter cannot grow any more.
    Exhausted,
    /// A client revoked it (RFC 7009).
    Revoked,
    /// An administrator ended it.
    Admin,
    /// Its subject was deactivated.
    Deactivated,
    /// Its subject was deleted.
    Deleted,
    /// The key that signed it leaked.
    KeyLeaked,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Rotated,
        Self::Logout,
        Self::Reuse,
        Self::EndAll,
        Self::PasswordChanged,
        Self::Evicted,
        Self::Exhausted,
        Self::Revoked,
        Self::Admin,
        Self::Deactivated,
        Self::Deleted,
        Self::KeyLeaked,
    ];

    /// The name in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Logout => "logout",
            Self::Reuse => "reuse",
            Self::EndAll => "end_all",
            Self::PasswordChanged => "password_changed",
            Self::Evicted => "evicted",
            Self::Exhausted => "exhausted",
            Self::Revoked => "revoked",
            Self::Admin => "admin",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
            Self::KeyLeaked => "key_leaked",
        }
    }

    /// The reason of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// What an entry calls back; its key in the blacklist is its [`fmt::Display`].
///
/// Ordered by importance: what calls back more is sent first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Every token of this subject from before a cutoff.
    Subject(String),
    /// Every token that this key signed.
    Key(String),
    /// Every token of this session.
    Session(String),
    /// One token.
    Token(Jti),
}

impl Target {
    /// What is sent first: 0 before 3.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Subject(_) => 0,
            Self::Key(_) => 1,
            Self::Session(_) => 2,
            Self::Token(_) => 3,
        }
    }

    /// Everything that could call this token back, to be looked up at once.
    #[must_use]
    pub fn all_of(claims: &Claims, key_id: Option<&str>) -> Vec<Self> {
        let subject = match &claims.subject {
            Subject::Of(sub) => Some(Self::Subject(sub.clone())),
            Subject::Absent | Subject::Nobody | Subject::Unreadable => None,
        };
        let key = key_id.map(|kid| Self::Key(kid.to_owned()));
        let session = claims.sid.clone().map(Self::Session);
        let token = claims.jti.clone().map(Self::Token);
        [subject, key, session, token]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Its key in the blacklist.
    #[must_use]
    pub fn key(&self) -> String {
        let (prefix, part) = match self {
            Self::Subject(sub) => (SUBJECT, sub.as_str()),
            Self::Key(kid) => ("kid:", kid.as_str()),
            Self::Session(sid) => ("sid:", sid.as_str()),
            Self::Token(jti) => ("jti:", jti.as_str()),
        };
        let mut key = String::from(prefix);
        key.push_str(&key_part(part));
        key
    }

    /// Whether the entry found under this target calls the token back.
    #[must_use]
    pub fn hits(&self, entry: &str, claims: &Claims) -> bool {
        calls_back(&self.key(), entry, claims.iat)
    }
}

/// Whether the entry found under a key calls back a token of this `iat` that looks for this key. A
/// subject's entry does so from its cutoff on; one that cannot be read calls back everything.
#[must_use]
pub fn calls_back(key: &str, entry: &str, iat: Option<u64>) -> bool {
    !key.starts_with(SUBJECT) || cutoff_of(entry).is_none_or(|cutoff| is_cut_off(cutoff, iat))
}

/// What a subject's keys begin with.
const SUBJECT: &str = "sub:";

fn cutoff_of(entry: &str) -> Option<u64> {
    let object = Object::parse(entry.to_owned(), Duplicates::Refuse).ok()?;
    object.get("cutoff")?.text().parse().ok()
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// The longest part of a key that is written as it is, in characters.
const LONGEST_PART: usize = 128;

/// The part of a key after its prefix, for whoever writes and whoever reads: text that is long or
/// not printable ASCII becomes its SHA-256 in hex (KV allows keys of 512 bytes).
#[must_use]
pub fn key_part(text: &str) -> String {
    let plain = text.len() <= LONGEST_PART && text.bytes().all(|byte| byte.is_ascii_graphic());
    // A text that looks like a hash is hashed too, so that no plain text can pass for another's.
    let looks_hashed = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if plain && !looks_hashed {
        text.to_owned()
    } else {
        hex(&Sha256::digest(text))
    }
}

/// The shortest time an entry is stored for, in seconds: KV refuses less than 60, counted from when
/// it hears of it.
pub const SHORTEST_ENTRY: u64 = 90;

/// Until when an entry has to stay, seconds since the epoch, reckoned when it is sent: as long as
/// any verifier of ours could accept a token that expires at `exp`. `None`: none could any more.
#[must_use]
pub fn keep_until(exp: u64, now: u64) -> Option<u64> {
    let until = exp.saturating_add(MAX_LEEWAY);
    (now < until).then(|| until.max(now.saturating_add(SHORTEST_ENTRY)))
}

/// The cutoff that ends everything issued to a subject up to this second: a token is dead when its
/// `iat` is lower. A lower cutoff never replaces a higher one.
#[must_use]
pub const fn cutoff(previous: u64, now: u64) -> u64 {
    let after = now.saturating_add(1);
    if after > previous { after } else { previous }
}

/// Whether a cutoff hits a token. One without `iat` might be of any age.
#[must_use]
pub fn is_cut_off(cutoff: u64, iat: Option<u64>) -> bool {
    iat.unwrap_or(0) < cutoff
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn an_entry_outlives_its_token_by_the_largest_leeway_and_is_never_too_short_for_kv() {
        assert_eq!(keep_until(1000, 900), Some(1300));
        assert_eq!(keep_until(1000, 1299), Some(1299 + SHORTEST_ENTRY));
        assert_eq!(keep_until(1000, 1300), None);
    }

    #[test]
    fn a_key_part_is_plain_hashed_when_long_or_odd() {
        assert_eq!(key_part("0a1b"), "0a1b");
        assert_eq!(key_part(&"x".repeat(128)), "x".repeat(128));
        for odd in [
            "x".repeat(129),
            "ü".into(),
            "a b".into(),
            "a\n".into(),
            "é".repeat(400),
        ] {
            assert_eq!(key_part(&odd).len(), 64, "{odd}");
        }
    }

    #[test]
    fn a_text_cannot_pass_for_another_texts_hash() {
        let hash = key_part("ü");
        assert_ne!(key_part(&hash), hash);
    }

    #[test]
    fn what_calls_back_more_comes_first() {
        let mut targets = [
            Target::Token(Jti::presented("a".into())),
            Target::Session("b".into()),
            Target::Subject("c".into()),
            Target::Key("d".into()),
        ];
        targets.sort();
        assert_eq!(targets.each_ref().map(Target::rank), [0, 1, 2, 3]);
        let keys = targets.map(|target| target.to_string());
        assert_eq!(keys, ["sub:c", "kid:d", "sid:b", "jti:a"]);
    }

    #[test]
    fn a_cutoff_never_goes_back() {
        assert_eq!(cutoff(0, 100), 101);
        assert_eq!(cutoff(200, 100), 200);
        assert_eq!(cutoff(101, 100), 101);
    }

    #[test]
    fn a_cutoff_hits_its_own_second_and_not_the_next() {
        let cutoff = cutoff(0, 100);
        assert!(is_cut_off(cutoff, Some(100)));
        assert!(!is_cut_off(cutoff, Some(101)));
        assert!(is_cut_off(cutoff, None));
        assert!(!is_cut_off(0, None));
    }

    fn claims(payload: &str) -> Claims {
        let object = Object::parse(payload.to_owned(), Duplicates::Refuse).unwrap();
        Claims::read(object, &crate::ClaimNames::default()).unwrap()
    }

    #[test]
    fn all_that_could_call_a_token_back_is_asked_for() {
        let claims = claims(r#"{"sub":"s","sid":"i","jti":"j","iat":100}"#);
        let keys = Target::all_of(&claims, Some("k"))
            .into_iter()
            .map(|t| t.to_string());
        assert_eq!(
            keys.collect::<Vec<_>>(),
            ["sub:s", "kid:k", "sid:i", "jti:j"]
        );
    }

    #[test]
    fn a_subjects_entry_hits_from_its_cutoff_on_and_everything_when_it_cannot_be_read() {
        let (subject, claims) = (
            Target::Subject("s".into()),
            claims(r#"{"sub":"s","iat":100}"#),
        );
        assert!(subject.hits(r#"{"cutoff":101}"#, &claims));
        assert!(!subject.hits(r#"{"cutoff":100}"#, &claims));
        for unreadable in [
            "",
            "{}",
            "garbage",
            r#"{"cutoff":"100"}"#,
            r#"{"cutoff":-1}"#,
        ] {
            assert!(subject.hits(unreadable, &claims), "{unreadable}");
        }
        assert!(Target::Session("i".into()).hits("", &claims));
    }

    #[test]
    fn reasons_read_back_from_their_names() {
        for reason in Reason::ALL {
            assert_eq!(Reason::named(reason.as_str()), Some(reason));
        }
    }

    proptest! {
        #[test]
        fn a_key_fits_kv_whatever_the_text(text in any::<String>()) {
            let key = Target::Subject(text).to_string();
            prop_assert!(key.len() <= 512 && key.is_ascii());
        }
    }
}
