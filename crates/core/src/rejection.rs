//! Why a token is refused.
//!
//! The enums are exhaustive on purpose: a new reason must break every place that chooses what to
//! tell a caller until somebody has chosen it.

use core::fmt;

use crate::claims::ClaimNames;

/// A registered claim, by which a [`Rejection`] says what was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `aud` (RFC 7519 section 4.1.3).
    Audience,
    /// `exp` (RFC 7519 section 4.1.4).
    Expiration,
    /// `iat` (RFC 7519 section 4.1.6).
    IssuedAt,
    /// `iss` (RFC 7519 section 4.1.1).
    Issuer,
    /// `jti` (RFC 7519 section 4.1.7).
    JwtId,
    /// `nbf` (RFC 7519 section 4.1.5).
    NotBefore,
    /// `refresh_exp`: until when a sliding token can be refreshed.
    RefreshExpiration,
    /// `sid`: the session.
    SessionId,
    /// `sub` (RFC 7519 section 4.1.2) or the user id's claim.
    Subject,
    /// `token_type`, or the name that `TOKEN_TYPE_CLAIM` gives it.
    TokenType,
}

impl Claim {
    /// The claim's name in a token with the default settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audience => "aud",
            Self::Expiration => "exp",
            Self::IssuedAt => "iat",
            Self::Issuer => "iss",
            Self::JwtId => "jti",
            Self::NotBefore => "nbf",
            Self::RefreshExpiration => "refresh_exp",
            Self::SessionId => "sid",
            Self::Subject => "sub",
            Self::TokenType => "token_type",
        }
    }

    /// The claim's name in a token with these settings.
    #[must_use]
    pub fn name_in(self, names: &ClaimNames) -> &str {
        if self == Self::TokenType {
            &names.token_type
        } else {
            self.name()
        }
    }
}

/// How a text fails to be a signed token, before any key is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// Longer than [`crate::compact::MAX_TOKEN_BYTES`].
    TooLong,
    /// Not three parts with a dot between (RFC 7515 section 7.1).
    NotThreeParts,
    /// A part that is not base64url in its one canonical spelling: padding, white space, another
    /// alphabet or unused bits that are not zero.
    Base64,
    /// Header or payload is not UTF-8.
    Utf8,
    /// Header or payload is not a JSON object.
    Json,
    /// A member stands twice in an object (RFC 7515 section 4 and RFC 7519 section 4 want it once).
    DuplicateMember,
    /// No `alg`, or not a string.
    Algorithm,
    /// A `typ` that is none of ours: absent, `JWT` or `at+jwt`, with `application/` or without.
    Type,
    /// A `kid` that is not a string.
    KeyId,
    /// A `crit` or `b64` header: an extension we do not know (RFC 7515 section 4.1.11).
    Critical,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// It does not have the form of a token.
    Malformed(Malformed),
    /// None of our keys is for its algorithm. An `alg` of `none` ends here too.
    AlgorithmNotAllowed,
    /// Of our keys for its algorithm none has its key id.
    UnknownKey,
    /// A key was found, and it did not sign this.
    BadSignature,
    /// The caller's `now` is 0: a clock that was never set, as at module scope of a Worker.
    ClockUnset,
    /// A claim of the wrong JSON type, or a date out of all bounds.
    WrongForm(Claim),
    /// `iat` is further ahead than clocks differ.
    IssuedInFuture,
    /// `nbf` has not come.
    NotYetValid,
    /// `exp` has passed.
    Expired,
    /// `refresh_exp` of a sliding token has passed.
    RefreshExpired,
    /// It was issued too long ago, however long it says it is good for.
    TooOld,
    /// `iss` is missing or another's.
    WrongIssuer,
    /// `aud` is missing or for somebody else.
    WrongAudience,
    /// A claim is missing that the asked use needs.
    Missing(Claim),
    /// The token is of a kind that is not accepted here.
    WrongKind,
    /// The subject cannot be anybody: an empty string, a list, an object.
    NoSuchSubject,
}

impl Rejection {
    /// A stable name for this refusal, for programs; the prose of [`fmt::Display`] may change.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::ClockUnset => "clock_unset",
            Self::WrongForm(_) => "wrong_form",
            Self::IssuedInFuture => "issued_in_future",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::RefreshExpired => "refresh_expired",
            Self::TooOld => "too_old",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Missing(_) => "missing_claim",
            Self::WrongKind => "wrong_kind",
            Self::NoSuchSubject => "no_such_subject",
        }
    }

    /// The claim that is at fault, where it is one.
    #[must_use]
    pub const fn claim(self) -> Option<Claim> {
        match self {
            Self::WrongForm(claim) | Self::Missing(claim) => Some(claim),
            Self::IssuedInFuture | Self::TooOld => Some(Claim::IssuedAt),
            Self::NotYetValid => Some(Claim::NotBefore),
            Self::Expired => Some(Claim::Expiration),
            Self::RefreshExpired => Some(Claim::RefreshExpiration),
            Self::WrongIssuer => Some(Claim::Issuer),
            Self::WrongAudience => Some(Claim::Audience),
            Self::WrongKind => Some(Claim::TokenType),
            Self::NoSuchSubject => Some(Claim::Subject),
            Self::Malformed(_)
            | Self::AlgorithmNotAllowed
            | Self::UnknownKey
            | Self::BadSignature
            | Self::ClockUnset => None,
        }
    }

    /// What is wrong, for people. Never holds a part of the token.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed(how) => how.reason(),
            Self::AlgorithmNotAllowed => "its algorithm is not accepted here",
            Self::UnknownKey => "no key has its key id",
            Self::BadSignature => "the key did not sign this",
            Self::ClockUnset => "the clock stands at 0",
            Self::WrongForm(_) => "the claim is of the wrong type or out of bounds",
            Self::IssuedInFuture => "issued in the future",
            Self::NotYetValid => "its time has not come",
            Self::Expired => "its time is over",
            Self::RefreshExpired => "the time to refresh it is over",
            Self::TooOld => "issued too long ago",
            Self::WrongIssuer => "missing, or another issuer's",
            Self::WrongAudience => "missing, or for somebody else",
            Self::Missing(_) => "the claim is missing",
            Self::WrongKind => "this kind is not accepted here",
            Self::NoSuchSubject => "nobody can have this subject",
        }
    }
}

impl From<Malformed> for Rejection {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())?;
        self.claim()
            .map_or(Ok(()), |claim| write!(f, " ({})", claim.name()))
    }
}

impl core::error::Error for Rejection {}

impl Malformed {
    /// What is wrong, for people.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "it is longer than 65,536 bytes",
            Self::NotThreeParts => "it is not three parts with a dot between",
            Self::Base64 => "a part is not base64url in its one spelling",
            Self::Utf8 => "header or payload is not UTF-8",
            Self::Json => "header or payload is not a JSON object",
            Self::DuplicateMember => "a member stands twice in an object",
            Self::Algorithm => "the header has no alg that is a string",
            Self::Type => "the header's typ is neither JWT nor at+jwt",
            Self::KeyId => "the header's kid is not a string",
            Self::Critical => "the header has a crit or b64",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl core::error::Error for Malformed {}
