//! The ring of signing keys: which key signs, which ones verify, and when that changes.
//!
//! A ring always has one key that signs and a next one, which is published from the moment it exists
//! and signs from a second that is known as long. So whoever holds a copy of the ring changes over
//! at that second by its own clock, and nobody meets a signature by a key he could not have seen.
//!
//! ```text
//!  made            signs from                    successor signs from         last token is over
//!   |--- next --------|--------- signing ------------|-------- retiring -----------|  gone
//!   |<----------------------- published, its tokens are taken -------------------->|
//! ```
//!
//! A key that leaked is declared dead: it is out of the ring's published keys at once, and is only
//! remembered for as long as somebody might still bring a token of it.

use crate::MAX_LEEWAY;
use crate::validation::CLOCK_SKEW;
use alloc::string::String;
use alloc::vec::Vec;

/// How old a copy of the ring may be that somebody signs, verifies or publishes by, in seconds.
pub const RING_MAX_AGE: u64 = 60;

/// The longest anybody may keep the published keys, in seconds.
pub const KEY_SET_MAX_AGE: u64 = 60;

/// How long a key is published before it signs, in seconds. A key set without it is handed out for
/// as long as a copy of the ring without it is used, and kept for as long as it may be; and the
/// clock of whoever signs may be ahead.
pub const PUBLISHED_AHEAD: u64 = RING_MAX_AGE + KEY_SET_MAX_AGE + CLOCK_SKEW;

/// How long after its successor took over a key may still turn up in tokens with a fresh date, in
/// seconds. Whoever has an old copy of the ring, or a clock that is behind, goes on choosing it; the
/// request it was chosen for takes a while; and the clock of the object that dates the token may be
/// ahead.
const STILL_CHOSEN: u64 = RING_MAX_AGE + LONGEST_REQUEST + CLOCK_SKEW;

/// The longest a request is under way between choosing a key and dating a token, in seconds.
const LONGEST_REQUEST: u64 = 60;

/// How long a token may be accepted after its `exp`, by the clock of the ring's keeper, in seconds:
/// whoever takes its key out may be ahead, whoever verifies it behind.
const STILL_ACCEPTED: u64 = MAX_LEEWAY + 2 * CLOCK_SKEW;

/// The settings that decide how a ring turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For how long a key signs, seconds.
    pub period: u64,
    /// The longest lifetime of any token that is signed from now on, seconds.
    pub longest_lifetime: u64,
}

/// A key of a ring. Dates are in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name in tokens and in the key set.
    pub kid: String,
    /// Since when it is published.
    pub published_at: u64,
    /// From when on it signs, signed or would have signed.
    pub signs_from: u64,
    /// What it does.
    pub state: State,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is published and will sign.
    Next {
        /// The longest lifetime of anything it may come to sign.
        longest_lifetime: u64,
    },
    /// It signs, until the next one does.
    Signing {
        /// The longest lifetime of anything it may have signed.
        longest_lifetime: u64,
    },
    /// It signs nothing new. What it signed is good until it expires.
    Retiring {
        /// The latest `exp` of anything it may have signed.
        last_exp: u64,
    },
    /// It leaked: whatever it signed is refused.
    Dead {
        /// When that was declared.
        at: u64,
        /// The latest `exp` of anything it may have signed before everybody knew.
        last_exp: u64,
    },
}

impl Key {
    /// The second from which on nobody could accept a token of this key; `None` while it signs.
    #[must_use]
    pub const fn over_at(&self) -> Option<u64> {
        match self.state {
            State::Next { .. } | State::Signing { .. } => None,
            State::Retiring { last_exp } | State::Dead { last_exp, .. } => {
                Some(last_exp.saturating_add(STILL_ACCEPTED))
            }
        }
    }

    const fn is_dead(&self) -> bool {
        matches!(self.state, State::Dead { .. })
    }
}

/// A ring: one key that signs, one that will, and those that did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    signing: Live,
    next: Live,
    /// Retiring or dead.
    past: Vec<Key>,
}

