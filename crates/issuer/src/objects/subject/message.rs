//! What a subject's object is asked, and what it answers.

use hallpass_core::revocation::Reason;
use hallpass_core::session::{Form, OwnLifetimes, Session};
use hallpass_core::standing::Move;
use serde::{Deserialize, Serialize};

/// A command, with everything it takes to carry it out.
#[derive(Serialize, Deserialize)]
pub(crate) enum Command {
    /// Only looks.
    Check(Check),
    /// Only looks: the live sessions.
    List,
    /// Only looks: everything, for an administrator.
    Describe,
    Change(Change),
    /// Say whether the storage takes and gives.
    Probe,
}

/// A command that may write.
#[derive(Serialize, Deserialize)]
pub(crate) enum Change {
    Open(Open),
    Present(Present),
    GiveBack(GiveBack),
    EndOne(EndOne),
    RevokeOne(RevokeOne),
    RevokeId(RevokeId),
    RevokeForeign(RevokeForeign),
    Enrol(Enrol),
    Withdraw(Enrol),
    EndAll(EndAll),
    Serve(Serve),
    Stand(Stand),
}

/// Who has something called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum By {
    /// Whose it is, or a client that holds it.
    Holder,
    Admin,
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
    /// Claims for all of its tokens, as [`hallpass_core::CustomClaims::as_stored`] gives them.
    pub(crate) custom: String,
    /// Lifetimes of its own.
    pub(crate) own: Own,
}

/// Lifetimes that were asked for, in seconds.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Own {
    pub(crate) bearer: Option<u64>,
    pub(crate) refresh: Option<u64>,
}

impl From<Own> for OwnLifetimes {
    fn from(own: Own) -> Self {
        Self {
            bearer: own.bearer,
            refresh: own.refresh,
        }
    }
}

/// Which tokens a session has, as it is stored and sent.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormName {
    Pair,
    Sliding,
}

impl From<Form> for FormName {
    fn from(form: Form) -> Self {
        match form {
            Form::Pair => Self::Pair,
            Form::Sliding => Self::Sliding,
        }
    }
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
    /// Of which kind they are.
    pub(crate) form: FormName,
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
    pub(crate) by: By,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum GivenBack {
    Ended,
    Refused(Refused),
}

/// A live session, for its owner's eyes. Times are seconds since the epoch.
#[derive(Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) sid: String,
    pub(crate) started_at: u64,
    pub(crate) last_refreshed_at: u64,
    pub(crate) expires_at: u64,
    /// What the client called itself when it signed in.
    pub(crate) client: String,
}

/// End one session.
#[derive(Serialize, Deserialize)]
pub(crate) struct EndOne {
    pub(crate) sid: String,
    pub(crate) by: By,
}

/// Whether there was a live session to end.
#[derive(Serialize, Deserialize)]
pub(crate) struct EndedOne(pub(crate) bool);

/// Call one token back and leave its session alone.
#[derive(Serialize, Deserialize)]
pub(crate) struct RevokeOne {
    /// The valid token's payload.
    pub(crate) payload: String,
    pub(crate) by: By,
}

/// Call one token back of which only the id is known: a refresh or sliding token's session ends.
#[derive(Serialize, Deserialize)]
pub(crate) struct RevokeId {
    pub(crate) sub: String,
    pub(crate) jti: String,
    /// Its `exp`; `None`: that of the token that lives longest.
    pub(crate) exp: Option<u64>,
}

/// What the blacklist calls what was called back: `sid:…` or `jti:…`.
#[derive(Serialize, Deserialize)]
pub(crate) struct RevokedAs(pub(crate) String);

/// Call tokens of another issuer back, by their ids, as its own list of what was revoked has them.
#[derive(Serialize, Deserialize)]
pub(crate) struct RevokeForeign {
    /// Whose they are; `None`: nobody's.
    pub(crate) sub: Option<String>,
    pub(crate) tokens: Vec<ForeignToken>,
}

