//! Reading tokens without checking their signature: for showing, never for letting anybody in.

use alloc::string::{String, ToString};

use hallpass_core::claims::numeric_date;
use hallpass_core::{Claim, Rejection, Untrusted};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Refusal, joined, text};
use crate::options;

/// `[header, claims]`, each as it stands in the token.
#[wasm_bindgen]
#[must_use]
pub fn decode(token: &str) -> String {
    let both = |token: Untrusted<'_>| {
        let [header, claims] = [token.header_text(), token.payload().as_str()];
        joined(&["[", header, ",", claims, "]"])
    };
    text(Untrusted::parse(token).map(both).map_err(Into::into))
}

/// `exp`, in seconds.
#[wasm_bindgen]
#[must_use]
pub fn expires_at(token: &str) -> String {
    number(exp(token))
}

/// Seconds until `exp` and the leeway have passed, 0 once they have; `now` and `leeway` in seconds.
#[wasm_bindgen]
#[must_use]
pub fn seconds_left(token: &str, now: f64, leeway: f64) -> String {
    number(left(token, now, leeway))
}

fn number(answer: Result<u64, Refusal>) -> String {
    text(answer.map(|number| number.to_string()))
}

fn left(token: &str, now: f64, leeway: f64) -> Result<u64, Refusal> {
    let last = exp(token)?.saturating_add(options::leeway(leeway)?.seconds());
    Ok(last.saturating_sub(options::now(now)?))
}

fn exp(token: &str) -> Result<u64, Refusal> {
    const MISSING: Refusal = Refusal::of(Rejection::Missing(Claim::Expiration));
    const WRONG: Refusal = Refusal::of(Rejection::WrongForm(Claim::Expiration));
    let token = Untrusted::parse(token)?;
    let exp = token.payload().get("exp").ok_or(MISSING)?;
    numeric_date(exp).ok_or(WRONG)
}
