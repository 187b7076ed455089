//! Random histories of a ring: it rolls and its keys leak, while isolates sign by copies of it that
//! are up to a minute old, others verify by key sets that they keep as long as they were told, and
//! nobody's clock is right.
//!
//! True time is the ring's keeper's. That nothing but `hallpass_core::ring` decides is what makes
//! this small: a token is the `kid` it was signed with and its `exp`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use hallpass_core::MAX_LEEWAY;
use hallpass_core::ring::{
    Ask, Change, KEY_SET_MAX_AGE, PUBLISHED_AHEAD, Policy, RING_MAX_AGE, Ring, State, turn,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use crate::oracle::NOW;
use crate::seeded;

const DAY: u64 = 86_400;

/// How far the clock of each isolate is off, seconds; the verifier of the same number is off by the
/// opposite.
const OFF: [i64; 5] = [-60, -17, 0, 30, 60];

/// The first key of a ring.
const FIRST: &str = "k000";

/// By how much the clock of the slowest verifier is behind.
const SLOWEST: u64 = 60;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    /// Until the last second in which somebody accepts that token, if it lies ahead.
    WaitForTheEnd(Index),
    /// The alarm goes off, or somebody looks: nothing else wakes the keeper.
    Alarm,
    Roll,
    /// The key that signs leaks.
    Leak,
    /// What is private of all keys is lost.
    Lose,
    /// Any key there ever was leaks.
    LeakAny(Index),
    /// An isolate chooses a key; the token is dated so many seconds later by a clock that is off.
    Sign {
        isolate: usize,
        under_way: u64,
        off: i64,
    },
    /// A verifier fetches the key set from an isolate.
    FetchKeySet {
        verifier: usize,
        isolate: usize,
    },
    /// An isolate begins anew.
    Evict(usize),
    Settings(Policy),
}

fn step() -> impl Strategy<Value = Step> {
    let one = 0..OFF.len();
    let wait = prop_oneof![
        6 => 0..15u64,
        6 => 15..100u64,
        4 => 100..400u64,
        2 => 400..2 * DAY,
        1 => 2 * DAY..40 * DAY,
    ];
    let policy = (1..45u64, 300..9 * DAY).prop_map(|(days, longest_lifetime)| Policy {
        period: days * DAY,
        longest_lifetime,
    });
    prop_oneof![
        16 => wait.prop_map(Step::Wait),
        2 => any::<Index>().prop_map(Step::WaitForTheEnd),
        2 => Just(Step::Alarm),
        2 => Just(Step::Roll),
        1 => Just(Step::Leak),
        1 => Just(Step::Lose),
        1 => any::<Index>().prop_map(Step::LeakAny),
        16 => (one.clone(), 0..60u64, -60..=60i64)
            .prop_map(|(isolate, under_way, off)| Step::Sign { isolate, under_way, off }),
        12 => (one.clone(), one.clone())
            .prop_map(|(verifier, isolate)| Step::FetchKeySet { verifier, isolate }),
        1 => one.prop_map(Step::Evict),
        1 => policy.prop_map(Step::Settings),
    ]
}

/// An isolate's copy of the ring, and for how long its tokens live.
#[derive(Clone, Debug)]
struct Copy {
    ring: Ring,
    fetched_at: u64,
    lifetime: u64,
}

/// A verifier's copy of the key set.
#[derive(Clone, Debug)]
struct KeySet {
    kids: BTreeSet<String>,
    /// When its ring was fetched from the keeper.
    ring_fetched_at: u64,
    kept_until: u64,
}

#[derive(Clone, Debug)]
struct Token {
    kid: String,
    exp: u64,
}

struct World {
    now: u64,
    policy: Policy,
    ring: Option<Ring>,
    copies: [Option<Copy>; OFF.len()],
    key_sets: [Option<KeySet>; OFF.len()],
    tokens: Vec<Token>,
    /// When each key was published.
    published: BTreeMap<String, u64>,
    /// When each dead key was declared so.
    dead: BTreeMap<String, u64>,
    /// Keys that had to sign before they were ready.
    hurried: BTreeSet<String>,
    seen: BTreeSet<&'static str>,
}

const fn shifted(now: u64, off: i64) -> u64 {
    now.saturating_add_signed(off)
}

