//! Asking the keyring's object.

use serde::{Deserialize, Serialize};
use worker::Env;

use crate::config::KEYRING;
use crate::fault::Fault;
use crate::objects::call;

#[derive(Serialize, Deserialize)]
pub(super) enum Command {
    Ring,
}

/// A signing key as it leaves the object: bytes in base64url.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedKey {
    pub(crate) kid: String,
    pub(crate) public: String,
    pub(crate) sealed: String,
}

/// The one object there is.
pub(crate) struct KeyringStub<'a>(&'a Env);

impl<'a> KeyringStub<'a> {
    pub(crate) const fn new(env: &'a Env) -> Self {
        Self(env)
    }

    /// All keys, the oldest first.
    pub(crate) async fn ring(&self) -> Result<Vec<SealedKey>, Fault> {
        call::ask(self.0, KEYRING, "keyring", &Command::Ring).await
    }
}
