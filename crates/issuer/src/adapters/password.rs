//! A password as it is stored: by our own hash, or as another system has left it.

use super::password_argon2::{self, PasswordHash};
use super::password_pbkdf2::Pbkdf2Hash;
use crate::fault::Fault;

/// What our own hash is called.
const OURS: &str = "argon2id";

/// What is stored where there is none.
const NONE: &str = "none";

/// A password as it is stored.
#[derive(Clone)]
pub(crate) enum StoredPassword {
    /// By our own hash.
    Ours(PasswordHash),
    /// As Django has it: until it is used here for the first time.
    Django(String),
    /// Nobody can sign in with one until it is reset.
    None,
}

impl StoredPassword {
    /// As it is in three columns.
    pub(crate) fn named(algorithm: String, salt: Vec<u8>, hash: Vec<u8>) -> Self {
        match algorithm.as_str() {
            OURS => Self::Ours(PasswordHash { salt, hash }),
            NONE => Self::None,
            _ => Self::Django(algorithm),
        }
    }

    /// The first of its columns: its algorithm, or all of it.
    pub(crate) fn algorithm(&self) -> &str {
        match self {
            Self::Ours(_) => OURS,
            Self::Django(stored) => stored,
            Self::None => NONE,
        }
    }

    /// The second.
    pub(crate) fn salt(&self) -> Vec<u8> {
        match self {
            Self::Ours(hash) => hash.salt.clone(),
            Self::Django(_) | Self::None => Vec::new(),
        }
    }

    /// The third.
    pub(crate) fn hash(&self) -> Vec<u8> {
        match self {
            Self::Ours(hash) => hash.hash.clone(),
            Self::Django(_) | Self::None => Vec::new(),
        }
    }

    pub(crate) const fn is_ours(&self) -> bool {
        matches!(self, Self::Ours(_))
    }

    /// Whether it is that password. Where there is none, the work of ours is done all the same.
    ///
    /// Django's takes some twenty times as long: whoever measures it learns that somebody with this
    /// address came from there and has not signed in since. Whether an address is registered at all,
    /// the endpoint of registration tells everybody; and doing that work for addresses nobody has
    /// would hand a second of CPU time to whoever asks.
    pub(crate) fn is_of(&self, password: &str) -> Result<bool, Fault> {
        match self {
            Self::Ours(hash) => hash.is_of(password),
            Self::Django(stored) => Pbkdf2Hash::parse(stored)
                .map_err(|why| Fault::new(format!("a stored password: {why:?}")))?
                .is_of(password),
            Self::None => password_argon2::check_against_nobody(password).map(|()| false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_as_it_was() {
        let hash = PasswordHash {
            salt: vec![1; 16],
            hash: vec![2; 32],
        };
        let django = "pbkdf2_sha256$1$s$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let all = [
            StoredPassword::Ours(hash),
            StoredPassword::Django(django.to_owned()),
            StoredPassword::None,
        ];
        for stored in all {
            let algorithm = stored.algorithm().to_owned();
            let read = StoredPassword::named(algorithm, stored.salt(), stored.hash());
            let columns =
                |one: &StoredPassword| (one.algorithm().to_owned(), one.salt(), one.hash());
            assert_eq!(columns(&read), columns(&stored));
            assert_eq!(read.is_ours(), stored.is_ours());
        }
    }
}
