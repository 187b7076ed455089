//! Secrets among the settings.

use core::fmt;

use hallpass_core::Algorithm;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret that neither prints nor logs.
#[derive(Clone)]
pub(crate) struct Secret(pub(super) Zeroizing<String>);

impl Secret {
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// It as text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Whether this is the presented secret. How long it takes tells neither where they differ nor
    /// how long the secret is.
    pub(crate) fn is(&self, presented: &str) -> bool {
        let digest = |bytes: &[u8]| <[u8; 32]>::from(Sha256::digest(bytes));
        digest(self.expose())
            .ct_eq(&digest(presented.as_bytes()))
            .into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What signs.
#[derive(Clone, Debug)]
pub(crate) enum Signing {
    /// `SIGNING_KEY` with one of the HMAC algorithms.
    Shared(Algorithm, Secret),
    /// The ring's Ed25519 keys, sealed under this.
    Ring(Secret),
}

impl Signing {
    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Shared(algorithm, _) => *algorithm,
            Self::Ring(_) => Algorithm::EdDSA,
        }
    }

    /// The secret that every deployment has, for whatever is sealed.
    pub(crate) const fn secret(&self) -> &Secret {
        match self {
            Self::Shared(_, secret) | Self::Ring(secret) => secret,
        }
    }
}
