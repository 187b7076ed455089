//! Telling the blacklist what the object has decided.
//!
//! A decision is committed together with the record that the blacklist lacks it, and with an alarm.
//! The blacklist is then told at once; whatever does not get through is told again, later and
//! later, until it does or until no verifier could accept the token any more.

use std::time::Duration;

use futures_util::future::{Either, select};
use hallpass_core::revocation::{Reason, Target, keep_until};
use worker::Delay;

use super::Inner;
use super::store::{Kept, Pending, Store};
use crate::adapters::blacklist_kv::{self, Entry, Facts};
use crate::adapters::storage_sql::Sql;
use crate::adapters::{clock, entropy};
use crate::fault::Fault;
use crate::log;

/// How long after a decision the alarm looks whether the blacklist has it, in seconds.
pub(super) const FIRST_RETRY: u64 = 5;

/// The longest wait between two tries, in seconds, jitter not counted.
const LONGEST_RETRY: u64 = 300;

/// The same for spent ids, which matter less: a namespace that takes no more writes today would
/// otherwise have every object knock all day long.
const LONGEST_SPENT_RETRY: u64 = 3600;

/// The shortest wait between two tries of spent ids by the alarm, in seconds.
const SHORTEST_SPENT_RETRY: u64 = 30;

/// An alarm that should have gone off so many seconds ago was given up by the runtime.
const ALARM_GIVEN_UP: u64 = 120;

/// How long a write may take before it counts as failed.
const PUT_TIMEOUT: Duration = Duration::from_secs(20);

/// What became of one attempt to tell the blacklist something.
enum Told {
    /// It knows, or need not any more.
    Done,
    /// Try again later.
    Failed(Fault),
}

impl Inner {
    /// Tells the blacklist everything that is due, the most important first, one write at a time:
    /// so there is never a second write to a key under way.
    ///
    /// Returns when nothing is due, or at the first failure.
    pub(super) async fn flush(&self) {
        let now = self.now();
        // A write the runtime forgot about must not keep all that follow from being told.
        let under_way = self.flushing.get();
        if under_way.is_some_and(|since| now < since + 2 * PUT_TIMEOUT.as_secs()) {
            return;
        }
        self.flushing.set(Some(now));
        if let Err(fault) = self.flush_due().await {
            log::error("outbox", &fault.to_string());
        }
        self.flushing.set(None);
    }

    async fn flush_due(&self) -> Result<(), Fault> {
        // What is more important may come in while something else is told, so it is looked for
        // before every write.
        loop {
            if let Some(pending) = self.pending()? {
                if let Told::Failed(fault) = self.tell_pending(&pending).await? {
                    return Err(fault);
                }
            } else if let Some(sid) = self.next_unpublished() {
                match self.with_store(|store, _| store.unpublished(&sid))? {
                    None => drop(self.unpublished.borrow_mut().remove(&sid)),
                    Some(kept) => {
                        if let Told::Failed(fault) = self.tell_spent(kept).await? {
                            return Err(fault);
                        }
                    }
                }
            } else {
                return Ok(());
            }
        }
    }

    fn pending(&self) -> Result<Option<Pending>, Fault> {
        let now = self.now();
        self.with_store(move |store, _| store.pending(now))
    }

    fn next_unpublished(&self) -> Option<String> {
        self.unpublished.borrow().first().cloned()
    }

    async fn tell_pending(&self, pending: &Pending) -> Result<Told, Fault> {
        let told = self
            .tell(pending.key.clone(), pending.facts.clone(), pending.exp)
            .await;
        match &told {
            Told::Done => self.with_store(|store, _| store.done(pending))?,
            Told::Failed(_) => {
                let until = self.now() + backoff(pending.attempts)?;
                self.with_store(|store, _| store.postpone(pending, until))?;
            }
        }
        Ok(told)
    }

    /// The oldest spent id of a session that the blacklist lacks: it follows from the counter, so
    /// no row had to be kept for it.
    async fn tell_spent(&self, kept: Kept) -> Result<Told, Fault> {
        let Kept { session, published } = kept;
        let kind = session.form.presented();
        let sub = self.with_store(|store, _| store.sub())?;
        let facts = Facts::new(Reason::Rotated, session.rotated_at, sub.as_deref());
        let facts = facts.of_token(&session.sid, kind);
        let key = Target::Token(session.jti(kind, published)).to_string();
        let told = self.tell(key, facts, session.latest_spent_exp).await;
        match told {
            Told::Done => {
                self.with_store(|store, _| store.published(&session.sid, published + 1))?;
            }
            Told::Failed(_) => {
                let age = self.now().saturating_sub(session.rotated_at);
                self.spent_not_before
                    .set(self.now() + spent_backoff(age, entropy::bytes()?));
            }
        }
        Ok(told)
    }

    async fn tell(&self, key: String, facts: Facts, exp: u64) -> Told {
        let Some(until) = keep_until(exp, self.now()) else {
            return Told::Done;
        };
        self.flushing.set(Some(self.now()));
        let entry = Entry { key, facts, until };
        let put = std::pin::pin!(blacklist_kv::put(&self.env, &entry));
        match select(put, Delay::from(PUT_TIMEOUT)).await {
            Either::Left((Ok(()), _)) => Told::Done,
            Either::Left((Err(fault), _)) => Told::Failed(fault.during("KV put")),
            Either::Right(_) => Told::Failed(Fault::new("KV put: no answer")),
        }
    }

