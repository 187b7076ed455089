//! Asking an account's object.

use hallpass_core::revocation::key_part;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::Env;

use crate::adapters::email;
use crate::config::ACCOUNTS_BY_EMAIL;
use crate::fault::Fault;
use crate::objects::subject::message::Profile;
use crate::objects::{call, probe};

#[derive(Serialize, Deserialize)]
pub(super) enum Command {
    Register(Registration),
    Import(Import),
    Exists,
    Verify {
        door: Door,
        password: String,
    },
    ChangePassword {
        old: String,
        new: String,
    },
    /// Forget all failures.
    Unlock,
    /// Take the code of whoever has shown the password of this version.
    TakeCode {
        credential: u32,
        code: String,
    },
    /// Say whether the owner has chosen to be asked for a code.
    HasChosenFactor,
    /// Ask for a code from now on; without one, mail it first.
    ChooseFactor {
        password: String,
        code: Option<String>,
    },
    /// Do not ask for a code any more, for whoever has this password.
    DropFactor(String),
    /// Mail a link that resets the password, if there is one.
    AskForReset,
    /// Set another password, if a link was mailed whose token has this hash.
    Reset {
        hash: Vec<u8>,
        password: String,
    },
    /// Say whether the storage takes and gives.
    Probe,
    /// Forget the account, if it is this subject's.
    Forget(String),
}

/// By which way an attempt at a password comes.
#[derive(Serialize, Deserialize)]
pub(crate) enum Door {
    /// Somebody signs in.
    SignIn {
        /// [`hallpass_core::attempts::caller_of`].
        caller: String,
        /// The account is [asked too much of](hallpass_core::attempts::Tries::braked).
        braked: bool,
    },
    /// Whoever holds a token of the account, wherever that is: one caller for all of them, for a
    /// thief of a token has as many addresses as there are.
    Bearer,
}

/// Who registers.
#[derive(Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) profile: Profile,
    pub(crate) password: String,
}

/// Whose the account is.
#[derive(Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) sub: String,
    /// Of the password.
    pub(crate) version: u32,
    pub(crate) profile: Profile,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Registered {
    As(Owner),
    /// The address is somebody's.
    Taken,
}

/// Who comes from another system.
#[derive(Serialize, Deserialize)]
pub(crate) struct Import {
    pub(crate) sub: String,
    pub(crate) profile: Profile,
    /// As [`crate::adapters::password_pbkdf2`] reads it; `None`: it has to be reset.
    pub(crate) password: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Imported {
    /// There is an account now.
    New,
    /// It has another password now.
    Updated,
    /// It was there.
    Before,
    /// The address is somebody else's.
    Taken,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Verified {
    /// The password is theirs.
    As(Owner),
    /// It is somebody's, in this version, of whom a code is asked as well: it is in their mail.
    Code(u32),
    /// It is not, or nobody has this address.
    No,
    /// Nothing was checked, and nothing is for so many seconds.
    Wait(u64),
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Changed {
    /// To this version; all sessions have ended.
    To(u32),
    /// The old password is not the account's.
    WrongPassword,
    /// Nothing was checked, and nothing is for so many seconds.
    Wait(u64),
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Coded {
    /// It is theirs.
    As(Owner),
    /// It is another one.
    Wrong,
    /// There is none to be right, or the password was changed.
    Over,
    /// Nothing was looked at, and nothing is for so many seconds.
    Wait(u64),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Chosen {
    /// A code is asked for from now on.
    On,
    /// One was mailed, for whoever chooses to be asked.
    CodeMailed,
    /// The code is another one, or over.
    WrongCode,
    WrongPassword,
    /// Nothing was looked at, and nothing is for so many seconds.
    Wait(u64),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Dropped {
    Done,
    WrongPassword,
    /// Nothing was looked at, and nothing is for so many seconds.
    Wait(u64),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Reset {
    /// There is another password; all sessions have ended.
    Done,
    /// The token is not good, or not any more.
    Refused,
}

/// The object of one e-mail address.
pub(crate) struct AccountStub<'a> {
    env: &'a Env,
    name: String,
}

impl<'a> AccountStub<'a> {
    /// The object of this address, however it is spelled.
    pub(crate) fn of(env: &'a Env, address: &str) -> Self {
        Self {
            env,
            name: format!("email:{}", key_part(&email::key(address))),
        }
    }

    /// An object of no address.
    pub(crate) fn for_probe(env: &'a Env) -> Self {
        Self {
            env,
            name: probe::NAME.to_owned(),
        }
    }

    pub(crate) async fn probe(&self) -> Result<(), Fault> {
        self.ask(&Command::Probe).await
    }

    pub(crate) async fn register(&self, registration: Registration) -> Result<Registered, Fault> {
        self.ask(&Command::Register(registration)).await
    }

    pub(crate) async fn import(&self, import: Import) -> Result<Imported, Fault> {
        self.ask(&Command::Import(import)).await
    }

    pub(crate) async fn exists(&self) -> Result<bool, Fault> {
        self.ask(&Command::Exists).await
    }

    pub(crate) async fn verify(&self, door: Door, password: String) -> Result<Verified, Fault> {
        self.ask(&Command::Verify { door, password }).await
    }

    pub(crate) async fn change_password(&self, old: String, new: String) -> Result<Changed, Fault> {
        self.ask(&Command::ChangePassword { old, new }).await
    }

    /// Has all failures forgotten.
    pub(crate) async fn unlock(&self) -> Result<(), Fault> {
        self.ask(&Command::Unlock).await
    }

    /// `credential`: the version of the password that was shown.
    pub(crate) async fn take_code(&self, credential: u32, code: String) -> Result<Coded, Fault> {
        self.ask(&Command::TakeCode { credential, code }).await
    }

    /// Whether the owner has chosen to be asked for a code.
    pub(crate) async fn has_chosen_factor(&self) -> Result<bool, Fault> {
        self.ask(&Command::HasChosenFactor).await
    }

    pub(crate) async fn choose_factor(
        &self,
        password: String,
        code: Option<String>,
    ) -> Result<Chosen, Fault> {
        self.ask(&Command::ChooseFactor { password, code }).await
    }

    pub(crate) async fn drop_factor(&self, password: String) -> Result<Dropped, Fault> {
        self.ask(&Command::DropFactor(password)).await
    }

    /// Has a link mailed that resets the password. What comes of it, nobody is told.
    pub(crate) async fn ask_for_reset(&self) -> Result<(), Fault> {
        self.ask(&Command::AskForReset).await
    }

    /// `hash`: of the token that was in the link.
    pub(crate) async fn reset(&self, hash: Vec<u8>, password: String) -> Result<Reset, Fault> {
        self.ask(&Command::Reset { hash, password }).await
    }

    /// Frees the address, if the account is this subject's.
    pub(crate) async fn forget(&self, sub: String) -> Result<(), Fault> {
        self.ask(&Command::Forget(sub)).await
    }

    async fn ask<A: DeserializeOwned>(&self, command: &Command) -> Result<A, Fault> {
        call::ask(self.env, ACCOUNTS_BY_EMAIL, &self.name, command).await
    }
}
