//! Algorithms and the keys that verify.

#[cfg(any(feature = "hmac", feature = "ed25519"))]
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "hmac")]
use hmac::{Hmac, KeyInit, Mac};
#[cfg(feature = "hmac")]
use sha2::{Sha256, Sha384, Sha512};

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
    /// ECDSA with P-256 and SHA-256.
    ES256,
    /// ECDSA with P-384 and SHA-384.
    ES384,
    /// ECDSA with P-521 and SHA-512.
    ES512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
}

/// What kind of key an algorithm works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// An Ed25519 key.
    Ed25519,
    /// A shared secret: whoever verifies can also sign.
    Secret,
    /// A key on one of the NIST curves, of which each algorithm has its own.
    Ecdsa,
    /// An RSA key.
    Rsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::EdDSA,
        Self::HS256,
        Self::HS384,
        Self::HS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
    ];

    /// Those that the core can check, and that the issuer signs with.
    pub const CHECKED_HERE: [Self; 4] = [Self::EdDSA, Self::HS256, Self::HS384, Self::HS512];

    /// The name in `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
        }
    }

    /// The algorithm of exactly this name (RFC 7515: names are case-sensitive).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == name)
    }

    /// What kind of key it works with.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::EdDSA => Family::Ed25519,
            Self::HS256 | Self::HS384 | Self::HS512 => Family::Secret,
            Self::ES256 | Self::ES384 | Self::ES512 => Family::Ecdsa,
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => {
                Family::Rsa
            }
        }
    }

    /// Whether whoever verifies can also sign.
    #[must_use]
    pub fn is_shared_secret(self) -> bool {
        self.family() == Family::Secret
    }

    /// Whether the core checks its signatures by itself. Those of the others are checked by whoever
    /// has the means, and vouched for with [`crate::Untrusted::authenticate_elsewhere`].
    #[must_use]
    pub const fn is_checked_here(self) -> bool {
        match self.family() {
            Family::Ed25519 => cfg!(feature = "ed25519"),
            Family::Secret => cfg!(feature = "hmac"),
            Family::Ecdsa | Family::Rsa => false,
        }
    }

    /// The length of its hash, in bytes: what a shared secret should have at least (RFC 7518
    /// section 3.2).
    #[must_use]
    pub const fn hash_bytes(self) -> usize {
        match self {
            Self::HS256 | Self::ES256 | Self::RS256 | Self::PS256 => 32,
            Self::HS384 | Self::ES384 | Self::RS384 | Self::PS384 => 48,
            Self::EdDSA | Self::HS512 | Self::ES512 | Self::RS512 | Self::PS512 => 64,
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

impl BadKey {
    /// What is wrong, for people.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooShort => "a shared secret needs at least 32 bytes, and its hash's length",
            Self::NotAPoint => "not an Ed25519 public key",
            Self::WrongAlgorithm => "the key is not for this algorithm",
        }
    }
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
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

/// HMACs are kept as they are once they have taken their key in, which is a good part of their work.
#[derive(Clone)]
enum Material {
    #[cfg(feature = "hmac")]
    Hs256(Box<Hmac<Sha256>>),
    #[cfg(feature = "hmac")]
    Hs384(Box<Hmac<Sha384>>),
    #[cfg(feature = "hmac")]
    Hs512(Box<Hmac<Sha512>>),
    #[cfg(feature = "ed25519")]
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    /// Who checks its signatures has it.
    Elsewhere,
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A HMAC that has taken its key in; it takes one of any length.
#[cfg(feature = "hmac")]
fn keyed<M: KeyInit>(secret: &[u8]) -> Result<Box<M>, BadKey> {
    M::new_from_slice(secret)
        .map(Box::new)
        .map_err(|_| BadKey::TooShort)
}

impl VerifyingKey {
    /// A shared secret for one of the HMAC algorithms.
    #[cfg(feature = "hmac")]
    pub fn shared(algorithm: Algorithm, secret: &[u8]) -> Result<Self, BadKey> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(BadKey::TooShort);
        }
        let material = match algorithm {
            Algorithm::HS256 => Material::Hs256(keyed(secret)?),
            Algorithm::HS384 => Material::Hs384(keyed(secret)?),
            Algorithm::HS512 => Material::Hs512(keyed(secret)?),
            Algorithm::EdDSA
            | Algorithm::ES256
            | Algorithm::ES384
            | Algorithm::ES512
            | Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => return Err(BadKey::WrongAlgorithm),
        };
        Ok(Self::of(algorithm, material))
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
        Ok(Self::of(Algorithm::EdDSA, material))
    }

    /// A key for an algorithm whose signatures somebody else checks.
    pub fn elsewhere(algorithm: Algorithm) -> Result<Self, BadKey> {
        if algorithm.is_checked_here() {
            return Err(BadKey::WrongAlgorithm);
        }
        Ok(Self::of(algorithm, Material::Elsewhere))
    }

    const fn of(algorithm: Algorithm, material: Material) -> Self {
        Self {
            algorithm,
            key_id: None,
            material,
        }
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
    #[must_use]
    pub fn is_meant_by(&self, header: &Header) -> bool {
        self.has_algorithm_of(header) && self.has_id_of(header)
    }

    fn has_algorithm_of(&self, header: &Header) -> bool {
        header.algorithm == self.algorithm.as_str()
    }

    fn has_id_of(&self, header: &Header) -> bool {
        match (&self.key_id, &header.key_id) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, _) | (_, None) => true,
        }
    }

    /// Whether this key made the signature. `verify_slice` compares in constant time.
    #[cfg_attr(
        not(any(feature = "hmac", feature = "ed25519")),
        expect(
            unused_variables,
            reason = "in a build without any algorithm there is no key to look at it with"
        )
    )]
    fn signed(&self, input: &[u8], signature: &[u8]) -> bool {
        #[cfg(feature = "hmac")]
        fn tagged<M: Mac + Clone>(keyed: &M, input: &[u8], tag: &[u8]) -> bool {
            keyed.clone().chain_update(input).verify_slice(tag).is_ok()
        }
        match &self.material {
            #[cfg(feature = "hmac")]
            Material::Hs256(keyed) => tagged(&**keyed, input, signature),
            #[cfg(feature = "hmac")]
            Material::Hs384(keyed) => tagged(&**keyed, input, signature),
            #[cfg(feature = "hmac")]
            Material::Hs512(keyed) => tagged(&**keyed, input, signature),
            #[cfg(feature = "ed25519")]
            Material::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(input, &signature).is_ok()),
            Material::Elsewhere => false,
        }
    }
}

