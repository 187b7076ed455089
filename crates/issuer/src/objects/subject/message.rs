//! What a subject's object is asked, and what it answers.

use hallpass_core::session::Form;
use serde::{Deserialize, Serialize};

/// A command, with everything it takes to carry it out.
#[derive(Serialize, Deserialize)]
pub(crate) enum Command {
    /// Only looks.
    Check(Check),
    Change(Change),
}

/// A command that may write.
#[derive(Serialize, Deserialize)]
pub(crate) enum Change {
    Open(Open),
    Present(Present),
    GiveBack(GiveBack),
    EndAll(EndAll),
}

/// Open a session.
#[derive(Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) sub: String,
    /// The version of the credential that was checked.
    pub(crate) credential: u32,
    pub(crate) form: FormName,
    /// The key that will sign; `None` with a shared secret.
    pub(crate) key_id: Option<String>,
    /// What the client calls itself, for the list of sessions.
    pub(crate) client: String,
    /// Who it is, if this Worker keeps the account.
    pub(crate) profile: Option<Profile>,
}

/// Which tokens a session has, as it is stored and sent.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormName {
    Pair,
    Sliding,
}

impl From<FormName> for Form {
    fn from(name: FormName) -> Self {
        match name {
            FormName::Pair => Self::Pair,
            FormName::Sliding => Self::Sliding,
        }
    }
}

/// What is known of a user with a built-in account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Opened {
    Issued(Unsigned),
    /// Everything issued before this second is dead: ask again then.
    WaitUntil(u64),
    /// The credential was replaced, or the subject is not active.
    Refused,
}

/// Tokens without their signatures.
#[derive(Serialize, Deserialize)]
pub(crate) struct Unsigned {
    /// The payload of the access or the sliding token.
    pub(crate) bearer: String,
    /// The payload of the refresh token, if there is one.
    pub(crate) refresh: Option<String>,
    /// The key that signs them.
    pub(crate) key_id: Option<String>,
}

/// Exchange a valid refresh or sliding token.
#[derive(Serialize, Deserialize)]
pub(crate) struct Present {
    /// The token's payload.
    pub(crate) payload: String,
    /// The key that will sign what is issued now.
    pub(crate) key_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Presented {
    Issued(Unsigned),
    Refused(Refused),
}

/// Say whether a valid token was called back.
#[derive(Serialize, Deserialize)]
pub(crate) struct Check {
    /// The token's payload.
    pub(crate) payload: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Checked {
    /// Why the token is refused; `None`: it is good.
    pub(crate) refused: Option<Refused>,
    /// Whose it is, if this Worker keeps the account.
    pub(crate) profile: Option<Profile>,
}

/// End the session of a valid refresh token: log out, blacklist.
#[derive(Serialize, Deserialize)]
pub(crate) struct GiveBack {
    /// The token's payload.
    pub(crate) payload: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum GivenBack {
    Ended,
    Refused(Refused),
}

/// End all sessions.
#[derive(Serialize, Deserialize)]
pub(crate) struct EndAll {
    pub(crate) sub: String,
    /// The lowest version of the credential from now on, when it was changed.
    pub(crate) credential: Option<u32>,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refused {
    /// It, its session or all of its subject's tokens were called back, or it is spent.
    CalledBack,
    /// Its session is over.
    Expired,
    /// No session issued it.
    NotIssuedHere,
    /// Its subject may not have tokens.
    Inactive,
}
