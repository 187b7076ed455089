//! How often a secret may be guessed: a password, or whatever else is short enough to be tried.
//!
//! Failures are counted for each caller (a client address, say) and for the account over all callers.
//! The first count is strict and keeps one place from guessing; the second is high and slow, keeps
//! many places together from guessing, and does not hold for places that the account's owner has
//! lately come from. So nobody can keep an owner out from elsewhere: what others do counts against
//! them, and what they do together does not count where the owner is known.
//!
//! **What that comes to**, with five attempts: from one address 5 guesses, then waits that double from
//! 30 s to 15 min, in all 104 on the first day and 96 on every other; from all addresses
//! together 100, then ten an hour, 240 a day. Refused guesses do not count, since nothing was checked:
//! whoever knocks on and on makes no wait any longer.

use alloc::format;
use alloc::string::{String, ToString};
use core::net::{IpAddr, Ipv6Addr};

/// For how long an address is known after a sign-in, in seconds: thirty days.
pub const KNOWN_SECONDS: u64 = 30 * 86_400;

/// For how long after a lockout a further one of the same caller is not told, in seconds.
pub const QUIET_SECONDS: u64 = 3600;

/// How long a caller is known at least, when nothing is to be written at each of its sign-ins, in
/// seconds: a day less than [`KNOWN_SECONDS`].
const KNOWN_WELL_SECONDS: u64 = KNOWN_SECONDS - 86_400;

/// How long strangers wait for an account that something before it has found to be asked too much of,
/// in seconds.
pub const BRAKED_SECONDS: u64 = 60;

/// How many callers with failures an account keeps: the rest is forgotten, the soonest to be forgotten
/// anyway first. Each that is forgotten early has cost the account's own count a failure, which is
/// never forgotten early, so many callers together gain nothing by it. Up to twelve attempts it cannot
/// happen: a caller with `f` failures is forgotten in `f` hours, and all unknown ones together have
/// at most 240 and ten more an hour.
pub const MOST_CALLERS: u32 = 256;

/// How many known callers an account keeps; the one that was seen longest ago gives way. Nobody makes
/// one without the secret. With [`MOST_CALLERS`], at 80 bytes a row, an account's rows are 23 KB.
pub const MOST_KNOWN: u32 = 32;

/// What is counted of the failures from one place. The default: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// When all failures are forgotten, seconds. Each is one [`Limit::forget_after`], so this also
    /// says how many there are.
    pub forgotten_at: u64,
    /// The next attempt is refused before this second.
    pub not_before: u64,
}

/// How many failures are free, and how long one waits after that. Durations are in seconds; none of
/// the four is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many failures do not make anybody wait, but for the last of them.
    pub free: u32,
    /// How long the last free one makes wait.
    pub first_wait: u64,
    /// Each further one makes wait twice as long, but no longer than this.
    pub longest_wait: u64,
    /// After so long one failure is forgotten.
    pub forget_after: u64,
}

impl Limit {
    /// How many failures are remembered.
    #[must_use]
    pub const fn failures(&self, tries: &Tries, now: u64) -> u64 {
        tries
            .forgotten_at
            .saturating_sub(now)
            .div_ceil(self.forget_after)
    }

    /// One failure more.
    ///
    /// No more are remembered than make the longest wait, so that after however many everything is
    /// forgotten in `forget_after` times as many seconds.
    #[must_use]
    pub fn failed(&self, tries: &Tries, now: u64) -> Tries {
        let longest = now.saturating_add(self.forget_after.saturating_mul(self.most()));
        let forgotten_at = tries
            .forgotten_at
            .max(now)
            .saturating_add(self.forget_after);
        let failed = Tries {
            forgotten_at: forgotten_at.min(longest),
            ..*tries
        };
        let wait = self.wait_after(self.failures(&failed, now));
        Tries {
            not_before: wait.map_or(failed.not_before, |wait| now.saturating_add(wait)),
            ..failed
        }
    }

    /// How long so many failures make wait.
    const fn wait_after(&self, failures: u64) -> Option<u64> {
        match failures.checked_sub(self.free as u64) {
            None => None,
            Some(0) => Some(self.first_wait),
            Some(more @ 1..64) => {
                let doubled = self.first_wait.saturating_mul(1 << more);
                Some(if doubled < self.longest_wait {
                    doubled
                } else {
                    self.longest_wait
                })
            }
            Some(_) => Some(self.longest_wait),
        }
    }

