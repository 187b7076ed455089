//! Telling the blacklist what the object has decided.
//!
//! What ended has an entry in the [outbox](crate::objects::outbox). Spent ids follow from the
//! counters and have none: they are told last, each session's oldest first.

use hallpass_core::revocation::{Reason, Target};

use super::SubjectKeeper;
use super::sessions::Kept;
use super::store::Store;
use crate::adapters::blacklist_kv::Facts;
use crate::fault::Fault;
use crate::ground::sql::Sql;
use crate::log;
use crate::objects::outbox::{FIRST_RETRY, LONGEST_RETRY, Told};

/// The longest wait between two tries of spent ids, in seconds. They matter less than what ended: a
/// namespace that takes no more writes today would otherwise have every object knock all day long.
const LONGEST_SPENT_RETRY: u64 = 3600;

/// The shortest wait between two tries of spent ids by the alarm, in seconds.
const SHORTEST_SPENT_RETRY: u64 = 30;

impl SubjectKeeper {
    /// Tells the blacklist everything that is due, then the directory.
    pub(super) async fn flush(&self) {
        if self.telling.begin(self.now()) {
            if let Err(fault) = self.flush_due().await {
                log::error("outbox", &fault.to_string());
            }
            self.telling.end();
        }
        // By itself, so that no revocation waits for a directory that does not answer.
        if !self.delivering.replace(true) {
            if let Err(fault) = self.deliver_events().await {
                log::error("events", &fault.to_string());
            }
            self.delivering.set(false);
        }
    }

    /// Tells the blacklist everything that is due, the most important first, one write at a time:
    /// so there is never a second write to a key under way.
    ///
    /// Returns when nothing is due, or at the first failure.
    async fn flush_due(&self) -> Result<(), Fault> {
        // What is more important may come in while something else is told, so it is looked for
        // before every write.
        loop {
            if self.entries.get() {
                if self.tell_next().await? {
                    continue;
                }
                self.entries.set(false);
            }
            if let Some(sid) = self.next_unpublished() {
                match self.with_store(|store, _| store.unpublished(&sid))? {
                    None => self.is_published(&sid),
                    Some((kept, sub)) => {
                        let told = self.tell_spent(kept, sub.as_deref()).await?;
                        if let Told::Failed(fault) | Told::Unheard(fault) = told {
                            return Err(fault);
                        }
                    }
                }
            } else {
                return Ok(());
            }
        }
    }

    async fn tell_next(&self) -> Result<bool, Fault> {
        let sql = Sql::of(&self.tables);
        match Store::open(&sql)?.outbox() {
            Some(outbox) => {
                let now = || self.now();
                self.telling.tell_next(&*self.ground, &outbox, now).await
            }
            None => Ok(false),
        }
    }

    fn next_unpublished(&self) -> Option<String> {
        self.unpublished.borrow().first().cloned()
    }

    /// The blacklist lacks spent ids of this session.
    pub(super) fn lacks(&self, sid: String) {
        let mut unpublished = self.unpublished.borrow_mut();
        if !unpublished.contains(&sid) {
            unpublished.push(sid);
        }
    }

    /// The blacklist lacks no spent id of this session.
    fn is_published(&self, sid: &str) {
        self.unpublished
            .borrow_mut()
            .retain(|waiting| waiting != sid);
    }

    /// The oldest spent id of a session that the blacklist lacks: it follows from the counter, so
    /// no row had to be kept for it.
    async fn tell_spent(&self, kept: Kept, sub: Option<&str>) -> Result<Told, Fault> {
        let Kept { session, published } = kept;
        let kind = session.form.presented();
        let facts = Facts::new(Reason::Rotated, session.rotated_at, sub);
        let facts = facts.of_token(&session.sid, kind);
        let key = Target::Token(session.jti(kind, published)).to_string();
        let (exp, now) = (session.latest_spent_exp, self.now());
        let told = self.telling.tell(&*self.ground, key, facts, exp, now).await;
        match told {
            Told::Done => {
                let sid = &session.sid;
                if !self.with_store(|store, _| store.published(sid, published + 1))? {
                    self.is_published(sid);
                }
            }
            Told::Failed(_) | Told::Unheard(_) => {
                let age = self.now().saturating_sub(session.rotated_at);
                self.spent_not_before
                    .set(self.now() + spent_backoff(age, self.ground.bytes()?));
            }
        }
        Ok(told)
    }

    /// The alarm: tells what is due, deletes what is over, and sets the next alarm. It catches every
    /// fault, for a handler that fails is tried a few times and then never again; but one that could
    /// not even set the next alarm has to fail.
    pub(super) async fn alarm(&self) -> Result<(), Fault> {
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::SubjectAlarm);
        self.alarm.went_off();
        self.entries.set(true);
        self.noted.set(true);
        self.be_forgotten().await;
        if let Err(fault) = self.work().await {
            log::error("alarm", &fault.to_string());
            self.arm(self.now() + LONGEST_RETRY).await?;
        }
        Ok(())
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
        self.unpublished.replace(survey.unpublished);
        Ok(survey.over)
    }

    /// Has the account's object forget a deleted subject, so that its address is free again; a
    /// failure is tried again by the alarm.
    pub(super) async fn be_forgotten(&self) {
        let forget = async {
            let gone = self.with_store(|store, _| store.to_be_forgotten())?;
            if let Some((sub, email)) = gone {
                self.ground.forget(email, sub).await?;
                self.with_store(|store, _| store.forgotten())?;
            }
            Ok::<_, Fault>(())
        };
        if let Err(fault) = forget.await {
            log::error("forget", &fault.to_string());
        }
    }

    /// When there is something to do next: an entry falls due, a spent id waits, a row can go.
    pub(super) fn next_alarm(&self) -> Result<Option<u64>, Fault> {
        let over = self.survey()?;
        self.next_work(over)
    }

    fn next_work(&self, over: Option<u64>) -> Result<Option<u64>, Fault> {
        let soon = self.now() + FIRST_RETRY;
        let due = self.with_store(|store, _| {
            let due = store.outbox().map(|outbox| outbox.next_due());
            Ok(due.transpose()?.flatten())
        })?;
        // Spent ids come after everything else, so they wait with it.
        let spent = || {
            let waiting = self.next_unpublished();
            waiting.map(|_| self.spent_not_before.get())
        };
        let next = due.or_else(spent).map(|at| at.max(soon));
        let (undelivered, unforgotten) = self.with_store(|store, now| {
            Ok((
                store.events_due(&*self.ground, now)?,
                store.to_be_forgotten()?.map(|_| soon),
            ))
        })?;
        Ok([next, undelivered, unforgotten, over]
            .into_iter()
            .flatten()
            .min())
    }

    /// Has the alarm go off at that second, if it does not do so earlier.
    pub(super) async fn arm(&self, at: u64) -> Result<(), Fault> {
        self.alarm.set(&*self.ground, at).await
    }

    /// One small step on the tables: a single statement that writes, so that it needs no transaction.
    pub(super) fn with_store<T: 'static>(
        &self,
        step: impl FnOnce(&Store<'_>, u64) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let sql = Sql::of(&self.tables);
        step(&Store::open(&sql)?, self.now())
    }
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
