//! Telling the blacklist which refresh tokens are spent.
//!
//! Their ids follow from the counters of their sessions, so that none has a row. They are told one at a
//! time, each session's oldest first, and matter less than what [ended](super::outbox).
//!
//! **What was told is written down by the alarm**, which comes some seconds after a rotation in any case:
//! a write less for each, and one for several where a session rotates often. An object that dies before
//! that tells them once more, which says nothing new.
//!
//! **Nobody times a write**, for a timer costs as much as a statement: what arrives late says what it
//! would have said before, as an id that is called back stays so. Whoever waits for an answer that does
//! not come is overtaken by who comes next, see [`Telling`]; so nothing else may wait for it, an alarm
//! least of all.

use std::cell::{Cell, RefCell};

use hallpass_core::revocation::{Reason, Target, keep_until};

use super::SubjectKeeper;
use super::sessions::Kept;
use crate::adapters::blacklist_kv::{Entry, Facts};
use crate::fault::Fault;
use crate::log;
use crate::objects::outbox::{Telling, Turn};

/// The longest wait between two tries by the alarm, in seconds: a namespace that takes no more writes
/// today would otherwise have every object knock all day long.
const LONGEST_RETRY: u64 = 3600;

/// The shortest one.
const SHORTEST_RETRY: u64 = 30;

/// A session and its subject, as they are stored.
#[derive(Clone)]
pub(super) struct Lacking {
    pub(super) kept: Kept,
    pub(super) sub: Option<String>,
}

impl Lacking {
    fn sid(&self) -> &str {
        &self.kept.session.sid
    }

    /// The oldest spent id that the blacklist lacks, as an entry; `None`: it lacks none, or none that
    /// matters any more.
    fn entry(&self, now: u64) -> Option<Entry> {
        let Kept { session, published } = &self.kept;
        let until = keep_until(session.latest_spent_exp, now)?;
        let kind = session.form.presented();
        let facts = Facts::new(Reason::Rotated, session.rotated_at, self.sub.as_deref());
        Some(Entry {
            key: Target::Token(session.jti(kind, *published)).to_string(),
            facts: facts.of_token(&session.sid, kind),
            until,
        })
    }
}

/// What the object remembers of spent ids while it is awake.
#[derive(Default)]
pub(super) struct Spent {
    /// Sessions that rotated since the object woke. The alarm looks for all there are.
    sessions: RefCell<Vec<Remembered>>,
    telling: Telling,
    /// Not before this second are they tried again by the alarm.
    not_before: Cell<u64>,
}

struct Remembered {
    /// With what the blacklist has by now.
    lacking: Lacking,
    /// What of that is written down.
    written: u32,
    /// The session may have ended since: the alarm looks.
    in_doubt: bool,
}

impl Remembered {
    const fn lacks(&self) -> bool {
        self.lacking.kept.published < self.lacking.kept.session.counter
    }

    const fn is_written(&self) -> bool {
        self.lacking.kept.published <= self.written
    }
}

impl Spent {
    /// A session of which the blacklist may lack spent ids has just been stored.
    pub(super) fn note(&self, lacking: Lacking) {
        let mut sessions = self.sessions.borrow_mut();
        let before = sessions
            .iter()
            .position(|old| old.lacking.sid() == lacking.sid());
        let before = before.map(|place| sessions.remove(place));
        sessions.push(remembered(lacking, before.as_ref()));
    }

    /// The sessions of which the blacklist lacks spent ids, so far as it is written down, are these.
    pub(super) fn replace(&self, all: Vec<Lacking>) {
        let mut sessions = self.sessions.borrow_mut();
        let before = std::mem::take(&mut *sessions);
        sessions.extend(all.into_iter().map(|lacking| {
            let old = before.iter().find(|old| old.lacking.sid() == lacking.sid());
            remembered(lacking, old)
        }));
    }

    /// The session of which an id is to be told next.
    fn next(&self) -> Option<Lacking> {
        let sessions = self.sessions.borrow();
        let is_next = |session: &&Remembered| session.lacks() && !session.in_doubt;
        let next = sessions.iter().find(is_next);
        next.map(|session| session.lacking.clone())
    }