/// A key that signs or will.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Live {
    kid: String,
    published_at: u64,
    signs_from: u64,
    longest_lifetime: u64,
}

impl Live {
    /// The same key when it signs no more.
    fn past(self, state: State) -> Key {
        Key {
            kid: self.kid,
            published_at: self.published_at,
            signs_from: self.signs_from,
            state,
        }
    }

    /// The latest `exp` of anything it signs if it signs up to that second.
    const fn last_exp(&self, second: u64) -> u64 {
        second
            .saturating_add(STILL_CHOSEN)
            .saturating_add(self.longest_lifetime)
    }

    /// From when on it has been published for long enough to sign.
    const fn ready_at(&self) -> u64 {
        self.published_at.saturating_add(PUBLISHED_AHEAD)
    }
}

impl Ring {
    /// A new ring. Its first key signs at once, since nobody can have an older copy of the ring or of
    /// its published keys.
    #[must_use]
    pub fn new(first: String, next: String, policy: &Policy, now: u64) -> Self {
        let live = |kid, signs_from| Live {
            kid,
            published_at: now,
            signs_from,
            longest_lifetime: policy.longest_lifetime,
        };
        let next_from = now.saturating_add(policy.period.max(PUBLISHED_AHEAD));
        Self {
            signing: live(first, now),
            next: live(next, next_from),
            past: Vec::new(),
        }
    }

    /// The ring of keys that were stored. `None`: they are none, for not exactly one of them signs
    /// and one is next.
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = Key>) -> Option<Self> {
        let (mut signing, mut next, mut past) = (None, None, Vec::new());
        for key in keys {
            let (place, longest_lifetime) = match key.state {
                State::Next { longest_lifetime } => (&mut next, longest_lifetime),
                State::Signing { longest_lifetime } => (&mut signing, longest_lifetime),
                State::Retiring { .. } | State::Dead { .. } => {
                    past.push(key);
                    continue;
                }
            };
            let live = Live {
                kid: key.kid,
                published_at: key.published_at,
                signs_from: key.signs_from,
                longest_lifetime,
            };
            if place.replace(live).is_some() {
                return None;
            }
        }
        Some(Self {
            signing: signing?,
            next: next?,
            past,
        })
    }

    /// All keys: those that did sign, the one that does, the next.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        let longest_lifetime = self.signing.longest_lifetime;
        let signing = State::Signing { longest_lifetime };
        let longest_lifetime = self.next.longest_lifetime;
        let next = State::Next { longest_lifetime };
        let mut keys = self.past.clone();
        keys.extend([
            self.signing.clone().past(signing),
            self.next.clone().past(next),
        ]);
        keys
    }

    /// The key that signs what is issued now. There is always exactly one, whatever the clock.
    #[must_use]
    pub fn signer(&self, now: u64) -> &str {
        if now < self.next.signs_from {
            &self.signing.kid
        } else {
            &self.next.kid
        }
    }

    /// The keys that are published and whose tokens are taken.
    pub fn published(&self, now: u64) -> impl Iterator<Item = &str> {
        let stays = move |key: &&Key| !key.is_dead() && key.over_at().is_some_and(|at| now < at);
        let past = self.past.iter().filter(stays).map(|key| key.kid.as_str());
        past.chain([self.signing.kid.as_str(), self.next.kid.as_str()])
    }

    /// Whether the ring has, or remembers, a key of that name.
    #[must_use]
    pub fn knows(&self, kid: &str) -> bool {
        let live = [&self.signing, &self.next];
        live.iter().any(|key| key.kid == kid) || self.past.iter().any(|key| key.kid == kid)
    }

    /// For how long others may keep the published keys: not longer than until they change.
    #[must_use]
    pub fn max_age(&self, now: u64) -> u64 {
        self.next_change().saturating_sub(now).min(KEY_SET_MAX_AGE)
    }

    /// When the ring turns by itself, by [`turn`]: its next key signs, or one leaves.
    #[must_use]
    pub fn next_change(&self) -> u64 {
        let leaving = self.past.iter().filter_map(Key::over_at);
        leaving.min().unwrap_or(u64::MAX).min(self.next.signs_from)
    }

    /// The latest second that was written down here; its keeper's clock does not go back behind it.
    #[must_use]
    pub fn last_seen(&self) -> u64 {
        let died = self.past.iter().filter_map(|key| match key.state {
            State::Dead { at, .. } => Some(at),
            State::Next { .. } | State::Signing { .. } | State::Retiring { .. } => None,
        });
        died.chain([self.signing.signs_from, self.next.published_at])
            .max()
            .unwrap_or_default()
    }
}

