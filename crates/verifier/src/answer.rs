//! What JavaScript gets: one text of JSON, a value or a refusal.
//!
//! A refusal is an object that begins with the member `code`; no value is an object that does. Its `reason` is prose for
//! people. Neither holds any part of a token.

use alloc::string::String;

use hallpass_core::{Claim, Malformed, Rejection};

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Stable, for programs.
    pub(crate) code: &'static str,
    /// The claim that is at fault, where it is one.
    pub(crate) claim: Option<&'static str>,
    /// For people. Neither this nor the others need escaping in JSON.
    pub(crate) reason: &'static str,
}

impl Refusal {
    /// An option that makes no sense.
    pub(crate) const fn bad_option(reason: &'static str) -> Self {
        Self {
            code: "bad_option",
            claim: None,
            reason,
        }
    }

    /// The core's refusal.
    pub(crate) const fn of(rejection: Rejection) -> Self {
        Self {
            code: rejection.code(),
            claim: match claim(rejection) {
                Some(claim) => Some(claim.name()),
                None => None,
            },
            reason: reason(rejection),
        }
    }

    #[cold]
    fn to_json(self) -> String {
        let (also, claim) = self
            .claim
            .map_or(("", ""), |claim| ("\",\"claim\":\"", claim));
        let Self { code, reason, .. } = self;
        joined(&[
            "{\"code\":\"",
            code,
            "\",\"reason\":\"",
            reason,
            also,
            claim,
            "\"}",
        ])
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::of(rejection)
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self {
            code: Rejection::Malformed(malformed).code(),
            claim: None,
            reason: form(malformed),
        }
    }
}

/// The text for JavaScript; of a value it is the value's own JSON.
pub(crate) fn text(answer: Result<String, Refusal>) -> String {
    answer.unwrap_or_else(Refusal::to_json)
}

/// Texts one after the other; unlike the standard library's way it cannot panic.
pub(crate) fn joined(texts: &[&str]) -> String {
    let mut whole = String::with_capacity(texts.iter().map(|text| text.len()).sum());
    for text in texts {
        whole.push_str(text);
    }
    whole
}

const fn claim(rejection: Rejection) -> Option<Claim> {
    match rejection {
        Rejection::WrongForm(claim) | Rejection::Missing(claim) => Some(claim),
        Rejection::IssuedInFuture => Some(Claim::IssuedAt),
        Rejection::NotYetValid => Some(Claim::NotBefore),
        Rejection::Expired => Some(Claim::Expiration),
        Rejection::RefreshExpired => Some(Claim::RefreshExpiration),
        Rejection::WrongIssuer => Some(Claim::Issuer),
        Rejection::WrongAudience => Some(Claim::Audience),
        Rejection::WrongKind => Some(Claim::TokenType),
        Rejection::NoSuchSubject => Some(Claim::Subject),
        Rejection::Malformed(_)
        | Rejection::UnknownKey
        | Rejection::BadSignature
        | Rejection::ClockUnset => None,
    }
}

const fn reason(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::Malformed(how) => form(how),
        Rejection::UnknownKey => "no key is for its algorithm and key id",
        Rejection::BadSignature => "the key did not sign this",
        Rejection::ClockUnset => "the clock stands at 0, as at module scope of a Worker",
        Rejection::WrongForm(_) => "the claim is of the wrong JSON type or out of all bounds",
        Rejection::IssuedInFuture => "issued further ahead than clocks differ",
        Rejection::NotYetValid => "its time has not come",
        Rejection::Expired => "its time is over",
        Rejection::RefreshExpired => "the time to refresh it is over",
        Rejection::WrongIssuer => "missing, or another issuer's",
        Rejection::WrongAudience => "missing, or for somebody else",
        Rejection::Missing(_) => "the claim is missing",
        Rejection::WrongKind => "a token of this kind is not accepted here",
        Rejection::NoSuchSubject => "nobody can have this subject",
    }
}

const fn form(malformed: Malformed) -> &'static str {
    match malformed {
        Malformed::TooLong => "it is longer than 65,536 bytes",
        Malformed::NotThreeParts => "it is not three parts with a dot between",
        Malformed::Base64 => "a part is not base64url in its one spelling",
        Malformed::Utf8 => "header or payload is not UTF-8",
        Malformed::Json => "header or payload is not a JSON object",
        Malformed::DuplicateMember => "a member stands twice in an object",
        Malformed::Algorithm => "the header has no `alg` that is a string",
        Malformed::Type => "the header's `typ` is neither JWT nor at+jwt",
        Malformed::KeyId => "the header's `kid` is not a string",
        Malformed::Critical => "the header has a `crit` or `b64`, and no extension is known here",
    }
}