    /// Sessions have ended. Spent ids of such are not told, and the alarm finds those that live on.
    pub(super) fn doubt(&self) {
        for session in &mut *self.sessions.borrow_mut() {
            session.in_doubt = true;
        }
    }

    /// The blacklist has the oldest one that it lacked.
    fn told(&self, told: &Lacking) {
        let mut sessions = self.sessions.borrow_mut();
        if let Some(known) = sessions
            .iter_mut()
            .find(|known| known.lacking.sid() == told.sid())
        {
            let published = &mut known.lacking.kept.published;
            *published = (told.kept.published + 1).max(*published);
        }
    }

    /// What the blacklist has and no row says: the spent ids of these sessions below that counter.
    pub(super) fn unwritten(&self) -> Vec<(String, u32)> {
        let sessions = self.sessions.borrow();
        let unwritten = sessions.iter().filter(|session| !session.is_written());
        unwritten
            .map(|session| {
                (
                    session.lacking.sid().to_owned(),
                    session.lacking.kept.published,
                )
            })
            .collect()
    }

    /// All that was [unwritten](Self::unwritten) is written down, with no `.await` in between.
    pub(super) fn written(&self) {
        let mut sessions = self.sessions.borrow_mut();
        sessions.retain(Remembered::lacks);
        for session in &mut *sessions {
            session.written = session.lacking.kept.published;
        }
    }

    /// When the alarm may try again; later than now while somebody tries.
    pub(super) const fn not_before(&self) -> u64 {
        self.not_before.get()
    }
}

fn remembered(mut lacking: Lacking, before: Option<&Remembered>) -> Remembered {
    let written = lacking.kept.published;
    let told = before.map_or(0, |before| before.lacking.kept.published);
    lacking.kept.published = told.max(written);
    Remembered {
        lacking,
        written,
        in_doubt: false,
    }
}

impl SubjectKeeper {
    /// Tells the blacklist all spent ids that it lacks, unless somebody is at it; until one does not get
    /// through.
    pub(super) async fn tell_spent(&self) {
        if self.spent.next().is_none() {
            return;
        }
        if let Some(turn) = self.spent.telling.begin(self.now()) {
            if let Err(fault) = self.tell_all_spent(&turn).await {
                log::error("outbox", &fault.to_string());
            }
            self.spent.telling.end(&turn);
        }
    }

    async fn tell_all_spent(&self, turn: &Turn) -> Result<(), Fault> {
        while let Some(lacking) = self.spent.next() {
            let age = self.now().saturating_sub(lacking.kept.session.rotated_at);
            // For one that is never heard of.
            self.spent.not_before.set(self.now() + backoff(age, [0]));
            let told = match lacking.entry(self.now()) {
                Some(entry) => self.ground.put(entry).await,
                None => Ok(()),
            };
            if let Err(fault) = told {
                let wait = backoff(age, self.ground.bytes()?);
                self.spent.not_before.set(self.now() + wait);
                return Err(fault.during("KV put"));
            }
            self.spent.told(&lacking);
            if !self.spent.telling.goes_on(turn, self.now()) {
                return Ok(());
            }
            self.spent.not_before.set(0);
        }
        Ok(())
    }

    /// Writes down which spent ids the blacklist has. Each row is a step of its own: one that is missing
    /// has its ids told again.
    pub(super) fn write_down_spent(&self) -> Result<(), Fault> {
        let unwritten = self.spent.unwritten();
        for (sid, below) in &unwritten {
            self.with_store(|store, _| store.published(sid, *below))?;
        }
        self.spent.written();
        Ok(())
    }
}

/// How long spent ids wait that have been waiting since a rotation `age` seconds ago: as long again,
/// so that the waits grow without a counter that would have to be stored.
fn backoff(age: u64, [jitter]: [u8; 1]) -> u64 {
    let base = age.clamp(SHORTEST_RETRY, LONGEST_RETRY);
    base + base * u64::from(jitter) / 1024
}