/// What is asked of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What time brings.
    Look,
    /// That the next key sign as soon as it may.
    Roll,
    /// That this key leaked; `None`: the one that signs. Whoever asks twice does better to name it.
    Leaked(Option<String>),
    /// That nobody can sign with any key there is: what is private of them is lost.
    Lost,
}

/// A ring after it was asked something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its next state, to be stored if it differs.
    pub ring: Ring,
    /// What happened, for the record.
    pub changes: Vec<Change>,
    /// How many of them, the first ones, time has brought and not who asked.
    pub by_time: usize,
}

/// What happened to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It signs.
    Signs(String),
    /// It will sign earlier than planned.
    SignsEarlier(String),
    /// It is dead.
    Died {
        /// Its name.
        kid: String,
        /// The latest `exp` of anything it may have signed.
        last_exp: u64,
    },
    /// It is not remembered any more.
    Left(String),
}

/// Turns a ring: first by what time brought, then by what is asked; what is over leaves at last.
///
/// | asked | the ring | becomes |
/// |---|---|---|
/// | anything | tokens may live longer than the keys that sign know | they know |
/// | anything | next would sign later than the period (which was shortened) wants | it **signs earlier**, not before now nor before it is ready |
/// | anything | now ≥ the second next signs from | next **signs** from then on, signing is retiring, a fresh one is next |
/// | roll | next is ready | the same, from now on |
/// | roll | next is not ready | it **signs earlier**: when it is |
/// | leaked | the key that signs | it is **dead**, next **signs** from now on, ready or not; a fresh one is next |
/// | leaked | next | it is **dead**; a fresh one is next and signs when that one would have, or when it is ready |
/// | leaked | a retiring key | it is **dead** |
/// | leaked | a dead key or none of the ring | – |
/// | lost | the key that signs, and next | they are **retiring**, for what they signed is good; a fresh one **signs** from now on, ready or not, another is next |
/// | anything | a retiring or dead key, of which no token could be accepted any more | it **leaves** |
///
/// A key is *ready* once it has been published for [`PUBLISHED_AHEAD`] (I8). Only when the key that
/// signs leaks within that time after the last turn, or all keys are lost, does one sign that is not:
/// nobody signing at all would lock out everybody, this one only bothers those who keep an older key
/// set, for that time.
///
/// `fresh` makes a key and gives its name. The caller must store the next state in the same
/// transaction in which it read this one.
pub fn turn<E>(
    ring: Ring,
    ask: &Ask,
    policy: &Policy,
    now: u64,
    fresh: impl FnMut() -> Result<String, E>,
) -> Result<Turn, E> {
    let mut turning = Turning {
        ring,
        changes: Vec::new(),
        policy,
        now,
        fresh,
    };
    // Named before anything turns: it is the key that whoever asks has seen sign.
    let signing = turning.ring.signing.kid.clone();
    turning.look()?;
    let by_time = turning.changes.len();
    match ask {
        Ask::Look => {}
        Ask::Roll => turning.roll()?,
        Ask::Leaked(kid) => turning.leaked(kid.as_ref().unwrap_or(&signing))?,
        Ask::Lost => turning.lost()?,
    }
    turning.forget();
    let Turning { ring, changes, .. } = turning;
    Ok(Turn {
        ring,
        changes,
        by_time,
    })
}

