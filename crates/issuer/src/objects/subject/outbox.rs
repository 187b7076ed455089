//! Telling others what the object has decided.
//!
//! What ended has an entry in the [outbox](crate::objects::outbox); [spent ids](super::spent) have none,
//! and come last.

use std::rc::Rc;

use super::SubjectKeeper;
use super::agenda::Agenda;
use super::store::Store;
use crate::fault::Fault;
use crate::ground::sql::Sql;
use crate::log;
use crate::objects::outbox::LONGEST_RETRY;

impl SubjectKeeper {
    /// Tells the blacklist everything that is due, then the directory. Neither waits for the other where
    /// somebody is at it.
    pub(super) async fn flush(&self) {
        if self.entries.get()
            && let Some(turn) = self.telling.begin(self.now())
        {
            if let Err(fault) = self.flush_entries().await {
                log::error("outbox", &fault.to_string());
            }
            self.telling.end(&turn);
        }
        if !self.delivering.replace(true) {
            if let Err(fault) = self.deliver_events().await {
                log::error("events", &fault.to_string());
            }
            self.delivering.set(false);
        }
    }

    /// Tells the blacklist every entry that is due, the most important first, one write at a time: so
    /// there is never a second write to a key under way.
    ///
    /// Returns when nothing is due, or at the first failure.
    async fn flush_entries(&self) -> Result<(), Fault> {
        // What is more important may come in while something else is told, so it is looked for
        // before every write.
        while self.tell_next().await? {}
        self.entries.set(false);
        Ok(())
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

    /// The alarm: tells what is due, deletes what is over, and sets the next alarm. It catches every
    /// fault, for a handler that fails is tried a few times and then never again; but one that could
    /// not even set the next alarm has to fail.
    pub(super) async fn alarm(self: &Rc<Self>) -> Result<(), Fault> {
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::SubjectAlarm);
        self.alarm.went_off();
        if let Err(fault) = self.work().await {
            log::error("alarm", &fault.to_string());
            self.arm(self.now() + LONGEST_RETRY).await?;
        }
        Ok(())
    }

    async fn work(self: &Rc<Self>) -> Result<(), Fault> {
        let mut agenda = self.agenda()?;
        if agenda.over.is_some_and(|over| over <= self.now()) {
            self.with_store(|store: &Store<'_>, now| store.sweep(now))?;
            agenda = self.agenda()?;
        }
        self.remember(&agenda)?;
        if agenda.tells() {
            self.flush().await;
            // Each may take for ever: nobody may wait for it who has an alarm to set, nor one for the other.
            if self.spent.not_before() <= self.now() {
                let keeper = Rc::clone(self);
                self.ground
                    .go_on(Box::pin(async move { keeper.tell_spent().await }));
            }
            if agenda.forget {
                let keeper = Rc::clone(self);
                self.ground
                    .go_on(Box::pin(async move { keeper.be_forgotten().await }));
            }
            agenda = self.agenda()?;
        }
        // What changed meanwhile has set an alarm of its own.
        match self.next_work(&agenda)? {
            Some(at) => self.arm(at).await,
            None => Ok(()),
        }
    }

    /// What there is to do, by what is stored; for that, what was only remembered is written down.
    fn agenda(&self) -> Result<Agenda, Fault> {
        self.write_down_spent()?;
        self.with_store(|store, _| store.agenda())
    }

    /// What is stored counts, and not what was remembered.
    fn remember(&self, agenda: &Agenda) -> Result<(), Fault> {
        self.entries.set(agenda.due.is_some());
        self.noted.set(agenda.event.is_some());
        let lacking = if agenda.lacks_spent {
            self.with_store(|store, _| store.lacking())?
        } else {
            Vec::new()
        };
        self.spent.replace(lacking);
        Ok(())
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

    /// When there is something to do next.
    pub(super) fn next_alarm(&self) -> Result<Option<u64>, Fault> {
        let agenda = self.agenda()?;
        self.next_work(&agenda)
    }

    fn next_work(&self, agenda: &Agenda) -> Result<Option<u64>, Fault> {
        agenda.next(&*self.ground, self.now(), self.spent.not_before())
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
