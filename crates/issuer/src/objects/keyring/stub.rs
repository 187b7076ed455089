//! Asking the keyring's object.

use hallpass_core::ring::Ask;
use worker::Env;

use super::message::{Answer, Command, Declined, SealedKey};
use crate::config::KEYRING;
use crate::fault::Fault;
use crate::objects::call;

/// The one object there is.
pub(crate) struct KeyringStub<'a>(&'a Env);

impl<'a> KeyringStub<'a> {
    pub(crate) const fn new(env: &'a Env) -> Self {
        Self(env)
    }

    /// The ring after it was asked this, for whoever signs tokens that live at most so long.
    pub(crate) async fn ask(
        &self,
        ask: Ask,
        longest_lifetime: u64,
    ) -> Result<Result<Vec<SealedKey>, Declined>, Fault> {
        let command = Command::Ask {
            ask,
            longest_lifetime,
        };
        match call::ask(self.0, KEYRING, NAME, &command).await? {
            Answer::Ring(keys) => Ok(Ok(keys)),
            Answer::Declined(why) => Ok(Err(why)),
        }
    }

    pub(crate) async fn probe(&self) -> Result<(), Fault> {
        call::ask(self.0, KEYRING, NAME, &Command::Probe).await
    }

    /// Has the object do what its alarm does.
    #[cfg(feature = "faults")]
    pub(crate) async fn alarm(&self) -> Result<(), Fault> {
        call::ask(self.0, KEYRING, NAME, &Command::Alarm).await
    }
}

const NAME: &str = "keyring";
