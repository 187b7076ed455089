//! A second factor: a code that is mailed to whoever has shown the right password.
//!
//! A code has six digits and is good once, for ten minutes, for the password that was shown. Whoever
//! has the password and not the mail can guess: so wrong ones are counted for the account, over all
//! codes that are mailed meanwhile, and after five the next one is not looked at for half an hour, then
//! for twice as long, up to four hours. A right one forgets them.
//!
//! **What that comes to** for whoever guesses as often as may be: 13 codes on the first day and 6 on
//! every other, one in a million each, and the owner has a mail for nearly all of them.

use alloc::format;
use alloc::string::String;

use crate::attempts::{Limit, Tries};
use crate::mailing::Proof;

/// How long a code is good, and what is handed out with it, in seconds.
pub const GOOD_SECONDS: u64 = 600;

/// How many digits a code has.
pub const DIGITS: usize = 6;

/// Wrong codes. One that was mistyped is forgotten in a day.
const WRONG: Limit = Limit {
    free: 5,
    first_wait: 1800,
    longest_wait: 14_400,
    forget_after: 86_400,
};

/// Of whom a code is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Of nobody.
    Off,
    /// Of whoever has chosen so.
    Optional,
    /// Of everybody.
    Required,
}

impl Policy {
    /// Whether somebody is asked who has chosen so, or not:
    ///
    /// | setting | chosen | asked |
    /// |---|---|---|
    /// | off | – | no |
    /// | optional | no | no |
    /// | optional | yes | **yes** |
    /// | required | – | **yes** |
    #[must_use]
    pub const fn asks(self, chosen: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Optional => chosen,
            Self::Required => true,
        }
    }
}

/// A code out of random bytes, each as likely as any other to one in ten million million.
#[must_use]
pub fn code(random: [u8; 8]) -> String {
    format!("{:06}", u64::from_le_bytes(random) % 1_000_000)
}

/// What is stored of a code that is mailed now, for the password of this version.
#[must_use]
pub const fn mailed(credential: u32, now: u64) -> Proof {
    Proof {
        credential,
        expires_at: now.saturating_add(GOOD_SECONDS),
    }
}

/// What to do for whoever has shown the right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Mail a code, which replaces the one before, and ask for it.
    ForNew,
    /// Ask for the one that was mailed.
    ForMailed,
    /// Nothing, for so many seconds.
    Wait(u64),
}

/// Decides on it, by the wrong codes and by the mails so far:
///
/// | wrong codes make wait | mails make wait | a code is good | |
/// |---|---|---|---|
/// | yes | – | – | **Wait** for that: none would be looked at |
/// | no | no | – | **`ForNew`** |
/// | no | yes | yes | **`ForMailed`** |
/// | no | yes | no | **Wait** for the next mail |
#[must_use]
pub const fn ask(wrong: &Tries, mails: &Tries, is_good: bool, now: u64) -> Ask {
    match (wrong.wait(now), mails.wait(now)) {
        (None, None) => Ask::ForNew,
        (None, Some(_)) if is_good => Ask::ForMailed,
        (Some(wait), _) | (None, Some(wait)) => Ask::Wait(wait),
    }
}

/// What to do with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Let in whoever presents it, and forget it and all wrong ones.
    Right,
    /// Count it.
    Wrong(Tries),
    /// There is none to be right: it is over, was used, or the password is another. Nothing is counted.
    Over,
    /// Nothing is looked at for so many seconds, and nothing is counted.
    Wait(u64),
}

/// Decides on a code, by what was mailed and whether this is it:
///
/// | wrong codes make wait | mailed, and good for today's password | this is it | verdict |
/// |---|---|---|---|
/// | yes | – | – | **Wait** |
/// | no | no | – | **Over** |
/// | no | yes | no | **Wrong** |
/// | no | yes | yes | **Right** |
#[must_use]
pub fn present(wrong: &Tries, is_good: bool, is_it: bool, now: u64) -> Verdict {
    match wrong.wait(now) {
        Some(wait) => Verdict::Wait(wait),
        None if !is_good => Verdict::Over,
        None if is_it => Verdict::Right,
        None => Verdict::Wrong(WRONG.failed(wrong, now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn waiting(seconds: u64) -> Tries {
        Tries {
            forgotten_at: NOW + 86_400,
            not_before: NOW + seconds,
        }
    }

    #[test]
    fn who_is_asked() {
        use Policy::{Off, Optional, Required};
        let asked = |policy: Policy| [false, true].map(|chosen| policy.asks(chosen));
        assert_eq!(asked(Off), [false, false]);
        assert_eq!(asked(Optional), [false, true]);
        assert_eq!(asked(Required), [true, true]);
    }

    #[test]
    fn a_code_has_six_digits() {
        assert_eq!(code([0; 8]), "000000");
        assert_eq!(code(7_u64.to_le_bytes()), "000007");
        assert_eq!(code(12_999_999_u64.to_le_bytes()), "999999");
        assert_eq!(code([255; 8]).len(), DIGITS);
    }

    #[test]
    fn every_row_of_what_is_asked() {
        let rows = [
            (60, 30, true, Ask::Wait(60)),
            (60, 90, false, Ask::Wait(60)),
            (60, 0, true, Ask::Wait(60)),
            (0, 0, true, Ask::ForNew),
            (0, 0, false, Ask::ForNew),
            (0, 30, true, Ask::ForMailed),
            (0, 30, false, Ask::Wait(30)),
        ];
        for (wrong, mails, is_good, expected) in rows {
            let asked = ask(&waiting(wrong), &waiting(mails), is_good, NOW);
            assert_eq!(asked, expected, "{wrong}, {mails}, {is_good}");
        }
    }

    #[test]
    fn every_row_of_what_comes_of_a_code() {
        let none = Tries::default();
        for is_it in [true, false] {
            for is_good in [true, false] {
                let verdict = present(&waiting(9), is_good, is_it, NOW);
                assert_eq!(verdict, Verdict::Wait(9));
            }
            assert_eq!(present(&none, false, is_it, NOW), Verdict::Over);
        }
        assert_eq!(present(&none, true, true, NOW), Verdict::Right);
        let Verdict::Wrong(counted) = present(&none, true, false, NOW) else {
            panic!("a wrong code is wrong");
        };
        assert_eq!(counted.wait(NOW), None);
        assert_eq!(counted.forgotten_at, NOW + 86_400);
    }

    /// The seconds at which a wrong code is looked at, when it is tried as soon as may be.
    fn guesses(until: u64) -> Vec<u64> {
        let (mut tries, mut now, mut guesses) = (Tries::default(), NOW, Vec::new());
        while now < NOW + until {
            match present(&tries, true, false, now) {
                Verdict::Wrong(counted) => {
                    guesses.push(now - NOW);
                    tries = counted;
                }
                Verdict::Wait(wait) => now += wait,
                verdict @ (Verdict::Right | Verdict::Over) => panic!("{verdict:?}"),
            }
        }
        guesses
    }

    #[test]
    fn five_wrong_codes_are_free_and_then_the_wait_doubles_up_to_four_hours() {
        let at = guesses(86_400);
        let minutes: Vec<_> = at.iter().map(|second| second / 60).collect();
        let expected = [0, 0, 0, 0, 0, 30, 90, 210, 450, 690, 930, 1170, 1410];
        assert_eq!(minutes, expected);
        assert_eq!(guesses(86_400 * 10).len(), 13 + 9 * 6);
    }
}