struct Turning<'a, F> {
    ring: Ring,
    changes: Vec<Change>,
    policy: &'a Policy,
    now: u64,
    fresh: F,
}

impl<E, F: FnMut() -> Result<String, E>> Turning<'_, F> {
    fn look(&mut self) -> Result<(), E> {
        let (policy, now) = (self.policy, self.now);
        let Ring { signing, next, .. } = &mut self.ring;
        for key in [&mut *signing, &mut *next] {
            key.longest_lifetime = key.longest_lifetime.max(policy.longest_lifetime);
        }
        let period_over = signing.signs_from.saturating_add(policy.period);
        self.advance(period_over.max(now));
        let from = self.ring.next.signs_from;
        if from <= now {
            self.promote(from, Retire::Retiring)?;
        }
        Ok(())
    }

    fn roll(&mut self) -> Result<(), E> {
        if self.ring.next.ready_at() <= self.now {
            self.promote(self.now, Retire::Retiring)
        } else {
            self.advance(self.now);
            Ok(())
        }
    }

    /// Forgets keys of which no token could be accepted any more.
    fn forget(&mut self) {
        let now = self.now;
        let is_over = |key: &mut Key| key.over_at().is_some_and(|at| at <= now);
        let left = self.ring.past.extract_if(.., is_over);
        self.changes.extend(left.map(|key| Change::Left(key.kid)));
    }

    /// Has next sign from that second on, or from when it is ready, if that is earlier than planned.
    fn advance(&mut self, second: u64) {
        let next = &mut self.ring.next;
        let earlier = second.max(next.ready_at());
        if earlier < next.signs_from {
            next.signs_from = earlier;
            self.changes.push(Change::SignsEarlier(next.kid.clone()));
        }
    }

    fn leaked(&mut self, kid: &str) -> Result<(), E> {
        let now = self.now;
        if kid == self.ring.signing.kid {
            return self.promote(now, Retire::Dead);
        }
        if kid == self.ring.next.kid {
            // Whose clock is ahead may have signed with it.
            let last_exp = self.ring.next.last_exp(now);
            let planned = self.ring.next.signs_from;
            let next = self.fresh_from(planned)?;
            let leaked = core::mem::replace(&mut self.ring.next, next);
            self.bury(leaked.past(State::Dead { at: now, last_exp }), last_exp);
            return Ok(());
        }
        let retiring = self.ring.past.iter_mut().find(|key| key.kid == kid);
        if let Some(key) = retiring
            && let State::Retiring { last_exp } = key.state
        {
            key.state = State::Dead { at: now, last_exp };
            let kid = key.kid.clone();
            self.changes.push(Change::Died { kid, last_exp });
        }
        Ok(())
    }

    /// Two fresh keys in the places of the two that can sign no more.
    fn lost(&mut self) -> Result<(), E> {
        let now = self.now;
        let next = self.fresh_from(now.saturating_add(self.policy.period))?;
        let mut signing = self.fresh_from(now)?;
        signing.signs_from = now;
        self.changes.push(Change::Signs(signing.kid.clone()));
        let lost = [
            core::mem::replace(&mut self.ring.signing, signing),
            core::mem::replace(&mut self.ring.next, next),
        ];
        for key in lost {
            // Of next as well: whose clock is ahead may have signed with it.
            let last_exp = key.last_exp(now);
            self.ring.past.push(key.past(State::Retiring { last_exp }));
        }
        Ok(())
    }

    fn bury(&mut self, key: Key, last_exp: u64) {
        let kid = key.kid.clone();
        self.changes.push(Change::Died { kid, last_exp });
        self.ring.past.push(key);
    }

    /// Next signs from that second on.
    fn promote(&mut self, from: u64, retire: Retire) -> Result<(), E> {
        let fresh = self.fresh_from(from.saturating_add(self.policy.period))?;
        let mut next = core::mem::replace(&mut self.ring.next, fresh);
        next.signs_from = from;
        self.changes.push(Change::Signs(next.kid.clone()));
        let old = core::mem::replace(&mut self.ring.signing, next);
        let last_exp = old.last_exp(from);
        match retire {
            Retire::Retiring => self.ring.past.push(old.past(State::Retiring { last_exp })),
            Retire::Dead => {
                let at = self.now;
                self.bury(old.past(State::Dead { at, last_exp }), last_exp);
            }
        }
        Ok(())
    }

    /// A fresh key that signs from that second on, or from when it is ready.
    fn fresh_from(&mut self, second: u64) -> Result<Live, E> {
        let mut live = Live {
            kid: (self.fresh)()?,
            published_at: self.now,
            signs_from: second,
            longest_lifetime: self.policy.longest_lifetime,
        };
        live.signs_from = second.max(live.ready_at());
        Ok(live)
    }
}

