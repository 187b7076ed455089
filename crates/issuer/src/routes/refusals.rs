//! What a caller is told: the rich reason inside, Simple JWT's few messages outside.

use hallpass_core::revocation::Reason;
use hallpass_core::{Claim, Kind, Rejection};
use serde::Serialize;

use super::answer::Answer;
use crate::fault::Fault;
use crate::objects::subject::message::Why;
use crate::use_cases::check::BearerFailure;
use crate::use_cases::{Failure, Refusal, World};

const NOT_VALID: &str = "token_not_valid";

/// The message for a refused token.
pub(super) const fn message(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::CalledBack(_) => "Token is blacklisted",
        Refusal::Expired | Refusal::Token(Rejection::Expired) => "Token is expired",
        Refusal::NotIssuedHere => "Token is invalid",
        Refusal::Deactivated | Refusal::Deleted | Refusal::Token(Rejection::NoSuchSubject) => {
            "No active account found for the given token."
        }
        Refusal::Token(rejection) => match rejection {
            Rejection::RefreshExpired => "Token 'refresh_exp' claim has expired",
            Rejection::Missing(Claim::Expiration) => "Token has no 'exp' claim",
            Rejection::Missing(Claim::JwtId) => "Token has no id",
            Rejection::Missing(Claim::TokenType) => "Token has no type",
            Rejection::Missing(Claim::RefreshExpiration) => "Token has no 'refresh_exp' claim",
            Rejection::WrongKind => "Token has wrong type",
            Rejection::Expired | Rejection::NoSuchSubject // told above
            | Rejection::Missing(
                Claim::Audience
                | Claim::IssuedAt
                | Claim::Issuer
                | Claim::NotBefore
                | Claim::SessionId
                | Claim::Subject,
            )
            | Rejection::Malformed(_)
            | Rejection::AlgorithmNotAllowed
            | Rejection::UnknownKey
            | Rejection::BadSignature
            | Rejection::ClockUnset
            | Rejection::WrongForm(_)
            | Rejection::IssuedInFuture
            | Rejection::NotYetValid
            | Rejection::TooOld
            | Rejection::WrongIssuer
            | Rejection::WrongAudience => "Token is invalid",
        },
    }
}

/// The answer to a refused token in a body.
pub(super) fn token(world: &World, refusal: Refusal) -> Answer {
    let answer = match refusal {
        // As the reference has it: of these the message alone.
        Refusal::Deactivated | Refusal::Deleted | Refusal::Token(Rejection::NoSuchSubject) => {
            Answer::detail(401, message(refusal))
        }
        Refusal::Token(_) | Refusal::CalledBack(_) | Refusal::Expired | Refusal::NotIssuedHere => {
            Answer::coded(401, message(refusal), NOT_VALID)
        }
    };
    challenged(world, answer.with_refusal(refusal))
}

/// Says in the answer to a token that was to be exchanged why it is refused, to whoever holds an
/// authentic one: a client has to tell a race that it lost from a session that has ended.
pub(super) fn explained(answer: Answer, refusal: Refusal) -> Answer {
    let answer = answer.with_refusal(refusal);
    match reason(refusal) {
        Some(reason) => answer.with("Hallpass-Reason", reason),
        None => answer,
    }
}

/// Whether nothing can come of the token's session any more. Of one that breaks a rule nothing is known, not even
/// of one that has expired: it may have been spent, and its session lives.
pub(super) const fn is_over(refusal: Refusal) -> bool {
    match refusal {
        Refusal::Token(_) | Refusal::CalledBack(Some(Why::LostRace)) => false,
        Refusal::CalledBack(None | Some(Why::Ended(_)))
        | Refusal::Expired
        | Refusal::NotIssuedHere
        | Refusal::Deactivated
        | Refusal::Deleted => true,
    }
}

/// The reason inside, for the log: of a token that breaks a rule which one, otherwise what became of
/// its session.
pub(super) const fn inner(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Token(rejection) => rejection.code(),
        Refusal::CalledBack(Some(why)) => why.as_str(),
        Refusal::CalledBack(None) => "called_back",
        Refusal::Expired => "expired",
        Refusal::NotIssuedHere => "not_issued_here",
        Refusal::Deactivated => Reason::Deactivated.as_str(),
        Refusal::Deleted => Reason::Deleted.as_str(),
    }
}