    /// The alarm: tells what is due, deletes what is over, and sets the next alarm. It catches every
    /// fault, for a handler that fails is tried a few times and then never again.
    pub(super) async fn alarm(&self) {
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::Alarm);
        self.armed.set(None);
        if let Err(fault) = self.work().await {
            log::error("alarm", &fault.to_string());
            let retry = self.now() + LONGEST_RETRY;
            if let Err(fault) = self.arm(retry).await {
                log::error("alarm", &fault.to_string());
            }
        }
    }

    async fn work(&self) -> Result<(), Fault> {
        let now = self.now();
        let mut over = self.survey()?;
        if over.is_some_and(|over| over <= now) {
            self.with_store(move |store, _| store.sweep(now))?;
            over = self.survey()?;
        }
        self.flush().await;
        // What changed meanwhile has set an alarm of its own.
        match self.next_work(over)? {
            Some(at) => self.arm(at).await,
            None => Ok(()),
        }
    }

    /// Looks through all sessions: notes which have spent ids that the blacklist lacks, and says
    /// when the first row can go.
    fn survey(&self) -> Result<Option<u64>, Fault> {
        let survey = self.with_store(|store, _| store.survey())?;
        self.unpublished
            .replace(survey.unpublished.into_iter().collect());
        Ok(survey.over)
    }

    /// When there is something to do next: an entry falls due, a spent id waits, a row can go.
    pub(super) fn next_alarm(&self) -> Result<Option<u64>, Fault> {
        let over = self.survey()?;
        self.next_work(over)
    }

    fn next_work(&self, over: Option<u64>) -> Result<Option<u64>, Fault> {
        let soon = self.now() + FIRST_RETRY;
        let due = self.with_store(|store, _| store.next_due())?;
        // Spent ids come after everything else, so they wait with it.
        let spent = || {
            let waiting = self.next_unpublished();
            waiting.map(|_| self.spent_not_before.get())
        };
        let next = due.or_else(spent).map(|at| at.max(soon));
        Ok([next, over].into_iter().flatten().min())
    }

    /// When the alarm goes off, if there is one. One that is long overdue will not.
    pub(super) fn standing_alarm(&self) -> Option<u64> {
        let given_up = clock::seconds().saturating_sub(ALARM_GIVEN_UP);
        self.armed.get().filter(|at| *at > given_up)
    }

    /// Sets the alarm if none stands that is as early. Its first poll is the call, so without an
    /// `.await` before it the alarm is committed with what was just written.
    pub(super) async fn arm(&self, at: u64) -> Result<(), Fault> {
        if self.standing_alarm().is_some_and(|armed| armed <= at) {
            return Ok(());
        }
        self.armed.set(Some(at));
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::AlarmSet);
        let wait = at
            .saturating_mul(1000)
            .saturating_sub(clock::milliseconds());
        let wait = Duration::from_millis(wait);
        #[cfg(feature = "faults")]
        let Some(wait) = crate::faults::alarm_after(wait) else {
            return Ok(());
        };
        let set = self.state.storage().set_alarm(wait).await;
        // What was not set must not keep a later one from being set.
        Ok(set.inspect_err(|_| self.armed.set(None))?)
    }

    /// One small step on the tables: a single statement that writes, so that it needs no transaction.
    fn with_store<T: 'static>(
        &self,
        step: impl FnOnce(&Store<'_>, u64) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let sql = Sql::of(&self.state.storage());
        step(&Store::open(&sql, &self.tables)?, self.now())
    }
}

/// How long to wait after so many failures, in seconds: doubling, with jitter, so that objects that
/// failed together do not come back together.
fn backoff(attempts: u32) -> Result<u64, Fault> {
    let base = 2_u64.saturating_pow(attempts.min(16)).min(LONGEST_RETRY);
    let [jitter] = entropy::bytes::<1>()?;
    Ok(base + u64::from(jitter) % base.max(2))
}

/// How long spent ids wait that have been waiting since a rotation `age` seconds ago: as long again,
/// so that the waits grow without a counter that would have to be stored.
fn spent_backoff(age: u64, [jitter]: [u8; 1]) -> u64 {
    let base = age.clamp(SHORTEST_SPENT_RETRY, LONGEST_SPENT_RETRY);
    base + base * u64::from(jitter) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spent_ids_that_do_not_get_through_wait_longer_and_longer() {
        assert_eq!(spent_backoff(0, [0]), SHORTEST_SPENT_RETRY);
        assert_eq!(spent_backoff(30, [0]), 30);
        assert_eq!(spent_backoff(600, [0]), 600);
        assert_eq!(spent_backoff(u64::MAX, [0]), LONGEST_SPENT_RETRY);
        assert!(spent_backoff(600, [255]) < 750, "the jitter stays small");
    }

    #[test]
    fn a_namespace_that_takes_no_write_all_day_is_asked_a_few_dozen_times_for_spent_ids() {
        let (mut age, mut tries) = (0, 0);
        while age < 86_400 {
            age += spent_backoff(age, [0]);
            tries += 1;
        }
        assert!(tries < 36, "{tries}");
    }
}
