//! A code that was mailed, as it is stored. It has so few digits that whoever reads a plain hash of it
//! has found it at once: so it is hashed under a secret, for the one whose it is.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::Config;
use crate::fault::Fault;

/// What is stored of a subject's code.
pub(crate) fn hash(config: &Config, sub: &str, code: &str) -> Result<Vec<u8>, Fault> {
    let secret = config.signing.secret().expose();
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret)
        .map_err(|_| Fault::new("a secret is no key"))?;
    let mac = mac.chain_update(format!("hallpass code 1\n{sub}\n{code}"));
    Ok(mac.finalize().into_bytes().to_vec())
}