/// The keys a caller accepts.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys(Vec<VerifyingKey>);

impl VerifyingKeys {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.0.iter()
    }

    /// The keys that could have signed a token of this header: of its algorithm, and of its `kid` if
    /// it names one. Without any it is told what there is none of.
    ///
    /// A token without `kid` is tried with every key of its algorithm, of which there are a handful.
    pub fn meant_by(
        &self,
        header: &Header,
    ) -> Result<impl Iterator<Item = &VerifyingKey>, Rejection> {
        let mut candidates = self
            .0
            .iter()
            .filter(|key| key.is_meant_by(header))
            .peekable();
        if candidates.peek().is_some() {
            Ok(candidates)
        } else if self.0.iter().any(|key| key.has_algorithm_of(header)) {
            Err(Rejection::UnknownKey)
        } else {
            Err(Rejection::AlgorithmNotAllowed)
        }
    }

    /// The key that is meant by the header and made this signature.
    pub(crate) fn verify(
        &self,
        header: &Header,
        input: &[u8],
        signature: &[u8],
    ) -> Result<&VerifyingKey, Rejection> {
        self.meant_by(header)?
            .find(|key| key.signed(input, signature))
            .ok_or(Rejection::BadSignature)
    }
}

impl FromIterator<VerifyingKey> for VerifyingKeys {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl From<Vec<VerifyingKey>> for VerifyingKeys {
    fn from(keys: Vec<VerifyingKey>) -> Self {
        Self(keys)
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
