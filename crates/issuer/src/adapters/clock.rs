//! The clock of the isolate. It stands still between two inputs or outputs.

use std::time::Duration;

use js_sys::Date;
use worker::Delay;

/// Milliseconds since the Unix epoch.
pub(crate) fn milliseconds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that may")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole and after 1970"
    )]
    let now = Date::now() as u64;
    #[cfg(feature = "faults")]
    let now = crate::faults::clock(now);
    now
}

/// Seconds since the Unix epoch.
pub(crate) fn seconds() -> u64 {
    milliseconds() / 1000
}

/// Waits until that second has begun, by this isolate's clock; not longer than `at_most`.
pub(crate) async fn sleep_until(second: u64, at_most: Duration) {
    let wait = Duration::from_millis(second.saturating_mul(1000).saturating_sub(milliseconds()));
    // A timer may fire a moment early.
    Delay::from(wait.min(at_most) + Duration::from_millis(5)).await;
}
