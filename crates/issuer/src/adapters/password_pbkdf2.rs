//! Passwords as Django stores them: `pbkdf2_sha256$<iterations>$<salt>$<hash in base64>`, which is
//! PBKDF2 (RFC 8018 section 5.2) with HMAC-SHA-256 and a key of one block.
//!
//! The runtime's own PBKDF2 is not used: on Cloudflare it refuses more than 100,000 iterations, and
//! Django 5.2 has 1,000,000. On a laptop it refuses nothing, so no test would tell.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::fault::Fault;

/// What Django calls this hash.
const ALGORITHM: &str = "pbkdf2_sha256";

/// The most iterations that are gone through: twice what Django 5.2 has, some two seconds of CPU time
/// for each try at a password.
pub(crate) const MAX_ITERATIONS: u32 = 2_000_000;

/// The longest salt, in bytes; Django's have 22.
const MAX_SALT: usize = 128;

/// A hash and all that is needed to check a password against it.
#[derive(Debug)]
pub(crate) struct Pbkdf2Hash<'a> {
    iterations: u32,
    salt: &'a str,
    hash: [u8; 32],
}

/// Why a password cannot be checked against what Django has stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// Nobody can sign in with one: it is empty, or begins with `!`.
    NoPassword,
    /// It is hashed by something else.
    Algorithm,
    /// It would take too long.
    Iterations,
    /// It is not what it says.
    Malformed,
}

impl<'a> Pbkdf2Hash<'a> {
    /// Reads what Django has stored.
    pub(crate) fn parse(stored: &'a str) -> Result<Self, Unusable> {
        if stored.is_empty() || stored.starts_with('!') {
            return Err(Unusable::NoPassword);
        }
        let (algorithm, rest) = stored.split_once('$').ok_or(Unusable::Malformed)?;
        if algorithm != ALGORITHM {
            return Err(Unusable::Algorithm);
        }
        let mut parts = rest.split('$');
        let (Some(iterations), Some(salt), Some(encoded), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Unusable::Malformed);
        };
        if iterations.is_empty() || !iterations.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Unusable::Malformed);
        }
        // More digits than a number has room for are too many, too.
        let iterations = iterations.parse().unwrap_or(u32::MAX);
        if iterations > MAX_ITERATIONS {
            return Err(Unusable::Iterations);
        }
        let mut hash = [0; 32];
        let decoded = Base64::decode(encoded, &mut hash).map_err(|_| Unusable::Malformed)?;
        if iterations == 0 || salt.is_empty() || salt.len() > MAX_SALT || decoded.len() != 32 {
            return Err(Unusable::Malformed);
        }
        Ok(Self {
            iterations,
            salt,
            hash,
        })
    }

    /// Whether this is the hash of that password.
    pub(crate) fn is_of(&self, password: &str) -> Result<bool, Fault> {
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::PasswordHash);
        let keyed = Hmac::<Sha256>::new_from_slice(password.as_bytes())
            .map_err(|_| Fault::new("hmac: no key"))?;
        let first = keyed
            .clone()
            .chain_update(self.salt)
            .chain_update([0, 0, 0, 1]);
        let mut block = first.finalize().into_bytes();
        let mut sum = block;
        for _ in 1..self.iterations {
            block = keyed.clone().chain_update(block).finalize().into_bytes();
            for (sum, byte) in sum.iter_mut().zip(block) {
                *sum ^= byte;
            }
        }
        Ok(sum.ct_eq(&self.hash).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Django's `make_password("lètmein", "seasalt", "pbkdf2_sha256")`, with fewer iterations.
    const STORED: &str = "pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A=";

    #[test]
    fn the_password_is_the_one_that_django_hashed() {
        let hash = Pbkdf2Hash::parse(STORED).unwrap();
        assert!(hash.is_of("lètmein").unwrap());
        for wrong in ["letmein", "lètmein ", "", "Lètmein"] {
            assert!(!hash.is_of(wrong).unwrap(), "{wrong:?}");
        }
    }

    #[test]
    fn the_key_is_that_of_rfc_7914_section_11() {
        // Its key has 64 bytes; the first 32 are the first block's.
        let rows = [
            (
                "passwd",
                "salt",
                1,
                "VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=",
            ),
            (
                "Password",
                "NaCl",
                80_000,
                "TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1Y=",
            ),
        ];
        for (password, salt, iterations, key) in rows {
            let stored = format!("pbkdf2_sha256${iterations}${salt}${key}");
            let hash = Pbkdf2Hash::parse(&stored).unwrap();
            assert!(hash.is_of(password).unwrap(), "{password}");
        }
    }

    #[test]
    fn what_cannot_be_checked_says_why() {
        let key = "A".repeat(43) + "=";
        let long = "s".repeat(MAX_SALT + 1);
        let rows = [
            (String::new(), Unusable::NoPassword),
            ("!".to_owned(), Unusable::NoPassword),
            (format!("!pbkdf2_sha256$1$s${key}"), Unusable::NoPassword),
            (format!("pbkdf2_sha1$1$s${key}"), Unusable::Algorithm),
            ("bcrypt_sha256$$2b$12$abc".to_owned(), Unusable::Algorithm),
            (
                "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA".to_owned(),
                Unusable::Algorithm,
            ),
            ("correct horse".to_owned(), Unusable::Malformed),
            (
                format!("pbkdf2_sha256$2000001$s${key}"),
                Unusable::Iterations,
            ),
            (
                format!("pbkdf2_sha256$1000000000$s${key}"),
                Unusable::Iterations,
            ),
            (
                format!("pbkdf2_sha256$99999999999999999999$s${key}"),
                Unusable::Iterations,
            ),
            (format!("pbkdf2_sha256$0$s${key}"), Unusable::Malformed),
            (format!("pbkdf2_sha256$-1$s${key}"), Unusable::Malformed),
            (format!("pbkdf2_sha256$+1$s${key}"), Unusable::Malformed),
            (format!("pbkdf2_sha256$$s${key}"), Unusable::Malformed),
            (format!("pbkdf2_sha256$1$${key}"), Unusable::Malformed),
            (format!("pbkdf2_sha256$1${long}${key}"), Unusable::Malformed),
            (format!("pbkdf2_sha256$1$s${key}$"), Unusable::Malformed),
            ("pbkdf2_sha256$1$s".to_owned(), Unusable::Malformed),
            ("pbkdf2_sha256$1$s$AAAA".to_owned(), Unusable::Malformed),
            (format!("pbkdf2_sha256$1$s${key}AAAA"), Unusable::Malformed),
        ];
        for (stored, why) in rows {
            assert_eq!(Pbkdf2Hash::parse(&stored).unwrap_err(), why, "{stored}");
        }
    }
}
