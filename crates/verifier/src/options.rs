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

/// Whole seconds that the core grants past `exp`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "a cast saturates and makes 0 of what is no number: only whole seconds are the same again"
)]
pub(crate) fn leeway(seconds: f64) -> Result<Leeway, Refusal> {
    let whole = seconds as u32;
    let leeway = Leeway::new(whole.into()).filter(|_| f64::from(whole) == seconds);
    leeway.ok_or(Refusal::bad_option(
        "`leeway` takes whole seconds, 0 to 300",
    ))
}
