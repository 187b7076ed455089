//! Telling the blacklist what the object has decided.
//!
//! A decision is committed together with the record that the blacklist lacks it, and with an alarm.
//! The blacklist is then told at once; whatever does not get through is told again, later and
//! later, until it does or until no verifier could accept the token any more.

use std::time::Duration;

use futures_util::future::{Either, select};
use hallpass_core::revocation::{Reason, Target, keep_until};
use worker::Delay;

use super::sessions::Kept;
use super::store::{Pending, Store};
use super::{Inner, events};
use crate::adapters::blacklist_kv::{self, Entry, Facts};
use crate::adapters::storage_sql::Sql;
use crate::adapters::{clock, entropy};
use crate::fault::Fault;
use crate::log;
use crate::objects::account::AccountStub;

/// How long after a decision the alarm looks whether the blacklist has it, in seconds.
pub(super) const FIRST_RETRY: u64 = 5;

/// The longest wait between two tries, in seconds.
pub(super) const LONGEST_RETRY: u64 = 300;

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
    /// Tells the blacklist everything that is due, then the directory.
    pub(super) async fn flush(&self) {
        if !self.flushing.replace(true) {
            if let Err(fault) = self.flush_due().await {
                log::error("outbox", &fault.to_string());
            }
            self.flushing.set(false);
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
        let next = |store: &Store<'_>, now| store.pending(now);
        while let Some(pending) = self.with_store(next)? {
            if let Told::Failed(fault) = self.tell_pending(&pending).await? {
                return Err(fault);
            }
        }
        while let Some(kept) = self.with_store(|store, _| store.unpublished())? {
            if let Told::Failed(fault) = self.tell_spent(kept).await? {
                return Err(fault);
            }
        }
        Ok(())
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
        if matches!(told, Told::Done) {
            self.with_store(|store, _| store.published(&session.sid, published + 1))?;
        }
        Ok(told)
    }

    async fn tell(&self, key: String, facts: Facts, exp: u64) -> Told {
        let Some(until) = keep_until(exp, self.now()) else {
            return Told::Done;
        };
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
        self.armed.set(None);
        self.flush().await;
        self.be_forgotten().await;
        if let Err(fault) = self.tidy().await {
            log::error("alarm", &fault.to_string());
            let retry = self.now() + LONGEST_RETRY;
            if let Err(fault) = self.arm(retry).await {
                log::error("alarm", &fault.to_string());
            }
        }
    }

    async fn tidy(&self) -> Result<(), Fault> {
        let now = self.now();
        self.with_store(move |store, _| store.sweep(now))?;
        match self.next_alarm()? {
            Some(at) => self.arm(at).await,
            None => Ok(()),
        }
    }

    /// Has the account's object forget a deleted subject, so that its address is free again; a
    /// failure is tried again by the alarm.
    pub(super) async fn be_forgotten(&self) {
        let forget = async {
            let gone = self.with_store(|store, _| store.to_be_forgotten())?;
            if let Some((sub, email)) = gone {
                AccountStub::of(&self.env, &email).forget(sub).await?;
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
        let soon = self.now() + FIRST_RETRY;
        self.with_store(|store, _| {
            let (due, over) = store.next_work()?;
            let undelivered = events::retry_at(store, self.now())?;
            let unforgotten = store.to_be_forgotten()?.map(|_| soon);
            // A spent id that did not get through waits as long as it does no harm.
            let waiting = store.unpublished()?.map(|_| soon + LONGEST_RETRY / 10);
            let due = due.map(|due| due.max(soon));
            Ok([due, waiting, undelivered, unforgotten, over]
                .into_iter()
                .flatten()
                .min())
        })
    }

    /// Sets the alarm if none stands that is as early. Its first poll is the call, so without an
    /// `.await` before it the alarm is committed with what was just written.
    pub(super) async fn arm(&self, at: u64) -> Result<(), Fault> {
        if self.armed.get().is_some_and(|armed| armed <= at) {
            return Ok(());
        }
        self.armed.set(Some(at));
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::AlarmSet);
        let wait = at
            .saturating_mul(1000)
            .saturating_sub(clock::milliseconds());
        Ok(self
            .state
            .storage()
            .set_alarm(Duration::from_millis(wait))
            .await?)
    }

    /// One small step on the tables: a single statement that writes, so that it needs no transaction.
    pub(super) fn with_store<T: 'static>(
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