impl World {
    fn new() -> Self {
        Self {
            now: NOW,
            policy: Policy {
                period: 30 * DAY,
                longest_lifetime: DAY,
            },
            ring: None,
            copies: Default::default(),
            key_sets: Default::default(),
            tokens: Vec::new(),
            published: BTreeMap::new(),
            dead: BTreeMap::new(),
            hurried: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Wait(seconds) => self.now += seconds,
            Step::WaitForTheEnd(_) if self.tokens.is_empty() => {}
            Step::WaitForTheEnd(any) => {
                let latest = any.get(&self.tokens).exp + MAX_LEEWAY + SLOWEST - 1;
                self.now = self.now.max(latest);
            }
            Step::Alarm => drop(self.ask(&Ask::Look)),
            Step::Roll => drop(self.ask(&Ask::Roll)),
            Step::Leak => drop(self.ask(&Ask::Leaked(None))),
            Step::Lose => drop(self.ask(&Ask::Lost)),
            Step::LeakAny(any) => {
                let kids: Vec<_> = self.published.keys().cloned().collect();
                if !kids.is_empty() {
                    self.ask(&Ask::Leaked(Some(any.get(&kids).clone())));
                }
            }
            Step::Sign {
                isolate,
                under_way,
                off,
            } => self.sign(*isolate, *under_way, *off),
            Step::FetchKeySet { verifier, isolate } => self.fetch_key_set(*verifier, *isolate),
            Step::Evict(isolate) => self.copies[*isolate] = None,
            Step::Settings(policy) => {
                self.policy = *policy;
                self.copies = Default::default();
            }
        }
        self.what_must_hold();
    }

    /// The keeper is asked.
    fn ask(&mut self, ask: &Ask) -> Ring {
        self.forget_expired_tokens();
        let published = &mut self.published;
        let now = self.now;
        let mut fresh = || {
            let kid = format!("k{:03}", published.len());
            published.insert(kid.clone(), now);
            Ok::<_, Infallible>(kid)
        };
        let ring = match self.ring.take() {
            Some(ring) => ring,
            None => Ring::new(fresh().unwrap(), fresh().unwrap(), &self.policy, now),
        };
        let leaked = match ask {
            Ask::Leaked(Some(kid)) => ring.knows(kid).then(|| kid.clone()),
            Ask::Leaked(None) => signing(&ring),
            Ask::Look | Ask::Roll | Ask::Lost => None,
        };
        let turned = turn(ring, ask, &self.policy, now, fresh).unwrap();
        for change in &turned.changes {
            self.note(change, ask);
        }
        assert!(leaked.is_none_or(|kid| self.dead.contains_key(&kid)));
        assert_eq!(Ring::of(turned.ring.keys()).as_ref(), Some(&turned.ring));
        assert!(
            turned.ring.next_change() > now,
            "what is due is done: {turned:?}"
        );
        assert!(turned.ring.last_seen() <= now);
        self.ring = Some(turned.ring.clone());
        turned.ring
    }

    fn note(&mut self, change: &Change, ask: &Ask) {
        let what = match change {
            Change::Signs(kid) if self.now < self.published[kid] + PUBLISHED_AHEAD => {
                assert!(
                    matches!(ask, Ask::Leaked(_) | Ask::Lost),
                    "I8: {kid} signs too early"
                );
                self.hurried.insert(kid.clone());
                "hurried"
            }
            Change::Signs(_) => "signs",
            Change::SignsEarlier(_) => "signs earlier",
            Change::Died { kid, last_exp } => {
                assert_eq!(self.dead.insert(kid.clone(), self.now), None, "dies once");
                let signed = self.tokens.iter().filter(|token| token.kid == *kid);
                assert!(signed.clone().all(|token| token.exp <= *last_exp));
                "died"
            }
            Change::Left(kid) => {
                let needed = self.tokens.iter().any(|token| token.kid == *kid);
                assert!(!needed, "{kid} left while it was needed");
                "left"
            }
        };
        self.seen.insert(what);
    }

    /// An isolate's copy of the ring, fetched anew when it is too old, or to choose a key by.
    fn copy(&mut self, isolate: usize) -> Copy {
        let age = |copy: &Copy| self.now - copy.fetched_at;
        if let Some(copy) = &self.copies[isolate]
            && age(copy) < RING_MAX_AGE
        {
            return copy.clone();
        }
        let copy = Copy {
            ring: self.ask(&Ask::Look),
            fetched_at: self.now,
            lifetime: self.policy.longest_lifetime,
        };
        self.copies[isolate] = Some(copy.clone());
        copy
    }

    fn sign(&mut self, isolate: usize, under_way: u64, off: i64) {
        let copy = self.copy(isolate);
        let kid = copy.ring.signer(shifted(self.now, OFF[isolate])).to_owned();
        if kid != FIRST && !self.hurried.contains(&kid) {
            let everywhere = self.published[&kid] + RING_MAX_AGE + KEY_SET_MAX_AGE;
            assert!(everywhere <= self.now, "I8: {kid} signs too early");
        }
        if let Some(died) = self.dead.get(&kid) {
            assert!(self.now < died + RING_MAX_AGE, "a dead key signs");
            assert!(copy.fetched_at <= *died, "by a ring that knows it is dead");
        }
        let exp = shifted(self.now + under_way, off) + copy.lifetime;
        if let Some(State::Dead { last_exp, .. } | State::Retiring { last_exp }) = self.state(&kid)
        {
            assert!(exp <= last_exp, "{kid}: {exp} > {last_exp}");
            self.seen.insert("late");
        }
        self.tokens.push(Token { kid, exp });
    }

