//! Random histories of an account that is guessed at from many places while its owner comes from a
//! few: nobody gets more tries than there are, and the owner is never kept out by others.

use std::cell::Cell;
use std::collections::BTreeMap;

use hallpass_core::attempts::{Caller, Limits, Tries, Verdict, succeeded};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::oracle::NOW;
use crate::seeded;

/// The longest any wait lasts, seconds.
const LONGEST: u64 = 900;

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    /// As long as that caller was told to.
    WaitAsTold(u8),
    Guess(u8),
    /// The owner signs in from there.
    SignIn(u8),
    /// A caller's row gives way.
    GiveWay(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let caller = 0..12_u8;
    let step = prop_oneof![
        2 => (0..4000_u64).prop_map(Step::Wait),
        3 => caller.clone().prop_map(Step::WaitAsTold),
        12 => caller.clone().prop_map(Step::Guess),
        1 => (0..2_u8).prop_map(Step::SignIn),
        1 => caller.prop_map(Step::GiveWay),
    ];
    proptest::collection::vec(step, 0..600)
}

/// What happened, and what the account's object would have stored.
struct History {
    limits: Limits,
    now: u64,
    account: Tries,
    callers: BTreeMap<u8, Caller>,
    /// When a guess was checked: by whom, and whether the caller was known.
    checked: Vec<(u64, u8, bool)>,
    /// Callers whose row gave way.
    forgotten: Vec<u8>,
}

impl History {
    fn caller(&self, name: u8) -> Caller {
        self.callers.get(&name).copied().unwrap_or_default()
    }

    fn decide(&self, name: u8) -> Verdict {
        let caller = self.caller(name);
        let verdict = self.limits.decide(&caller, &self.account, self.now);
        if let Verdict::Wait(wait) = verdict {
            assert!((1..=LONGEST).contains(&wait), "{wait}");
            // Who is known is kept out by itself alone.
            let own = caller.tries.wait(self.now);
            assert!(self.now >= caller.known_until || own == Some(wait));
        }
        verdict
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Wait(seconds) => self.now += seconds,
            Step::WaitAsTold(name) => {
                if let Verdict::Wait(wait) = self.decide(name) {
                    self.now += wait;
                    let caller = self.caller(name);
                    assert_eq!(caller.tries.wait(self.now), None, "the wait is over then");
                }
            }
            Step::Guess(name) => {
                if self.decide(name) == Verdict::Check {
                    let caller = self.caller(name);
                    let known = self.now < caller.known_until;
                    let failed = self.limits.failed(&caller, &self.account, self.now);
                    self.account = failed.account;
                    self.callers.insert(name, failed.caller);
                    self.checked.push((self.now, name, known));
                }
            }
            Step::SignIn(name) => {
                if self.decide(name) == Verdict::Check {
                    let caller = succeeded(&self.caller(name), self.now);
                    self.callers.insert(name, caller);
                    self.checked.retain(|(_, by, _)| *by != name);
                }
            }
            Step::GiveWay(name) => {
                self.callers.remove(&name);
                self.forgotten.push(name);
            }
        }
    }

    /// In every stretch of time, beginning with every guess.
    fn nobody_gets_more_tries_than_there_are(&self) {
        let Limits { caller, account } = self.limits;
        let of = |free: u32, every: u64, time: u64| u64::from(free) + time / every;
        for (nth, (since, name, _)) in self.checked.iter().enumerate() {
            let (mut own, mut strangers) = (0, 0);
            for (at, by, known) in self.checked.iter().skip(nth) {
                let time = at - since;
                strangers += u64::from(!known);
                assert!(
                    strangers <= of(account.free, account.forget_after, time) + 1,
                    "{strangers} by strangers in {time} s"
                );
                if self.forgotten.contains(name) {
                    continue;
                }
                own += u64::from(by == name);
                // The free ones, those until the wait is longest, one for each longest wait, and one
                // for each that was forgotten meanwhile.
                let most = of(caller.free + 5, LONGEST, time) + time / caller.forget_after + 1;
                assert!(own <= most, "{own} by one in {time} s");
            }
        }
    }
}

#[test]
fn nobody_gets_more_tries_than_there_are_and_no_owner_is_kept_out_by_others() {
    let (guesses, waits) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(seeded(300));
    let histories = runner.run(&(1..8_u32, steps()), |(attempts, steps)| {
        let mut history = History {
            limits: Limits::of_attempts(attempts).unwrap(),
            now: NOW,
            account: Tries::default(),
            callers: BTreeMap::new(),
            checked: Vec::new(),
            forgotten: Vec::new(),
        };
        for step in &steps {
            history.take(step);
        }
        history.nobody_gets_more_tries_than_there_are();
        guesses.set(guesses.get() + history.checked.len());
        let waiting = (0..12).filter(|name| history.decide(*name) != Verdict::Check);
        waits.set(waits.get() + waiting.count());
        history.now += LONGEST;
        assert!((0..12).all(|name| history.decide(name) == Verdict::Check));
        Ok(())
    });
    histories.unwrap();
    let (guesses, waits) = (guesses.get(), waits.get());
    assert!(
        guesses > 1000 && waits > 100,
        "{guesses}, {waits}: too tame"
    );
}
