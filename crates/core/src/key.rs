//! Algorithms and the keys that verify.

#[cfg(feature = "ed25519")]
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "hmac")]
use zeroize::Zeroizing;

use crate::compact::Header;
use crate::rejection::Rejection;

/// A signature algorithm (RFC 7518 section 3.1, RFC 8037). There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519.
    EdDSA,
    /// HMAC with SHA-256.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::EdDSA, Self::HS256, Self::HS384, Self::HS512];

    /// The name in `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// The algorithm of exactly this name (RFC 7515: names are case-sensitive).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == name)
    }

    /// Whether whoever verifies can also sign.
    #[must_use]
    pub const fn is_shared_secret(self) -> bool {
        match self {
            Self::EdDSA => false,
            Self::HS256 | Self::HS384 | Self::HS512 => true,
        }
    }
}

/// The shortest shared secret accepted, in bytes: the length of the shortest hash (RFC 7518
/// section 3.2).
pub const MIN_SECRET_BYTES: usize = 32;

/// Why bytes are not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKey {
    /// A shared secret under [`MIN_SECRET_BYTES`].
    TooShort,
    /// Not the encoding of a point on the curve, or one of the few weak ones.
    NotAPoint,
    /// The algorithm is not this kind of key's, or this build is without it.
    WrongAlgorithm,
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "a shared secret needs at least 32 bytes",
            Self::NotAPoint => "not an Ed25519 public key",
            Self::WrongAlgorithm => "the key is not for this algorithm",
        })
    }
}

impl core::error::Error for BadKey {}

/// A key, the one algorithm it is for, and the `kid` by which tokens name it.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key_id: Option<String>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    #[cfg(feature = "hmac")]
    Secret(Zeroizing<Vec<u8>>),
    #[cfg(feature = "ed25519")]
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl VerifyingKey {
    /// A shared secret for one of the HMAC algorithms.
    #[cfg(feature = "hmac")]
    pub fn shared(algorithm: Algorithm, secret: &[u8]) -> Result<Self, BadKey> {
        if !algorithm.is_shared_secret() {
            return Err(BadKey::WrongAlgorithm);
        }
        if secret.len() < MIN_SECRET_BYTES {
            return Err(BadKey::TooShort);
        }
        let material = Material::Secret(Zeroizing::new(secret.to_vec()));
        Ok(Self {
            algorithm,
            key_id: None,
            material,
        })
    }

    /// An Ed25519 public key: the `x` of an OKP key (RFC 8037 section 2), decoded.
    #[cfg(feature = "ed25519")]
    pub fn ed25519(public: &[u8]) -> Result<Self, BadKey> {
        let bytes = <&[u8; 32]>::try_from(public).map_err(|_| BadKey::NotAPoint)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| BadKey::NotAPoint)?;
        if key.is_weak() {
            return Err(BadKey::NotAPoint);
        }
        let material = Material::Ed25519(Box::new(key));
        Ok(Self {
            algorithm: Algorithm::EdDSA,
            key_id: None,
            material,
        })
    }

    /// The same key under a `kid`: tokens that name a key then have to name this one.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The `kid`, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The one algorithm this key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header is only compared: a key decides its algorithm, never the token.
    fn is_meant_by(&self, header: &Header) -> bool {
        let same_id = match (&self.key_id, &header.key_id) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, _) | (_, None) => true,
        };
        same_id && header.algorithm == self.algorithm.as_str()
    }

    #[cfg_attr(
        not(any(feature = "hmac", feature = "ed25519")),
        expect(
            unused_variables,
            reason = "in a build without any algorithm there is no key to look at it with"
        )
    )]
    fn signed(&self, input: &[u8], signature: &[u8]) -> bool {
        match self.material {
            #[cfg(feature = "hmac")]
            Material::Secret(ref secret) => {
                // `verify_slice` compares in constant time.
                fn holds<M: hmac::KeyInit + hmac::Mac>(
                    key: &[u8],
                    input: &[u8],
                    tag: &[u8],
                ) -> bool {
                    <M as hmac::KeyInit>::new_from_slice(key)
                        .is_ok_and(|mac| mac.chain_update(input).verify_slice(tag).is_ok())
                }
                let verify = match self.algorithm {
                    Algorithm::HS256 => holds::<hmac::Hmac<sha2::Sha256>>,
                    Algorithm::HS384 => holds::<hmac::Hmac<sha2::Sha384>>,
                    Algorithm::HS512 => holds::<hmac::Hmac<sha2::Sha512>>,
                    Algorithm::EdDSA => return false,
                };
                verify(secret, input, signature)
            }
            #[cfg(feature = "ed25519")]
            Material::Ed25519(ref key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(input, &signature).is_ok()),
        }
    }
}

/// The keys a caller accepts.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys(Vec<VerifyingKey>);

impl VerifyingKeys {
    /// Looks for a key that is meant by the header and made this signature.
    ///
    /// A token without `kid` is tried with every key of its algorithm, of which there are a handful.
    pub(crate) fn verify(
        &self,
        header: &Header,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Rejection> {
        let mut candidates = self
            .0
            .iter()
            .filter(|key| key.is_meant_by(header))
            .peekable();
        if candidates.peek().is_none() {
            return Err(Rejection::UnknownKey);
        }
        if candidates.any(|key| key.signed(input, signature)) {
            Ok(())
        } else {
            Err(Rejection::BadSignature)
        }
    }
}

impl FromIterator<VerifyingKey> for VerifyingKeys {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl Extend<VerifyingKey> for VerifyingKeys {
    fn extend<I: IntoIterator<Item = VerifyingKey>>(&mut self, keys: I) {
        self.0.extend(keys);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_refused() {
        let key = VerifyingKey::shared(Algorithm::HS256, &[7; 31]);
        assert_eq!(key.unwrap_err(), BadKey::TooShort);
    }

    #[test]
    fn a_secret_is_no_key_for_a_public_algorithm() {
        let key = VerifyingKey::shared(Algorithm::EdDSA, &[7; 32]);
        assert_eq!(key.unwrap_err(), BadKey::WrongAlgorithm);
    }

    #[test]
    fn a_public_key_of_the_wrong_length_or_a_weak_one_is_refused() {
        for bytes in [&[1; 31][..], &[1; 33], &[], &[0; 32]] {
            assert_eq!(
                VerifyingKey::ed25519(bytes).unwrap_err(),
                BadKey::NotAPoint,
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_key_does_not_print() {
        let key =
            VerifyingKey::shared(Algorithm::HS256, b"abcdefghijklmnopqrstuvwxyz-012345").unwrap();
        assert!(!format!("{key:?}").contains("98, 99"), "{key:?}");
    }
}