/// `None`: the token's session says nothing, or nobody of ours signed it.
const fn reason(refusal: Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::CalledBack(None) | Refusal::NotIssuedHere => None,
        Refusal::CalledBack(Some(why)) => Some(why.as_str()),
        Refusal::Deactivated => Some(Reason::Deactivated.as_str()),
        Refusal::Deleted => Some(Reason::Deleted.as_str()),
        Refusal::Expired => Some("expired"),
        Refusal::Token(rejection) => match rejection {
            // Dates are looked at when the signature was found good.
            Rejection::Expired | Rejection::RefreshExpired => Some("expired"),
            Rejection::Malformed(_)
            | Rejection::AlgorithmNotAllowed
            | Rejection::UnknownKey
            | Rejection::BadSignature
            | Rejection::ClockUnset
            | Rejection::WrongForm(_)
            | Rejection::IssuedInFuture
            | Rejection::NotYetValid
            | Rejection::TooOld
            | Rejection::WrongIssuer
            | Rejection::WrongAudience
            | Rejection::Missing(_)
            | Rejection::WrongKind
            | Rejection::NoSuchSubject => None,
        },
    }
}

/// The answer to a use case that failed, if it is the caller's doing.
pub(super) fn failure(world: &World, failure: Failure) -> Result<Answer, Fault> {
    match failure {
        Failure::Refused(refusal) => Ok(token(world, refusal)),
        Failure::Fault(fault) => Err(fault),
    }
}

/// The answer to a refused bearer, if it is the caller's doing.
pub(super) fn bearer(world: &World, failure: BearerFailure) -> Result<Answer, Fault> {
    let answer = match failure {
        BearerFailure::Refused(classes) => not_valid_for(&classes),
        BearerFailure::NoSubject => Answer::coded(
            401,
            "Token contained no recognizable user identification",
            NOT_VALID,
        ),
        BearerFailure::NoSuchSubject => user_not_found(),
        BearerFailure::Inactive => Answer::coded(401, "User is inactive", "user_inactive"),
        BearerFailure::Failed(fault) => return Err(fault),
    };
    Ok(challenged(world, answer))
}

/// Nobody may sign in with these credentials.
pub(super) fn no_active_account(world: &World) -> Answer {
    let answer = Answer::detail(401, "No active account found with the given credentials");
    challenged(world, answer.with_code("no_active_account"))
}

/// A bearer whose account is not known here.
pub(super) fn user_not_found() -> Answer {
    Answer::coded(401, "User not found", "user_not_found")
}

/// A 401 with the scheme that would be taken (RFC 7235 section 4.1).
pub(super) fn challenged(world: &World, answer: Answer) -> Answer {
    let scheme = world
        .config
        .auth_header_types
        .first()
        .map_or("Bearer", String::as_str);
    answer.with("WWW-Authenticate", format!("{scheme} realm=\"api\""))
}

fn not_valid_for(classes: &[(Kind, Refusal)]) -> Answer {
    #[derive(Serialize)]
    #[expect(clippy::struct_field_names, reason = "the names on the wire")]
    struct Message {
        token_class: &'static str,
        token_type: &'static str,
        message: &'static str,
    }
    #[derive(Serialize)]
    struct Body {
        detail: &'static str,
        code: &'static str,
        messages: Vec<Message>,
    }
    let of = |(kind, refusal): &(Kind, Refusal)| Message {
        token_class: match kind {
            Kind::Access => "AccessToken",
            Kind::Refresh => "RefreshToken",
            Kind::Sliding => "SlidingToken",
        },
        token_type: kind.as_str(),
        message: message(*refusal),
    };
    let body = Body {
        detail: "Given token not valid for any token type",
        code: NOT_VALID,
        messages: classes.iter().map(of).collect(),
    };
    let answer = Answer::json(401, &body).with_code(NOT_VALID);
    match classes.first() {
        Some((_, refusal)) => answer.with_refusal(*refusal),
        None => answer,
    }
}
