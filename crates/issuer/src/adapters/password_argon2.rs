//! Password hashes: argon2id (RFC 9106) with the parameters OWASP asks for.

use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq;

use crate::adapters::entropy;
use crate::fault::Fault;

/// Memory in KiB, passes, lanes: `m = 19456, t = 2, p = 1`.
const PARAMETERS: (u32, u32, u32) = (19_456, 2, 1);

/// A hash and all that is needed to check a password against it.
#[derive(Clone)]
pub(crate) struct PasswordHash {
    pub(crate) salt: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

impl PasswordHash {
    /// The hash of a password under a fresh salt.
    pub(crate) fn of(password: &str) -> Result<Self, Fault> {
        let salt = entropy::bytes::<16>()?.to_vec();
        let hash = digest(password, &salt)?.to_vec();
        Ok(Self { salt, hash })
    }

    /// Whether this is the hash of that password.
    pub(crate) fn is_of(&self, password: &str) -> Result<bool, Fault> {
        Ok(digest(password, &self.salt)?.ct_eq(&self.hash).into())
    }
}

/// Does the work of checking a password where there is none to check it against, so that an unknown
/// user takes as long as a wrong password.
pub(crate) fn check_against_nobody(password: &str) -> Result<(), Fault> {
    digest(password, &[0; 16]).map(drop)
}

fn digest(password: &str, salt: &[u8]) -> Result<[u8; 32], Fault> {
    #[cfg(feature = "faults")]
    crate::faults::count(crate::faults::Work::PasswordHash);
    let (memory, passes, lanes) = PARAMETERS;
    let failed = |error: argon2::Error| Fault::new(format!("argon2: {error}"));
    let parameters = Params::new(memory, passes, lanes, None).map_err(failed)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let mut hash = [0; 32];
    argon2
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(failed)?;
    Ok(hash)
}
