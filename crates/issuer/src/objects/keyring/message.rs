//! What the keyring's object is asked, and what it answers.

use hallpass_core::ring::{Ask, Key, Ring, State};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

#[derive(Serialize, Deserialize)]
pub(super) enum Command {
    /// The ring, after it was asked this.
    Ask {
        #[serde(with = "AskForm")]
        ask: Ask,
        /// The longest lifetime of what whoever asks is going to sign.
        longest_lifetime: u64,
    },
    /// Say whether the storage takes and gives.
    Probe,
    /// Do what the alarm does.
    #[cfg(feature = "faults")]
    Alarm,
}

#[derive(Serialize, Deserialize)]
pub(super) enum Answer {
    Ring(Vec<SealedKey>),
    Declined(Declined),
}

/// Why a ring did not do what it was asked.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Declined {
    /// A key is said to have leaked that it does not know.
    NoSuchKey,
    /// The keys are said to be lost, and `KEYRING_SECRET` opens them.
    NothingLost,
}

/// A key as it leaves the object: bytes in base64url.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedKey {
    #[serde(with = "KeyForm")]
    pub(crate) key: Key,
    pub(crate) public: String,
    /// The private key; one that is dead or lost has none any more.
    pub(crate) sealed: Option<String>,
}

/// The ring that these keys are.
pub(crate) fn ring_of(keys: impl IntoIterator<Item = Key>) -> Result<Ring, Fault> {
    Ring::of(keys).ok_or_else(|| Fault::new("the keys are no ring"))
}

/// [`Ask`] as it is sent.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Ask")]
pub(crate) enum AskForm {
    Look,
    Roll,
    Leaked(Option<String>),
    Lost,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Key")]
struct KeyForm {
    kid: String,
    published_at: u64,
    signs_from: u64,
    #[serde(with = "StateForm")]
    state: State,
}

/// [`State`] as it is sent and stored.
#[derive(Serialize, Deserialize)]
#[serde(remote = "State")]
pub(super) enum StateForm {
    Next { longest_lifetime: u64 },
    Signing { longest_lifetime: u64 },
    Retiring { last_exp: u64 },
    Dead { at: u64, last_exp: u64 },
}
