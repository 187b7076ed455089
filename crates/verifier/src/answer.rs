//! What JavaScript gets: one text of JSON, a value or a refusal.
//!
//! A refusal is an object that begins with the member `code`; no value is an object that does. Its `reason` is prose for
//! people. Neither holds any part of a token.

use alloc::borrow::Cow;
#[cfg(feature = "verify")]
use alloc::borrow::ToOwned;
use alloc::string::String;

use hallpass_core::json::quoted;
use hallpass_core::{Claim, Malformed, Rejection};

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Stable, for programs.
    pub(crate) code: &'static str,
    /// The claim that is at fault, where it is one.
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

    /// A claim that is not there, by its name in the token.
    #[cfg(feature = "verify")]
    pub(crate) fn missing(claim: &str) -> Self {
        Self {
            claim: Some(claim.to_owned().into()),
            ..Rejection::Missing(Claim::Expiration).into()
        }
    }

    pub(crate) fn to_json(&self) -> String {
        let claim = self.claim.as_deref().map(quoted);
        let claim = claim
            .as_deref()
            .map_or(["", ""], |name| [",\"claim\":", name]);
        let start = ["{\"code\":\"", self.code, "\""];
        let end = [",\"reason\":\"", self.reason, "\"}"];
        [&start[..], &claim, &end].concat().concat()
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self {
            code: rejection.code(),
            claim: rejection.claim().map(Claim::name).map(Into::into),
            reason: rejection.reason(),
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Rejection::from(malformed).into()
    }
}

/// The text for JavaScript; of a value it is the value's own JSON.
pub(crate) fn text(answer: Result<String, Refusal>) -> String {
    answer.unwrap_or_else(|refusal| refusal.to_json())
}
