//! What JavaScript gets: one text of JSON, a value or a refusal.
//!
//! A refusal is an object that begins with the member `code`; no value is an object that does. Its `reason` is prose for
//! people. Neither holds any part of a token.

use alloc::borrow::Cow;
#[cfg(feature = "verify")]
use alloc::borrow::ToOwned;
use alloc::string::String;

#[cfg(feature = "verify")]
use hallpass_core::Claim;
#[cfg(feature = "verify")]
use hallpass_core::ClaimNames;
#[cfg(feature = "verify")]
use hallpass_core::json::quoted;
use hallpass_core::{Malformed, Rejection};

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Stable, for programs.
    pub(crate) code: &'static str,
    /// The claim that is at fault, where it is one; escaped as in JSON.
    pub(crate) claim: Option<Cow<'static, str>>,
    /// For people; needs no escaping in JSON.
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
            claim: match rejection.claim() {
                Some(claim) => Some(Cow::Borrowed(claim.name())),
                None => None,
            },
            reason: rejection.reason(),
        }
    }

    /// A claim that is not there, by its name in the token.
    #[cfg(feature = "verify")]
    pub(crate) fn missing(claim: &str) -> Self {
        Self {
            claim: Some(escaped(claim)),
            ..Self::of(Rejection::Missing(Claim::Expiration))
        }
    }

    /// A rejection that names its claim as the token does.
    #[cfg(feature = "verify")]
    pub(crate) fn by_name(rejection: Rejection, names: &ClaimNames) -> Self {
        Self {
            claim: rejection.claim().map(|claim| escaped(claim.name_in(names))),
            ..Self::of(rejection)
        }
    }

    pub(crate) fn to_json(&self) -> String {
        let mut json = String::new();
        put(&mut json, &["{\"code\":\"", self.code, "\""]);
        if let Some(claim) = &self.claim {
            put(&mut json, &[",\"claim\":\"", claim, "\""]);
        }
        put(&mut json, &[",\"reason\":\"", self.reason, "\"}"]);
        json
    }
}

#[cfg(feature = "verify")]
fn escaped(claim: &str) -> Cow<'static, str> {
    let quoted = quoted(claim);
    let inner = quoted.get(1..quoted.len().saturating_sub(1));
    Cow::Owned(inner.unwrap_or_default().to_owned())
}

/// Appends texts, in one place for all that is written here.
pub(crate) fn put(json: &mut String, texts: &[&str]) {
    for text in texts {
        json.push_str(text);
    }
}

/// Texts one after the other.
pub(crate) fn joined(texts: &[&str]) -> String {
    let mut json = String::with_capacity(texts.iter().map(|text| text.len()).sum());
    put(&mut json, texts);
    json
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::of(rejection)
    }
}

impl From<Malformed> for Refusal {
    /// By itself, for the smaller binary has no other rejection and need not carry their texts.
    fn from(malformed: Malformed) -> Self {
        Self {
            code: Rejection::Malformed(malformed).code(),
            claim: None,
            reason: malformed.reason(),
        }
    }
}

/// The text for JavaScript; of a value it is the value's own JSON.
pub(crate) fn text(answer: Result<String, Refusal>) -> String {
    answer.unwrap_or_else(|refusal| refusal.to_json())
}