/// What becomes of the key that signed.
#[derive(Clone, Copy)]
enum Retire {
    Retiring,
    Dead,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use core::convert::Infallible;

    /// When the ring was made.
    const THEN: u64 = 1_700_000_000;
    const PERIOD: u64 = 30 * 86_400;
    const LIFETIME: u64 = 86_400;
    /// When its second key signs.
    const TURN: u64 = THEN + PERIOD;
    /// How long after a key signed last nobody takes a token of it any more.
    const OVER: u64 = STILL_CHOSEN + LIFETIME + STILL_ACCEPTED;

    fn policy() -> Policy {
        Policy {
            period: PERIOD,
            longest_lifetime: LIFETIME,
        }
    }

    fn ring() -> Ring {
        Ring::new("a".into(), "b".into(), &policy(), THEN)
    }

    fn asked(ring: Ring, ask: &Ask, policy: &Policy, now: u64) -> Turn {
        let mut names = ["c", "d", "e", "f"]
            .into_iter()
            .filter(|name| !ring.knows(name))
            .collect::<Vec<_>>()
            .into_iter();
        let fresh = || Ok::<_, Infallible>(names.next().unwrap().to_owned());
        turn(ring, ask, policy, now, fresh).unwrap()
    }

    fn after(ring: Ring, ask: &Ask, now: u64) -> Ring {
        asked(ring, ask, &policy(), now).ring
    }

    fn leaked(kid: &str) -> Ask {
        Ask::Leaked(Some(kid.into()))
    }

    /// `b` signs since `TURN`, `a` is retiring, `c` is next.
    fn rolled() -> Ring {
        after(ring(), &Ask::Look, TURN)
    }

