//! Private keys at rest: AES-256-GCM under a key that follows from `KEYRING_SECRET`.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::adapters::entropy;
use crate::fault::Fault;

const NONCE_BYTES: usize = 12;

/// Seals and opens. It does not print.
pub(crate) struct Sealer(Aes256Gcm);

impl Sealer {
    /// The secret is long and random or it is refused by the settings, so one HMAC is derivation
    /// enough; the label keeps the key from being used for anything else.
    pub(crate) fn new(secret: &[u8]) -> Result<Self, Fault> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret)
            .map_err(|_| Fault::new("KEYRING_SECRET is no key"))?;
        let derived = mac
            .chain_update("hallpass keyring 1")
            .finalize()
            .into_bytes();
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
        let sealed = sealed.map_err(|_| Fault::new("a key could not be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed under that name.
    pub(crate) fn open(&self, sealed: &[u8], name: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let wrong =
            || Fault::new("a signing key does not open: is KEYRING_SECRET another than before?");
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(wrong)?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        self.0
            .decrypt(&Nonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| wrong())
    }
}
