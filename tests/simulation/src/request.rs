//! What an object is asked, and what is heard of it.

#![expect(missing_docs, reason = "fields are named for what they say")]

use serde_json::{Value, json};

use crate::oracle::Known;

/// What is asked of a subject's object. Tokens by their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Open a session with a password of that version.
    Open { credential: u32 },
    /// Exchange it.
    Present(usize),
    /// Is it good?
    Check(usize),
    /// End its session: its holder gives it back.
    GiveBack(usize),
    /// End its session, from the list.
    EndOne(usize),
    /// Call it back.
    Revoke(usize),
    /// Call it back, by its id.
    RevokeId { token: usize, exp: SaidExp },
    /// End all sessions; for a password of that version.
    EndAll { credential: Option<u32> },
    /// No tokens for now.
    Deactivate,
    /// Tokens again.
    Reactivate,
    /// No tokens ever again.
    Delete,
    /// Nothing that can be understood.
    Junk,
}

impl Asked {
    /// The token in question.
    #[must_use]
    pub const fn token(&self) -> Option<usize> {
        match self {
            Self::Present(token)
            | Self::Check(token)
            | Self::GiveBack(token)
            | Self::EndOne(token)
            | Self::Revoke(token)
            | Self::RevokeId { token, .. } => Some(*token),
            Self::Open { .. }
            | Self::EndAll { .. }
            | Self::Deactivate
            | Self::Reactivate
            | Self::Delete
            | Self::Junk => None,
        }
    }

    /// Whether a token is exchanged.
    #[must_use]
    pub const fn exchanges(&self) -> bool {
        matches!(self, Self::Present(_))
    }

    /// Whether it may end the token's session.
    #[must_use]
    pub const fn may_end(&self) -> bool {
        matches!(self, Self::GiveBack(_) | Self::EndOne(_))
    }

    /// Whether it may call the token back.
    #[must_use]
    pub const fn may_revoke(&self) -> bool {
        matches!(self, Self::Revoke(_) | Self::RevokeId { .. })
    }

    /// Whether it says what is not so.
    #[must_use]
    pub const fn errs(&self) -> bool {
        matches!(
            self,
            Self::RevokeId {
                exp: SaidExp::TooEarly,
                ..
            }
        )
    }

    /// Whether it may end all sessions, or changes whether there may be any.
    #[must_use]
    pub const fn ends_all(&self) -> bool {
        matches!(
            self,
            Self::EndAll { .. } | Self::Deactivate | Self::Reactivate | Self::Delete
        )
    }
}

/// What an administrator says of a token's `exp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidExp {
    /// What it is.
    Right,
    /// Something earlier: nothing can be asked of that.
    TooEarly,
    /// Nothing.
    Nothing,
}

/// A request under way, and what was certain when it was sent.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Request {
    /// Of which subject's object.
    pub subject: usize,
    /// What is asked.
    pub asked: Asked,
    /// When it was sent, milliseconds.
    pub sent_at: u64,
    /// It is certain that nothing had called the token back or spent it.
    pub lived: bool,
    /// The token was called back, as was acknowledged.
    pub was_dead: bool,
    /// It was exchanged for another, as was acknowledged.
    pub was_spent: bool,
    /// The password was replaced, as was acknowledged.
    pub was_low: bool,
    /// The subject could not have tokens, as was acknowledged.
    pub was_gone: bool,
    /// How many requests that end all sessions were under way, and how many there had been ever.
    pub enders: (u32, u64),
    /// How many tokens there were.
    pub tokens: usize,
}

/// What is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Tokens.
    Issued {
        /// The bearer token's payload.
        bearer: String,
        /// The refresh token's, if there is one.
        refresh: Option<String>,
    },
    /// The token is good.
    Good,
    /// It was done as asked.
    Done,
    /// What was called back, as the blacklist calls it.
    Revoked(String),
    /// A refusal.
    Refused(WhyRefused),
    /// Nothing to go by.
    Nothing,
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyRefused {
    /// The session has ended.
    Ended,
    /// The token was spent a moment ago.
    LostRace,
    /// It was called back.
    CalledBack,
    /// The session is over.
    Expired,
    /// Anything else.
    Otherwise,
}

