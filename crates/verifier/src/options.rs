//! Numbers as JavaScript has them, made what the core takes.

use hallpass_core::Rejection;
use hallpass_core::claims::LAST_DATE;
use hallpass_core::validation::Leeway;

use crate::answer::Refusal;

/// Seconds since the epoch. A clock that was never set stands at 0; what was never a time is treated the same.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "within bounds"
)]
pub(crate) fn now(seconds: f64) -> Result<u64, Refusal> {
    if seconds > LAST_DATE as f64 {
        return Err(Refusal::bad_option(
            "`now` is past the year 9999: it is in seconds",
        ));
    }
    if seconds >= 1.0 {
        Ok(seconds as u64)
    } else {
        Err(const { Refusal::of(Rejection::ClockUnset) })
    }
}

/// Of a leeway that is none.
pub(crate) const LEEWAY: Refusal = Refusal::bad_option("`leeway` takes whole seconds, 0 to 300");

/// Whole seconds that the core grants past `exp`.
pub(crate) fn leeway(seconds: f64) -> Result<Leeway, Refusal> {
    let leeway = whole_seconds(seconds).and_then(Leeway::new);
    leeway.ok_or(LEEWAY)
}

/// The same for whoever wants to tell of all rules: a clock that was never set is one of them.
#[cfg(feature = "verify")]
pub(crate) fn now_or_unset(seconds: f64) -> Result<u64, Refusal> {
    if seconds >= 1.0 { now(seconds) } else { Ok(0) }
}

/// A number of whole seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "a cast saturates and makes 0 of what is no number: only whole seconds are the same again"
)]
fn whole_seconds(seconds: f64) -> Option<u64> {
    let whole = seconds as u32;
    (f64::from(whole) == seconds).then_some(whole.into())
}

/// A date that the core has read and JavaScript read again: a fraction is cut off, and 1970 was long ago.
#[cfg(feature = "verify")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates, and the core has seen that it is a date"
)]
pub(crate) const fn verified_date(seconds: f64) -> u64 {
    seconds as u64
}
