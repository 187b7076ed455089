//! Reading tokens without checking their signature: for showing, never for letting anybody in.

use alloc::string::{String, ToString};

use hallpass_core::claims::numeric_date;
use hallpass_core::validation::Leeway;
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
    text(exp(token).map(|exp| exp.to_string()))
}

/// Seconds until it is expired, 0 once it is.
#[wasm_bindgen]
#[must_use]
pub fn seconds_left(token: &str, now: f64, leeway: f64) -> String {
    text(
        expiry(token, now, leeway).map(|Expiry { exp, leeway, now }| {
            let last = exp.saturating_add(leeway.seconds());
            last.saturating_sub(now).to_string()
        }),
    )
}

struct Expiry {
    exp: u64,
    leeway: Leeway,
    now: u64,
}

fn expiry(token: &str, now: f64, leeway: f64) -> Result<Expiry, Refusal> {
    Ok(Expiry {
        exp: exp(token)?,
        leeway: options::leeway(leeway)?,
        now: options::now(now)?,
    })
}

fn exp(token: &str) -> Result<u64, Refusal> {
    const MISSING: Refusal = Refusal::of(Rejection::Missing(Claim::Expiration));
    const WRONG: Refusal = Refusal::of(Rejection::WrongForm(Claim::Expiration));
    let token = Untrusted::parse(token)?;
    let exp = token.payload().get("exp").ok_or(MISSING)?;
    numeric_date(exp).ok_or(WRONG)
}

