//! What somebody is given, to hand it back: whose it is and until when, sealed so that nobody else
//! reads or makes one. So the object it is about is found without looking anything up, and whoever
//! makes one up does not even get there.

use hallpass_core::compact::{decode, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sealing_aes::{Purpose, Sealer};
use crate::config::Config;
use crate::fault::Fault;
use crate::objects::subject::message::FormName;

/// The longest that is looked at, in bytes: an address has at most 254 characters.
const MOST_BYTES: usize = 4096;

/// A kind of slip.
pub(crate) trait Slip: Serialize + DeserializeOwned {
    /// No two kinds have the same: what was given as one is not taken for another.
    const NAME: &'static str;

    /// When it is not good any more, seconds.
    fn expires_at(&self) -> u64;

    /// It as a text, in the alphabet of URLs. Two are never the same.
    fn sealed(&self, config: &Config) -> Result<String, Fault> {
        let sealed = sealer(config)?.seal(&serde_json::to_vec(self)?, Self::NAME)?;
        Ok(encode(&sealed))
    }

    /// What such a text holds. `None`: we never gave it, not as this, or it is over.
    fn opened(text: &str, config: &Config, now: u64) -> Result<Option<Self>, Fault> {
        if text.len() > MOST_BYTES {
            return Ok(None);
        }
        let sealer = sealer(config)?;
        let opened = decode(text)
            .ok()
            .and_then(|sealed| sealer.open(&sealed, Self::NAME));
        // One that is read no more is of another release.
        let slip = opened.and_then(|opened| serde_json::from_slice::<Self>(&opened).ok());
        Ok(slip.filter(|slip| now < slip.expires_at()))
    }
}

fn sealer(config: &Config) -> Result<Sealer, Fault> {
    Sealer::new(config.signing.secret().expose(), Purpose::Slip)
}

/// What is stored of a slip that is good once.
pub(crate) fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// It resets the password of an address.
#[derive(Serialize, Deserialize)]
pub(crate) struct ResetSlip {
    pub(crate) address: String,
    pub(crate) expires_at: u64,
}

impl Slip for ResetSlip {
    const NAME: &'static str = "password reset";

    fn expires_at(&self) -> u64 {
        self.expires_at
    }
}

/// Its holder has shown the password of an address, in this version, to sign in by it.
#[derive(Serialize, Deserialize)]
pub(crate) struct ChallengeSlip {
    pub(crate) address: String,
    pub(crate) credential: u32,
    /// What was asked for.
    pub(crate) form: FormName,
    pub(crate) expires_at: u64,
}

impl Slip for ChallengeSlip {
    const NAME: &'static str = "second factor";

    fn expires_at(&self) -> u64 {
        self.expires_at
    }
}