    /// The fewest failures that make wait longest.
    const fn most(&self) -> u64 {
        let doublings = self.longest_wait.div_ceil(self.first_wait);
        self.free as u64 + doublings.next_power_of_two().trailing_zeros() as u64
    }
}

impl Tries {
    /// The same, of an account that is asked too much of altogether: for now it waits.
    #[must_use]
    pub fn braked(self, now: u64) -> Self {
        Self {
            not_before: self.not_before.max(now.saturating_add(BRAKED_SECONDS)),
            ..self
        }
    }

    /// How long to wait before the next attempt, in seconds, at least 1.
    #[must_use]
    pub const fn wait(&self, now: u64) -> Option<u64> {
        match self.not_before.saturating_sub(now) {
            0 => None,
            wait => Some(wait),
        }
    }
}

/// Who makes an attempt: what is known of the place it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// Its failures.
    pub tries: Tries,
    /// Until this second the account's owner is known to come from there. Whoever shows a token of the
    /// account is known for ever: `u64::MAX`.
    pub known_until: u64,
}

impl Caller {
    const fn is_known(&self, now: u64) -> bool {
        now < self.known_until
    }

    /// From when on nothing of it matters any more, seconds.
    #[must_use]
    pub fn over_at(&self) -> u64 {
        let Tries {
            forgotten_at,
            not_before,
        } = self.tries;
        forgotten_at.max(not_before).max(self.known_until)
    }
}

/// The limits of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For each caller.
    pub caller: Limit,
    /// For an account, over all callers that are not known.
    pub account: Limit,
}

impl Limits {
    /// Those that follow from `LOGIN_ATTEMPTS`; `None` for 0: nothing is limited.
    #[must_use]
    pub const fn of_attempts(attempts: u32) -> Option<Self> {
        if attempts == 0 {
            return None;
        }
        Some(Self {
            caller: Limit {
                free: attempts,
                first_wait: 30,
                longest_wait: 900,
                forget_after: 3600,
            },
            // What twenty callers have free, then ten an hour.
            account: Limit {
                free: attempts.saturating_mul(20),
                first_wait: 360,
                longest_wait: 360,
                forget_after: 360,
            },
        })
    }
}

/// What to do with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Check the secret, then count: [`Limits::failed`], [`succeeded`].
    Check,
    /// Refuse it without checking anything, and count nothing: there is to be none for so many seconds.
    Wait(u64),
}

/// What follows from a wrong secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The caller from now on.
    pub caller: Caller,
    /// The account's failures from now on.
    pub account: Tries,
    /// Somebody has to wait now who had not for an hour: tell it.
    pub lockout: bool,
}

impl Limits {
    /// Decides on an attempt, before anything is checked:
    ///
    /// | the caller waits | it is known | the account waits | verdict |
    /// |---|---|---|---|
    /// | yes | yes | – | **Wait** as long as the caller |
    /// | yes | no | – | **Wait** as long as whichever waits longer |
    /// | no | yes | – | **Check** |
    /// | no | no | yes | **Wait** as long as the account |
    /// | no | no | no | **Check** |
    #[must_use]
    pub fn decide(&self, caller: &Caller, account: &Tries, now: u64) -> Verdict {
        let of_account = if caller.is_known(now) {
            None
        } else {
            account.wait(now)
        };
        match caller.tries.wait(now).max(of_account) {
            Some(wait) => Verdict::Wait(wait),
            None => Verdict::Check,
        }
    }

    /// The secret was checked, and wrong: a failure of the caller, and of the account where the caller
    /// is not known.
    #[must_use]
    pub fn failed(&self, caller: &Caller, account: &Tries, now: u64) -> Failed {
        let tries = self.caller.failed(&caller.tries, now);
        let total = if caller.is_known(now) {
            *account
        } else {
            self.account.failed(account, now)
        };
        let begins = |before: &Tries, after: &Tries| {
            after.wait(now).is_some() && before.not_before.saturating_add(QUIET_SECONDS) <= now
        };
        Failed {
            caller: Caller { tries, ..*caller },
            account: total,
            lockout: begins(&caller.tries, &tries) || begins(account, &total),
        }
    }
}