#[cfg(test)]
mod tests {
    use hallpass_core::SessionKey;
    use hallpass_core::session::{Form, Lifetimes, Opening, Session};

    use super::*;

    fn lacking(sid: &str, published: u32, counter: u32) -> Lacking {
        let opening = Opening {
            sid: sid.to_owned(),
            key: SessionKey::new([7; 32]),
            form: Form::Pair,
            key_id: None,
            custom: hallpass_core::claims::CustomClaims::default(),
        };
        let lifetimes = Lifetimes {
            bearer: 300,
            refresh: 86_400,
            session: 0,
        };
        let session = Session {
            counter,
            ..Session::opened(opening, &lifetimes, 1_700_000_000)
        };
        Lacking {
            kept: Kept { session, published },
            sub: None,
        }
    }

    fn next(spent: &Spent) -> Option<(String, u32)> {
        let lacking = spent.next()?;
        Some((lacking.sid().to_owned(), lacking.kept.published))
    }

    fn at(sid: &str, published: u32) -> (String, u32) {
        (sid.to_owned(), published)
    }

    #[test]
    fn each_sessions_oldest_comes_first_and_what_was_told_is_not_told_again() {
        let spent = Spent::default();
        spent.note(lacking("a", 0, 1));
        spent.note(lacking("b", 3, 5));
        assert_eq!(next(&spent), Some(at("a", 0)));
        spent.told(&spent.next().unwrap());
        assert_eq!(next(&spent), Some(at("b", 3)));
        spent.told(&spent.next().unwrap());
        assert_eq!(next(&spent), Some(at("b", 4)));
        // It rotates again before the alarm has written anything down, so its row says what it said.
        spent.note(lacking("a", 0, 2));
        spent.told(&lacking("b", 4, 5));
        assert_eq!(next(&spent), Some(at("a", 1)));
    }

    #[test]
    fn what_was_told_is_written_down_once() {
        let spent = Spent::default();
        spent.note(lacking("a", 0, 1));
        spent.note(lacking("b", 0, 2));
        assert_eq!(spent.unwritten(), []);
        spent.told(&lacking("a", 0, 1));
        spent.told(&lacking("b", 0, 2));
        assert_eq!(spent.unwritten(), [at("a", 1), at("b", 1)]);
        spent.written();
        assert_eq!(spent.unwritten(), []);
        assert_eq!(next(&spent), Some(at("b", 1)));
    }

    #[test]
    fn what_the_alarm_finds_replaces_what_is_remembered_but_for_what_was_told_meanwhile() {
        let spent = Spent::default();
        spent.note(lacking("a", 0, 2));
        spent.note(lacking("b", 0, 1));
        spent.told(&lacking("a", 0, 2));
        spent.replace(vec![lacking("a", 0, 2), lacking("c", 0, 1)]);
        assert_eq!(next(&spent), Some(at("a", 1)));
        spent.told(&lacking("a", 1, 2));
        assert_eq!(next(&spent), Some(at("c", 0)));
        // An answer for one that is not remembered any more says nothing.
        spent.told(&lacking("b", 0, 1));
        assert_eq!(spent.unwritten(), [at("a", 2)]);
    }

    #[test]
    fn spent_ids_that_do_not_get_through_wait_longer_and_longer() {
        assert_eq!(backoff(0, [0]), SHORTEST_RETRY);
        assert_eq!(backoff(30, [0]), 30);
        assert_eq!(backoff(600, [0]), 600);
        assert_eq!(backoff(u64::MAX, [0]), LONGEST_RETRY);
        assert!(backoff(600, [255]) < 750, "the jitter stays small");
    }

    #[test]
    fn a_namespace_that_takes_no_write_all_day_is_asked_a_few_dozen_times_for_spent_ids() {
        let (mut age, mut tries) = (0, 0);
        while age < 86_400 {
            age += backoff(age, [0]);
            tries += 1;
        }
        assert!(tries < 36, "{tries}");
    }
}
