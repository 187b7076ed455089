//! What is mailed to somebody and proves, when it comes back, that they read their mail; and how often
//! that is mailed.
//!
//! What is asked for by anybody, a link that resets a password, and what is asked for by whoever has the
//! password, a code, are counted each by itself: else a stranger could ask for links until no code is
//! sent any more, and keep an owner out by that.

use crate::attempts::{Limit, Tries};

/// What is stored of something that was mailed, beside its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The version of the password that it was mailed for.
    pub credential: u32,
    /// When it is not good any more, seconds.
    pub expires_at: u64,
}

impl Proof {
    /// Whether it is good, as long as the password is of this version.
    #[must_use]
    pub const fn is_good(&self, credential: u32, now: u64) -> bool {
        now < self.expires_at && self.credential == credential
    }
}

/// Five in a row, then five an hour.
const MAILS: Limit = Limit {
    free: 5,
    first_wait: 720,
    longest_wait: 720,
    forget_after: 720,
};

/// The least time between two, in seconds: who presses a button twice has one mail.
pub const APART_SECONDS: u64 = 30;

/// The count after one mail more, which nothing [made wait](Tries::wait).
#[must_use]
pub fn mailed(mails: &Tries, now: u64) -> Tries {
    let counted = MAILS.failed(mails, now);
    Tries {
        not_before: counted.not_before.max(now.saturating_add(APART_SECONDS)),
        ..counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    /// How long each of so many mails makes wait, when each is sent as soon as it may.
    fn waits(mails: usize) -> Vec<u64> {
        let (mut count, mut now) = (Tries::default(), NOW);
        let mut waits = Vec::new();
        for _ in 0..mails {
            count = mailed(&count, now);
            let wait = count.wait(now).unwrap();
            waits.push(wait);
            now += wait;
        }
        waits
    }

    #[test]
    fn five_in_a_row_half_a_minute_apart_then_five_an_hour() {
        assert_eq!(waits(8), [30, 30, 30, 30, 720, 720, 720, 720]);
    }

    #[test]
    fn who_asks_once_an_hour_waits_no_longer_than_half_a_minute() {
        let mut count = Tries::default();
        for hour in 0..100 {
            let now = NOW + hour * 3600;
            assert_eq!(count.wait(now), None, "{hour}");
            count = mailed(&count, now);
            assert_eq!(count.wait(now), Some(APART_SECONDS), "{hour}");
        }
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        assert_eq!(mailed(&Tries::default(), u64::MAX).not_before, u64::MAX);
    }
}