    /// A ring as `kid state date …`: from when on a key signs, or when it is over.
    fn shown(ring: &Ring) -> String {
        let show = |key: &Key| match key.state {
            State::Next { .. } => format!("{} next {}", key.kid, key.signs_from),
            State::Signing { .. } => format!("{} signs {}", key.kid, key.signs_from),
            State::Retiring { .. } => format!("{} retiring {}", key.kid, key.over_at().unwrap()),
            State::Dead { .. } => format!("{} dead {}", key.kid, key.over_at().unwrap()),
        };
        ring.keys().iter().map(show).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn every_row_of_the_truth_table_and_both_sides_of_every_boundary() {
        const READY: u64 = THEN + PUBLISHED_AHEAD;
        const LATER: u64 = TURN + 1000;
        let fortnight = Policy {
            period: PERIOD / 2,
            ..policy()
        };
        let hour = Policy {
            period: 3600,
            ..policy()
        };
        let minute = Policy {
            period: 60,
            ..policy()
        };
        let look = || Ask::Look;
        let roll = || Ask::Roll;
        let died_twice = || after(rolled(), &leaked("b"), LATER);
        #[rustfmt::skip]
        let rows = [
            // row, ring, asked, policy, now, ring after
            ("nothing to do", ring(), look(), policy(), THEN, format!("a signs {THEN}, b next {TURN}")),
            ("nothing to do, a second before the turn", ring(), look(), policy(), TURN - 1, format!("a signs {THEN}, b next {TURN}")),
            ("the turn", ring(), look(), policy(), TURN, format!("a retiring {}, b signs {TURN}, c next {}", TURN + OVER, TURN + PERIOD)),
            ("a late turn counts from when it was due", ring(), look(), policy(), TURN + 500, format!("a retiring {}, b signs {TURN}, c next {}", TURN + OVER, TURN + PERIOD)),
            ("a turn later than a period publishes first", ring(), look(), policy(), TURN + PERIOD, format!("b signs {TURN}, c next {}", TURN + PERIOD + PUBLISHED_AHEAD)),
            ("a turn so late that the old key is over", ring(), look(), policy(), TURN + OVER, format!("b signs {TURN}, c next {}", TURN + PERIOD)),
            ("a retiring key in its last second", rolled(), look(), policy(), TURN + OVER - 1, format!("a retiring {}, b signs {TURN}, c next {}", TURN + OVER, TURN + PERIOD)),
            ("a retiring key leaves", rolled(), look(), policy(), TURN + OVER, format!("b signs {TURN}, c next {}", TURN + PERIOD)),
            ("a dead key in its last second", died_twice(), look(), policy(), TURN + OVER, format!("b dead {}, c signs {LATER}, d next {}", LATER + OVER, LATER + PERIOD)),
            ("a dead key leaves", died_twice(), look(), policy(), LATER + OVER, format!("c signs {LATER}, d next {}", LATER + PERIOD)),
            ("a shorter period", ring(), look(), fortnight, THEN + 5, format!("a signs {THEN}, b next {}", THEN + PERIOD / 2)),
            ("a period that was over long ago", ring(), look(), hour, THEN + 7000, format!("a retiring {}, b signs {}, c next {}", THEN + 7000 + OVER, THEN + 7000, THEN + 7000 + 3600)),
            ("a period too short to publish", ring(), look(), minute, THEN + 70, format!("a signs {THEN}, b next {READY}")),
            ("a longer period waits for the next key", ring(), look(), Policy { period: 2 * PERIOD, ..policy() }, THEN, format!("a signs {THEN}, b next {TURN}")),

            ("roll at once", ring(), roll(), policy(), READY, format!("a retiring {}, b signs {READY}, c next {}", READY + OVER, READY + PERIOD)),
            ("roll a second too early", ring(), roll(), policy(), READY - 1, format!("a signs {THEN}, b next {READY}")),
            ("roll with the ring", ring(), roll(), policy(), THEN, format!("a signs {THEN}, b next {READY}")),
            ("roll twice", after(ring(), &roll(), THEN), roll(), policy(), THEN + 1, format!("a signs {THEN}, b next {READY}")),

            ("the signing key leaked", ring(), leaked("a"), policy(), READY, format!("a dead {}, b signs {READY}, c next {}", READY + OVER, READY + PERIOD)),
            ("the signing key leaked, unnamed", ring(), Ask::Leaked(None), policy(), READY, format!("a dead {}, b signs {READY}, c next {}", READY + OVER, READY + PERIOD)),
            ("the signing key leaked, next is not ready", ring(), leaked("a"), policy(), THEN, format!("a dead {}, b signs {THEN}, c next {TURN}", THEN + OVER)),
            ("next leaked", ring(), leaked("b"), policy(), THEN + 9, format!("b dead {}, a signs {THEN}, c next {TURN}", THEN + 9 + OVER)),
            ("next leaked just before it signs", ring(), leaked("b"), policy(), TURN - 1, format!("b dead {}, a signs {THEN}, c next {}", TURN - 1 + OVER, TURN - 1 + PUBLISHED_AHEAD)),
            ("a retiring key leaked", rolled(), leaked("a"), policy(), LATER, format!("a dead {}, b signs {TURN}, c next {}", TURN + OVER, TURN + PERIOD)),
            ("a dead key leaked", after(ring(), &leaked("a"), READY), leaked("a"), policy(), LATER - PERIOD, format!("a dead {}, b signs {READY}, c next {}", READY + OVER, READY + PERIOD)),
            ("a stranger's key leaked", ring(), leaked("z"), policy(), THEN, format!("a signs {THEN}, b next {TURN}")),
            ("the key that signed until now leaked, unnamed", ring(), Ask::Leaked(None), policy(), TURN, format!("a dead {}, b signs {TURN}, c next {}", TURN + OVER, TURN + PERIOD)),
            ("all are lost", ring(), Ask::Lost, policy(), THEN + 9, format!("a retiring {0}, b retiring {0}, d signs {1}, c next {2}", THEN + 9 + OVER, THEN + 9, THEN + 9 + PERIOD)),
            ("all are lost when the turn is due", ring(), Ask::Lost, policy(), TURN, format!("a retiring {0}, b retiring {0}, c retiring {0}, e signs {TURN}, d next {1}", TURN + OVER, TURN + PERIOD)),
            ("a dead key stays dead", after(ring(), &leaked("a"), READY), Ask::Lost, policy(), READY, format!("a dead {0}, b retiring {0}, c retiring {0}, e signs {READY}, d next {1}", READY + OVER, READY + PERIOD)),
            ("the key that signs by the clock leaked", ring(), leaked("b"), policy(), TURN, format!("a retiring {}, b dead {}, c signs {TURN}, d next {}", TURN + OVER, TURN + OVER, TURN + PERIOD)),
        ];
        for (row, ring, ask, policy, now, expected) in rows {
            let turned = asked(ring, &ask, &policy, now).ring;
            assert_eq!(shown(&turned), expected, "{row}");
        }
    }

    #[test]
    fn what_happened_is_told_once() {
        let turned = |ring, ask: &Ask, now| asked(ring, ask, &policy(), now).changes;
        let none = Vec::<Change>::new();
        assert_eq!(turned(ring(), &Ask::Look, TURN - 1), none);
        let signs = |kid: &str| Change::Signs(kid.into());
        assert_eq!(turned(ring(), &Ask::Look, TURN), [signs("b")]);
        assert_eq!(turned(rolled(), &Ask::Look, TURN), none);
        let left = Change::Left("a".into());
        assert_eq!(turned(rolled(), &Ask::Look, TURN + OVER), [left]);
        let earlier = Change::SignsEarlier("b".into());
        assert_eq!(turned(ring(), &Ask::Roll, THEN), [earlier]);
        let died = Change::Died {
            kid: "a".into(),
            last_exp: TURN - 1 + STILL_CHOSEN + LIFETIME,
        };
        let told = turned(ring(), &leaked("a"), TURN - 1);
        assert_eq!(told, [signs("b"), died]);
        let dead = after(ring(), &leaked("a"), TURN - 1);
        assert_eq!(turned(dead, &leaked("a"), TURN - 1), none);
    }

    #[test]
    fn what_time_has_brought_is_told_from_what_was_asked() {
        let by_time = |ask: &Ask, now| {
            let turned = asked(ring(), ask, &policy(), now);
            (turned.by_time, turned.changes.len())
        };
        assert_eq!(by_time(&Ask::Look, TURN), (1, 1));
        assert_eq!(by_time(&Ask::Roll, THEN), (0, 1));
        // The next key signs, and the one after that will, as soon as it is ready.
        assert_eq!(by_time(&Ask::Roll, TURN), (1, 2));
        assert_eq!(by_time(&leaked("a"), TURN), (1, 2));
    }

    #[test]
    fn the_next_key_signs_from_its_second_on_whether_the_ring_has_turned_or_not() {
        assert_eq!(ring().signer(TURN - 1), "a");
        assert_eq!(ring().signer(TURN), "b");
        assert_eq!(rolled().signer(TURN), "b");
        assert_eq!(rolled().signer(0), "b");
    }

    #[test]
    fn a_key_is_published_from_when_it_exists_until_its_last_token_is_over() {
        let published = |ring: &Ring, now| ring.published(now).collect::<Vec<_>>().join(" ");
        assert_eq!(published(&ring(), THEN), "a b");
        assert_eq!(published(&rolled(), TURN + OVER - 1), "a b c");
        assert_eq!(published(&rolled(), TURN + OVER), "b c");
        let dead = after(rolled(), &leaked("a"), TURN + 1);
        assert_eq!(published(&dead, TURN + 1), "b c");
        assert!(dead.knows("a"));
        assert!(!dead.knows("z"));
    }

    #[test]
    fn nobody_keeps_the_published_keys_past_their_next_change() {
        assert_eq!(ring().max_age(TURN - 61), 60);
        assert_eq!(ring().max_age(TURN - 60), 60);
        assert_eq!(ring().max_age(TURN - 59), 59);
        assert_eq!(ring().max_age(TURN), 0);
        assert_eq!(ring().max_age(TURN + 5), 0);
        assert_eq!(rolled().max_age(TURN + OVER - 7), 7);
        assert_eq!(rolled().next_change(), TURN + OVER);
        assert_eq!(ring().next_change(), TURN);
    }

    #[test]
    fn a_key_stays_as_long_as_the_longest_lifetime_it_ever_signed_for() {
        let longer = Policy {
            longest_lifetime: 90 * 86_400,
            ..policy()
        };
        let told = asked(ring(), &Ask::Look, &longer, THEN + 1).ring;
        let forgotten = after(told, &Ask::Look, THEN + 2);
        let turned = after(forgotten, &Ask::Look, TURN);
        let over = turned.keys().first().unwrap().over_at().unwrap();
        assert_eq!(over, TURN + OVER + 89 * 86_400);
    }

    #[test]
    fn a_ring_reads_back_from_its_keys() {
        let mut rings = vec![ring(), rolled()];
        rings.push(after(rolled(), &leaked("a"), TURN + 1));
        for ring in rings {
            let mut keys = ring.keys();
            keys.reverse();
            let read = Ring::of(keys).unwrap();
            assert_eq!(shown(&read), shown(&ring));
            assert_eq!(Ring::of(ring.keys()), Some(ring));
        }
    }

    #[test]
    fn keys_of_which_not_exactly_one_signs_and_one_is_next_are_no_ring() {
        let keys = ring().keys();
        let (signing, next) = (keys[0].clone(), keys[1].clone());
        assert_eq!(Ring::of([]), None);
        assert_eq!(Ring::of([signing.clone()]), None);
        assert_eq!(Ring::of([next.clone()]), None);
        let two = [signing.clone(), signing.clone(), next.clone()];
        assert_eq!(Ring::of(two), None);
        assert_eq!(Ring::of([signing, next.clone(), next]), None);
    }

    #[test]
    fn a_rings_clock_does_not_go_back_behind_what_it_has_written_down() {
        assert_eq!(ring().last_seen(), THEN);
        assert_eq!(rolled().last_seen(), TURN);
        let dead = after(rolled(), &leaked("a"), TURN + 7);
        assert_eq!(dead.last_seen(), TURN + 7);
    }

    #[test]
    fn when_no_key_can_be_made_nothing_turns() {
        let none = || Err("no randomness");
        let turned = |ask: &Ask, now| turn(ring(), ask, &policy(), now, none);
        assert_eq!(turned(&Ask::Look, TURN).unwrap_err(), "no randomness");
        assert_eq!(turned(&leaked("b"), THEN).unwrap_err(), "no randomness");
        assert!(turned(&Ask::Look, TURN - 1).is_ok());
    }

    #[test]
    fn a_clock_at_the_end_of_time_does_not_overflow() {
        for ask in [Ask::Look, Ask::Roll, Ask::Leaked(None)] {
            let turned = after(ring(), &ask, u64::MAX);
            assert_eq!(turned.max_age(u64::MAX), 0);
            assert!(turned.knows(turned.signer(u64::MAX)));
        }
    }
}
