//! What somebody is given, to hand it back: whose it is and until when, sealed so that nobody else
//! reads or makes one. So the object it is about is found without looking anything up, and whoever
//! makes one up does not even get there.

use hallpass_core::compact::{decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sealing_aes::{Purpose, Sealer};
use crate::config::Config;
use crate::fault::Fault;
use crate::objects::subject::message::FormName;

/// The longest that is looked at, in bytes: an address has at most 254 characters.
const MOST_BYTES: usize = 4096;

/// All are sealed under the one name: each says by itself what it is for.
const NAME: &str = "slip";

/// A slip.
#[derive(Serialize, Deserialize)]
pub(crate) struct Slip {
    /// Whose account it is about.
    pub(crate) address: String,
    /// The version of the password when it was given.
    pub(crate) credential: u32,
    /// Whoever holds it has shown the password, to sign in for this; `None`: it resets the password.
    pub(crate) opens: Option<FormName>,
    /// When it is not good any more, seconds.
    pub(crate) expires_at: u64,
}

impl Slip {
    /// It as a text, in the alphabet of URLs. Two are never the same.
    pub(crate) fn sealed(&self, config: &Config) -> Result<String, Fault> {
        let sealed = sealer(config)?.seal(&serde_json::to_vec(self)?, NAME)?;
        Ok(encode(&sealed))
    }

    /// What such a text holds. `None`: we never gave it, or it is over.
    pub(crate) fn opened(text: &str, config: &Config, now: u64) -> Result<Option<Self>, Fault> {
        if text.len() > MOST_BYTES {
            return Ok(None);
        }
        let sealer = sealer(config)?;
        let opened = decode(text)
            .ok()
            .and_then(|sealed| sealer.open(&sealed, NAME));
        // One that is read no more is of another release.
        let slip = opened.and_then(|opened| serde_json::from_slice::<Self>(&opened).ok());
        Ok(slip.filter(|slip| now < slip.expires_at))
    }
}

fn sealer(config: &Config) -> Result<Sealer, Fault> {
    Sealer::new(config.signing.secret().expose(), Purpose::Slip)
}

/// What is stored of a slip that is good once.
pub(crate) fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}
