//! What can be asked of Hallpass: load, let the core decide, store. No HTTP in here.

pub(crate) mod admin;
pub(crate) mod check;
pub(crate) mod client_token;
pub(crate) mod door;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod password;
pub(crate) mod probe;
pub(crate) mod refresh;
pub(crate) mod register;
pub(crate) mod reset;
pub(crate) mod revoke;
pub(crate) mod roll_keys;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod sign_in;

use std::rc::Rc;

use hallpass_core::{Malformed, Rejection};
use worker::Env;

use crate::config::Config;
use crate::fault::Fault;
use crate::objects::subject::message::{Refused, Why};

/// Where a use case runs: the bindings and the settings.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) env: Env,
    pub(crate) config: Rc<Config>,
}

/// Signed tokens.
pub(crate) struct Tokens {
    /// The access token, or the sliding one.
    pub(crate) bearer: String,
    /// The refresh token, if one was issued.
    pub(crate) refresh: Option<String>,
}

/// Why a token is refused: by what it says, or by what became of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The token itself breaks a rule.
    Token(Rejection),
    /// It was called back, or it is spent; and why, if that is known.
    CalledBack(Option<Why>),
    /// Its session is over.
    Expired,
    /// No session of ours issued it.
    NotIssuedHere,
    /// Its subject may not have tokens at present.
    Deactivated,
    /// Its subject was deleted.
    Deleted,
}

/// Why a use case did not come to its end.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The caller's token is refused.
    Refused(Refusal),
    /// We failed.
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(Refusal::Token(rejection))
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        Rejection::from(malformed).into()
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(match refused {
            Refused::CalledBack(why) => Refusal::CalledBack(why),
            Refused::Expired => Refusal::Expired,
            Refused::NotIssuedHere => Refusal::NotIssuedHere,
            Refused::Deactivated => Refusal::Deactivated,
            Refused::Deleted => Refusal::Deleted,
        })
    }
}
