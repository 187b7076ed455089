//! What nobody else may read: AES-256-GCM under a key that follows from a secret of the settings.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::adapters::entropy;
use crate::fault::Fault;

const NONCE_BYTES: usize = 12;

/// What is sealed. Each has a key of its own, so that nothing opens in another's place.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Private keys at rest.
    Keyring,
    /// Mail that waits to be sent.
    Mail,
    /// What somebody is given to hand it back.
    Slip,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Keyring => "hallpass keyring 1",
            Self::Mail => "hallpass mail 1",
            Self::Slip => "hallpass slip 1",
        }
    }
}

/// Seals and opens. It does not print.
pub(crate) struct Sealer(Aes256Gcm);

impl Sealer {
    /// The secret is long and random or it is refused by the settings, so one HMAC is derivation
    /// enough; the label keeps the key from being used for anything else.
    pub(crate) fn new(secret: &[u8], purpose: Purpose) -> Result<Self, Fault> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret)
            .map_err(|_| Fault::new("a secret is no key"))?;
        let derived = mac.chain_update(purpose.label()).finalize().into_bytes();
        let key = Key::<Aes256Gcm>::from(<[u8; 32]>::from(derived));
        Ok(Self(Aes256Gcm::new(&key)))
    }

    /// Nonce and ciphertext of a secret, bound to the name it is kept under.
    pub(crate) fn seal(&self, secret: &[u8], name: &str) -> Result<Vec<u8>, Fault> {
        let nonce = entropy::bytes::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: secret,
            aad: name.as_bytes(),
        };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Fault::new("nothing can be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed under that name; `None`: this was not, or it was changed.
    pub(crate) fn open(&self, sealed: &[u8], name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        let opened = self.0.decrypt(&Nonce::from(*nonce), payload).ok()?;
        Some(Zeroizing::new(opened))
    }

    /// A private key that was sealed under that name.
    pub(crate) fn open_key(&self, sealed: &[u8], kid: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        self.open(sealed, kid).ok_or_else(|| {
            Fault::new("a signing key does not open: is KEYRING_SECRET another than before?")
        })
    }
}