    fn state(&self, kid: &str) -> Option<State> {
        let keys = self.ring.as_ref()?.keys();
        keys.iter().find(|key| key.kid == kid).map(|key| key.state)
    }

    fn fetch_key_set(&mut self, verifier: usize, isolate: usize) {
        let copy = self.copy(isolate);
        let now = shifted(self.now, OFF[isolate]);
        let max_age = copy.ring.max_age(now);
        assert!(max_age <= KEY_SET_MAX_AGE);
        self.key_sets[verifier] = Some(KeySet {
            kids: copy.ring.published(now).map(Into::into).collect(),
            ring_fetched_at: copy.fetched_at,
            kept_until: self.now + max_age,
        });
    }

    /// What no verifier accepts any more, however far its clock is behind.
    fn forget_expired_tokens(&mut self) {
        let now = self.now;
        self.tokens
            .retain(|token| now < token.exp + MAX_LEEWAY + SLOWEST);
    }

    fn what_must_hold(&mut self) {
        let now = self.now;
        self.tokens
            .retain(|token| now < token.exp + MAX_LEEWAY + 60);
        for (copy, off) in self.copies.iter().zip(OFF) {
            let Some(copy) = copy
                .as_ref()
                .filter(|copy| now - copy.fetched_at < RING_MAX_AGE)
            else {
                continue;
            };
            let here = shifted(now, off);
            let kids: BTreeSet<_> = copy.ring.published(here).map(Into::into).collect();
            assert!(
                kids.contains(copy.ring.signer(here)),
                "the signer is published"
            );
            self.dead_keys_are_gone(&kids, copy.fetched_at, RING_MAX_AGE);
            self.tokens_verify(&kids, here, copy.fetched_at);
        }
        for (key_set, off) in self.key_sets.iter().zip(OFF) {
            if let Some(set) = key_set.as_ref().filter(|set| now <= set.kept_until) {
                let late = RING_MAX_AGE + KEY_SET_MAX_AGE;
                self.dead_keys_are_gone(&set.kids, set.ring_fetched_at, late);
                self.tokens_verify(&set.kids, shifted(now, -off), set.ring_fetched_at);
            }
        }
    }

    fn dead_keys_are_gone(&self, kids: &BTreeSet<String>, fetched_at: u64, late: u64) {
        for (kid, died) in &self.dead {
            let knew = fetched_at > *died || self.now > died + late;
            assert!(!knew || !kids.contains(kid), "{kid} died at {died}");
        }
    }

    /// Every token of a key that is not dead verifies until it expires, `here` being the verifier's
    /// clock.
    fn tokens_verify(&self, kids: &BTreeSet<String>, here: u64, ring_fetched_at: u64) {
        for token in &self.tokens {
            let expired = here >= token.exp + MAX_LEEWAY;
            let hurried =
                self.hurried.contains(&token.kid) && ring_fetched_at <= self.published[&token.kid];
            if !expired && !hurried && !self.dead.contains_key(&token.kid) {
                assert!(kids.contains(&token.kid), "{token:?} at {}", self.now);
            }
        }
    }
}

fn signing(ring: &Ring) -> Option<String> {
    let keys = ring.keys().into_iter();
    let mut signing = keys.filter(|key| matches!(key.state, State::Signing { .. }));
    signing.next().map(|key| key.kid)
}

#[test]
fn tokens_verify_until_they_expire_whoever_signs_and_dead_keys_are_dead() {
    let steps = proptest::collection::vec(step(), 1..120);
    let seen = RefCell::new(BTreeMap::<_, u32>::new());
    let mut runner = TestRunner::new(seeded(2000));
    let histories = runner.run(&steps, |steps| {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        for what in world.seen {
            *seen.borrow_mut().entry(what).or_default() += 1;
        }
        Ok(())
    });
    histories.unwrap();
    println!("histories with: {:?}", seen.borrow());
    let all = ["died", "hurried", "late", "left", "signs", "signs earlier"];
    assert!(seen.borrow().keys().eq(all.iter()), "{seen:?}");
}

#[test]
fn the_last_token_of_a_key_verifies_to_its_end_though_everybody_is_off_by_the_most() {
    let (behind, ahead) = (0, OFF.len() - 1);
    let sign = |under_way, off| Step::Sign {
        isolate: behind,
        under_way,
        off,
    };
    let mut world = World::new();
    world.now += world.ask(&Ask::Look).next_change() - NOW - 1;
    world.take(&sign(0, 0));
    // The copy of the ring is a second from being too old, the clock a second from the turn.
    world.now += RING_MAX_AGE - 1;
    world.take(&sign(60, 60));
    let last = world.tokens.last().unwrap().clone();
    assert_eq!(last.kid, FIRST);
    world.now = last.exp + MAX_LEEWAY + SLOWEST - 1;
    world.take(&Step::FetchKeySet {
        verifier: ahead,
        isolate: ahead,
    });
    world.now += 1;
    world.take(&Step::Alarm);
    assert!(world.tokens.is_empty());
}