/// A command as the object takes it. `sub` is the subject's name.
#[must_use]
pub fn command(asked: &Asked, sub: &str, sliding: bool, tokens: &[Known]) -> String {
    let token = asked.token().and_then(|token| tokens.get(token));
    let payload = token.map(|known| known.token.payload.as_str());
    let change = |change: Value| json!({ "Change": change });
    let stand = |to: &str| change(json!({ "Stand": { "sub": sub, "to": to } }));
    let value = match asked {
        Asked::Open { credential } => change(json!({ "Open": {
            "sub": sub, "credential": credential, "key_id": null, "client": "a browser",
            "form": if sliding { "sliding" } else { "pair" },
            "profile": { "email": "a@example.com", "first_name": "", "last_name": "" },
            "custom": "", "own": { "bearer": null, "refresh": null },
        } })),
        Asked::Present(_) => change(json!({ "Present": { "payload": payload, "key_id": null } })),
        Asked::Check(_) => json!({ "Check": { "payload": payload } }),
        Asked::GiveBack(_) => change(json!({ "GiveBack": { "payload": payload, "by": "Holder" } })),
        Asked::EndOne(_) => {
            let sid = token.map(|known| known.token.sid.as_str());
            change(json!({ "EndOne": { "sid": sid, "by": "Holder" } }))
        }
        Asked::Revoke(_) => change(json!({ "RevokeOne": { "payload": payload, "by": "Holder" } })),
        Asked::RevokeId { exp, .. } => {
            let jti = token.map(|known| known.token.jti.as_str());
            let exp = match exp {
                SaidExp::Right => token.map(|known| known.token.exp),
                SaidExp::TooEarly => token.map(|known| known.token.iat + 1),
                SaidExp::Nothing => None,
            };
            change(json!({ "RevokeId": { "sub": sub, "jti": jti, "exp": exp } }))
        }
        Asked::EndAll { credential } => change(json!({ "EndAll": {
            "sub": sub, "credential": credential, "by": "Holder",
        } })),
        Asked::Deactivate => stand("Deactivate"),
        Asked::Reactivate => stand("Reactivate"),
        Asked::Delete => stand("Delete"),
        Asked::Junk => Value::Null,
    };
    value.to_string()
}

/// What an answer says. `None`: it cannot be read.
#[must_use]
pub fn heard(asked: &Asked, answer: &str) -> Option<Heard> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    if let Some(issued) = answer.get("Issued") {
        return Some(Heard::Issued {
            bearer: issued.get("bearer")?.as_str()?.to_owned(),
            refresh: issued.get("refresh")?.as_str().map(Into::into),
        });
    }
    let refused = match asked {
        Asked::Check(_) => answer.get("refused")?,
        _ => answer.get("Refused").unwrap_or(&Value::Null),
    };
    if !refused.is_null() {
        return Some(Heard::Refused(why(refused)));
    }
    Some(match asked {
        Asked::Check(_) => Heard::Good,
        Asked::RevokeId { .. } => Heard::Revoked(answer.as_str()?.to_owned()),
        Asked::GiveBack(_) if answer == "Ended" => Heard::Done,
        Asked::EndOne(_) if answer == true => Heard::Done,
        Asked::Revoke(_) | Asked::EndAll { .. } if answer.is_null() => Heard::Done,
        Asked::Deactivate | Asked::Delete if answer == "AsAsked" => Heard::Done,
        _ => Heard::Nothing,
    })
}

fn why(refused: &Value) -> WhyRefused {
    let called_back = refused.get("CalledBack");
    match called_back.map(Value::as_str) {
        Some(Some("lost_race")) => WhyRefused::LostRace,
        Some(Some(_)) => WhyRefused::Ended,
        Some(None) => WhyRefused::CalledBack,
        None if refused == "Expired" => WhyRefused::Expired,
        None => WhyRefused::Otherwise,
    }
}