/// A token of another issuer of which only this is known.
#[derive(Serialize, Deserialize)]
pub(crate) struct ForeignToken {
    pub(crate) jti: String,
    pub(crate) exp: u64,
}

/// Of each of them, in their order, whether it was called back now; otherwise it had been before.
#[derive(Serialize, Deserialize)]
pub(crate) struct RevokedForeign(pub(crate) Vec<bool>);

/// Note the address of a subject that comes from another system, or take it back.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Enrol {
    pub(crate) sub: String,
    pub(crate) profile: Profile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Enrolled {
    /// It has this address, now or from before.
    Yes,
    /// It has another.
    OtherAddress,
    /// It was deleted, which is final.
    Deleted,
}

/// Change whether the subject may have tokens.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stand {
    pub(crate) sub: String,
    pub(crate) to: MoveName,
}

/// A [`Move`], as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MoveName {
    Deactivate,
    Reactivate,
    Delete,
}

impl From<MoveName> for Move {
    fn from(name: MoveName) -> Self {
        match name {
            MoveName::Deactivate => Self::Deactivate,
            MoveName::Reactivate => Self::Reactivate,
            MoveName::Delete => Self::Delete,
        }
    }
}

/// How the subject stands after a move.
#[derive(Serialize, Deserialize)]
pub(crate) enum Stood {
    /// As was asked.
    AsAsked,
    /// It was deleted, which is final.
    Deleted,
}

/// A subject, for an administrator's eyes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Described {
    /// [`hallpass_core::subject::Standing::as_str`].
    pub(crate) standing: String,
    pub(crate) profile: Option<Profile>,
    /// The live sessions, the last refreshed first.
    pub(crate) sessions: Vec<Outstanding>,
}

/// A live session and its unspent token.
#[derive(Serialize, Deserialize)]
pub(crate) struct Outstanding {
    pub(crate) session: Listed,
    /// The unspent token's id.
    pub(crate) jti: String,
    /// Its kind: refresh or sliding.
    pub(crate) kind: String,
}

/// Issue an access token to a client of ours, for itself.
#[derive(Serialize, Deserialize)]
pub(crate) struct Serve {
    /// `client:<id>`.
    pub(crate) sub: String,
    pub(crate) custom: String,
    /// `aud`, in place of the setting.
    pub(crate) audience: Option<String>,
    pub(crate) key_id: Option<String>,
}

/// End all sessions.
#[derive(Serialize, Deserialize)]
pub(crate) struct EndAll {
    pub(crate) sub: String,
    /// The lowest version of the credential from now on, when it was changed.
    pub(crate) credential: Option<u32>,
    pub(crate) by: By,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refused {
    /// It, its session or all of its subject's tokens were called back, or it is spent; and why, if
    /// its session says so.
    CalledBack(Option<Why>),
    /// Its session is over.
    Expired,
    /// No session issued it.
    NotIssuedHere,
    /// Its subject may not have tokens at present.
    Deactivated,
    /// Its subject was deleted.
    Deleted,
}

/// What became of a token's session, or of the token in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub(crate) enum Why {
    /// The token was spent a moment ago, and the session lives.
    LostRace,
    /// The session has ended.
    Ended(Reason),
}

impl Why {
    /// Why a session has ended, if it has.
    pub(crate) fn ended(session: &Session) -> Option<Self> {
        session.end_reason().map(Self::Ended)
    }

    /// The name on the wire; no reason has that of a lost race.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::LostRace => "lost_race",
            Self::Ended(reason) => reason.as_str(),
        }
    }
}

impl From<Why> for &'static str {
    fn from(why: Why) -> Self {
        why.as_str()
    }
}

impl TryFrom<String> for Why {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name == Self::LostRace.as_str() {
            return Ok(Self::LostRace);
        }
        let reason = Reason::named(&name).ok_or("an unknown reason was sent")?;
        Ok(Self::Ended(reason))
    }
}