/// The secret was checked, and right: the caller's failures are forgotten, and it is known. Whoever was
/// known a moment ago, and has no failures, stays as it is, so that a sign-in a day is written down.
///
/// The account's failures stay: they are others', who go on guessing.
#[must_use]
pub fn succeeded(caller: &Caller, now: u64) -> Caller {
    let known_until = if caller.known_until < now.saturating_add(KNOWN_WELL_SECONDS) {
        now.saturating_add(KNOWN_SECONDS)
    } else {
        caller.known_until
    };
    Caller {
        tries: Tries::default(),
        known_until,
    }
}

/// The caller that a client address stands for: of IPv6 its first 64 bits, which is the least that
/// anybody is given; empty for whatever is no address, so that all of these are one.
#[must_use]
pub fn caller_of(address: &str) -> String {
    match address
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let network = u128::from(address) >> 64 << 64;
            format!("{}/64", Ipv6Addr::from(network))
        }
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;
    const DAY: u64 = 86_400;

    fn limits() -> Limits {
        Limits::of_attempts(5).unwrap()
    }

    fn waiting(seconds: u64) -> Tries {
        Tries {
            forgotten_at: NOW + 3600,
            not_before: NOW + seconds,
        }
    }

    #[test]
    fn every_row_of_the_table() {
        use Verdict::{Check, Wait};
        let rows = [
            (30, true, 0, Wait(30)),
            (30, true, 99, Wait(30)),
            (30, false, 0, Wait(30)),
            (30, false, 99, Wait(99)),
            (30, false, 7, Wait(30)),
            (0, true, 0, Check),
            (0, true, 99, Check),
            (0, false, 99, Wait(99)),
            (0, false, 0, Check),
        ];
        for (caller, known, account, expected) in rows {
            let row = format!("{caller}, {known}, {account}");
            let caller = Caller {
                tries: waiting(caller),
                known_until: if known { NOW + 1 } else { NOW },
            };
            let verdict = limits().decide(&caller, &waiting(account), NOW);
            assert_eq!(verdict, expected, "{row}");
        }
    }

    #[test]
    fn five_failures_are_free_and_then_the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let (mut caller, mut now) = (Caller::default(), NOW);
        let mut waits = Vec::new();
        for _ in 0..13 {
            let failed = limits().failed(&caller, &Tries::default(), now);
            caller = failed.caller;
            let wait = caller.tries.wait(now).unwrap_or(0);
            waits.push(wait);
            now += wait;
        }
        let expected = [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900];
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_failure_is_forgotten_in_an_hour_and_all_of_them_in_ten() {
        let limit = limits().caller;
        let mut tries = Tries::default();
        for _ in 0..3 {
            tries = limit.failed(&tries, NOW);
        }
        for (later, left) in [(0, 3), (1, 3), (3599, 3), (3600, 2), (7200, 1), (10_800, 0)] {
            assert_eq!(limit.failures(&tries, NOW + later), left, "{later}");
        }
        for _ in 0..1000 {
            tries = limit.failed(&tries, NOW);
        }
        assert_eq!(limit.failures(&tries, NOW), 10);
        assert_eq!(tries.forgotten_at, NOW + 36_000);
    }

    /// How many guesses fit into a day for whoever guesses as soon as possible.
    fn guesses(of: Limit, days: u64) -> u64 {
        let (mut tries, mut now, mut guesses) = (Tries::default(), NOW, 0);
        while now < NOW + days * DAY {
            tries = of.failed(&tries, now);
            now += tries.wait(now).unwrap_or(0);
            guesses += 1;
        }
        guesses
    }

    #[test]
    fn the_figures_that_are_given_are_right() {
        let Limits { caller, account } = limits();
        assert_eq!(guesses(caller, 1), 104);
        assert_eq!(guesses(caller, 2) - guesses(caller, 1), 96);
        assert_eq!(guesses(account, 1), 339);
        assert_eq!(guesses(account, 2) - guesses(account, 1), 240);
        // The rows of `MOST_CALLERS`: what twelve attempts leave of callers, after any number of hours.
        assert!(Limits::of_attempts(12).unwrap().account.free + 10 < MOST_CALLERS);
    }

    #[test]
    fn a_known_caller_neither_waits_for_others_nor_counts_against_them() {
        let account = waiting(300);
        let known = succeeded(&Caller::default(), NOW);
        assert_eq!(limits().decide(&known, &account, NOW), Verdict::Check);
        let failed = limits().failed(&known, &account, NOW);
        assert_eq!(failed.account, account);
        let later = NOW + KNOWN_SECONDS;
        assert_eq!(
            limits().decide(&known, &waiting(KNOWN_SECONDS + 5), later),
            Verdict::Wait(5)
        );
    }

    #[test]
    fn who_signs_in_often_is_written_down_once_a_day() {
        let known = succeeded(&Caller::default(), NOW);
        assert_eq!(succeeded(&known, NOW + DAY), known);
        let later = NOW + DAY + 1;
        assert_eq!(succeeded(&known, later).known_until, later + KNOWN_SECONDS);
        let failed = limits().failed(&known, &Tries::default(), NOW + 1).caller;
        assert_eq!(succeeded(&failed, NOW + 2), known);
    }

    #[test]
    fn an_account_that_is_asked_too_much_of_lets_only_in_who_is_known() {
        let braked = Tries::default().braked(NOW);
        let stranger = limits().decide(&Caller::default(), &braked, NOW);
        assert_eq!(stranger, Verdict::Wait(BRAKED_SECONDS));
        let known = succeeded(&Caller::default(), NOW);
        assert_eq!(limits().decide(&known, &braked, NOW), Verdict::Check);
        assert_eq!(
            waiting(300).braked(NOW),
            waiting(300),
            "who waits longer does so"
        );
    }

    #[test]
    fn a_caller_is_an_address_or_a_network_of_ipv6() {
        let cases = [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("", ""),
            ("203.0.113.7, 198.51.100.1", ""),
            ("localhost", ""),
        ];
        for (address, caller) in cases {
            assert_eq!(caller_of(address), caller, "{address}");
        }
    }

    #[test]
    fn a_success_forgets_the_callers_failures_and_not_the_accounts() {
        let (mut caller, mut account) = (Caller::default(), Tries::default());
        for _ in 0..4 {
            let failed = limits().failed(&caller, &account, NOW);
            (caller, account) = (failed.caller, failed.account);
        }
        let caller = succeeded(&caller, NOW);
        assert_eq!(caller.tries, Tries::default());
        assert_eq!(limits().account.failures(&account, NOW), 4);
        assert_eq!(caller.over_at(), NOW + KNOWN_SECONDS);
        let token = Caller {
            known_until: u64::MAX,
            ..Caller::default()
        };
        assert_eq!(succeeded(&token, NOW).known_until, u64::MAX);
    }

    #[test]
    fn a_lockout_is_told_when_it_begins_and_not_again_within_an_hour() {
        let (mut caller, mut account) = (Caller::default(), Tries::default());
        let mut told = Vec::new();
        let mut now = NOW;
        while now < NOW + 3 * 3600 {
            let failed = limits().failed(&caller, &account, now);
            (caller, account) = (failed.caller, failed.account);
            if failed.lockout {
                told.push(now - NOW);
            }
            now += caller.tries.wait(now).unwrap_or(0);
        }
        assert_eq!(told, [0], "while it is tried again and again");
        let quiet = now + QUIET_SECONDS;
        assert!(limits().failed(&caller, &account, quiet).lockout);
    }

    #[test]
    fn a_lockout_of_the_account_by_many_callers_is_told_once() {
        let (mut account, mut told) = (Tries::default(), 0);
        for _ in 0..100 {
            let failed = limits().failed(&Caller::default(), &account, NOW);
            account = failed.account;
            told += u32::from(failed.lockout);
        }
        assert_eq!(told, 1);
        let stranger = limits().decide(&Caller::default(), &account, NOW);
        assert_eq!(stranger, Verdict::Wait(360));
    }

    #[test]
    fn zero_attempts_are_no_limit_and_the_largest_number_does_not_overflow() {
        assert_eq!(Limits::of_attempts(0), None);
        let limits = Limits::of_attempts(u32::MAX).unwrap();
        let late = Tries {
            forgotten_at: u64::MAX,
            not_before: u64::MAX,
        };
        let caller = Caller {
            tries: late,
            known_until: 0,
        };
        let failed = limits.failed(&caller, &late, u64::MAX - 1);
        assert_eq!(
            limits.decide(&failed.caller, &failed.account, u64::MAX),
            Verdict::Check
        );
    }
}
