//! Attempts at this address's password: who may make one, and what follows from it.
//!
//! Each caller is counted alone, and all who are not known together. What is counted is written with
//! the answer that it follows from, in one transaction, and deleted when nothing of it matters any
//! more. An address that nobody has is counted like any other.

use std::rc::Rc;

use hallpass_core::attempts::{Caller, Limits, Tries, Verdict, succeeded};
use hallpass_core::event::EventKind;

use super::AccountKeeper;
use super::store::{Account, Accounts};
use super::stub::Door;
use super::tries::{Count, Tally};
use crate::adapters::password_argon2;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::{Sql, transaction};
use crate::log;
use crate::objects::directory::Event;
use crate::objects::events::{self, Events};

/// An attempt at a password that somebody is about to make.
pub(super) struct Attempts {
    ground: Rc<dyn Ground>,
    limits: Option<Limits>,
    door: Door,
    now: u64,
}

/// What came of an attempt.
pub(super) enum Tried {
    /// Nothing was checked, and nothing is for so many seconds.
    Wait(u64),
    Wrong,
    Right(Account),
}

impl Attempts {
    /// Makes it, in a transaction: what is counted is stored with what follows from it.
    pub(super) fn at(&self, sql: &Sql, password: &str) -> Result<Tried, Fault> {
        let attempt = match self.limits {
            None => None,
            Some(limits) => match Attempt::begin(sql, limits, &self.door, self.now)? {
                Ok(attempt) => Some(attempt),
                Err(seconds) => return Ok(Tried::Wait(seconds)),
            },
        };
        let account = Accounts::of(sql).account()?;
        let sub = account.as_ref().map(|account| account.sub.clone());
        let owner = owner(account, password)?;
        if let Some(attempt) = attempt {
            match &owner {
                Some(_) => attempt.succeeded()?,
                None => attempt.failed(sub.as_deref(), &*self.ground)?,
            }
        }
        Ok(owner.map_or(Tried::Wrong, Tried::Right))
    }
}

/// The account, if this is its password. Without one the same work is done.
fn owner(account: Option<Account>, password: &str) -> Result<Option<Account>, Fault> {
    let Some(account) = account else {
        password_argon2::check_against_nobody(password)?;
        return Ok(None);
    };
    let is_its = account.password.is_of(password)?;
    Ok(is_its.then_some(account))
}

/// An attempt that may be made: what is known of whoever makes it.
struct Attempt<'a> {
    limits: Limits,
    tally: Tally<'a>,
    who: String,
    caller: Caller,
    strangers: Tries,
    now: u64,
}

impl<'a> Attempt<'a> {
    /// Decides on an attempt, by [`Limits::decide`]. `Err`: it has to wait so many seconds.
    fn begin(
        sql: &'a Sql,
        limits: Limits,
        door: &Door,
        now: u64,
    ) -> Result<Result<Self, u64>, Fault> {
        let tally = Tally(sql);
        let strangers = tally.count(Count::Strangers)?;
        let (who, caller, seen) = match door {
            Door::SignIn { caller, braked } => {
                let seen = if *braked {
                    strangers.braked(now)
                } else {
                    strangers
                };
                (caller.as_str(), tally.caller(caller)?, seen)
            }
            Door::Bearer => {
                let known_until = u64::MAX;
                let tries = tally.count(Count::Bearers)?;
                let who = Count::Bearers.name();
                (who, Caller { tries, known_until }, strangers)
            }
        };
        Ok(match limits.decide(&caller, &seen, now) {
            Verdict::Wait(seconds) => Err(seconds),
            Verdict::Check => Ok(Self {
                limits,
                tally,
                who: who.to_owned(),
                caller,
                strangers,
                now,
            }),
        })
    }

    /// The password was wrong. `sub`: whose it would have been; what happens to an address that nobody
    /// has is no event.
    fn failed(self, sub: Option<&str>, ground: &dyn Ground) -> Result<(), Fault> {
        let failed = self.limits.failed(&self.caller, &self.strangers, self.now);
        self.tally.0.create_tables()?;
        self.write(failed.caller)?;
        if failed.account != self.strangers {
            self.tally.set_count(Count::Strangers, failed.account)?;
        }
        self.tally.make_room(self.now)?;
        match sub.filter(|_| failed.lockout) {
            Some(sub) => note_lockout(self.tally.0, sub, ground, self.now),
            None => Ok(()),
        }
    }

    /// The password was right. The tables are there.
    fn succeeded(self) -> Result<(), Fault> {
        let caller = succeeded(&self.caller, self.now);
        if caller == self.caller {
            return Ok(());
        }
        self.write(caller)?;
        self.tally.make_room(self.now)
    }

    /// Whoever holds a token is known by that, and not by what is written down.
    fn write(&self, caller: Caller) -> Result<(), Fault> {
        if self.who == Count::Bearers.name() {
            return self.tally.set_count(Count::Bearers, caller.tries);
        }
        self.tally.write(&self.who, &caller)
    }
}

fn note_lockout(sql: &Sql, sub: &str, ground: &dyn Ground, now: u64) -> Result<(), Fault> {
    let kind = EventKind::Lockout;
    let event = Event {
        id: events::new_id(ground, now)?,
        kind: kind.as_str().to_owned(),
        at: now,
        sub: Some(sub.to_owned()),
        sid: None,
        client: None,
        by_admin: false,
        reuse: None,
        kid: None,
        profile: None,
    };
    Events(sql).put(kind.weight(), &event)
}

impl AccountKeeper {
    /// What an attempt is judged by.
    pub(super) fn attempts(self: &Rc<Self>, door: Door) -> Result<Attempts, Fault> {
        Ok(Attempts {
            ground: Rc::clone(&self.ground),
            limits: self.ground.config()?.login_limits,
            door,
            now: self.now(),
        })
    }

    /// What an attempt has left behind is looked after: its events are delivered after the answer, and the
    /// alarm deletes its row. Called in the turn of the transaction, so that the alarm is committed with it.
    pub(super) async fn look_after_attempts(self: &Rc<Self>) -> Result<(), Fault> {
        let sql = Sql::of(&self.tables);
        if !sql.has_tables()? {
            return Ok(());
        }
        if let Some(at) = Tally(&sql).sweep_due()? {
            self.arm(at).await?;
        }
        if events_due(&sql, &*self.ground, self.now())?.is_some() {
            let keeper = Rc::clone(self);
            self.ground.go_on(Box::pin(async move {
                if let Err(fault) = keeper.deliver_or_retry().await {
                    log::error("account", &fault.during("events").to_string());
                }
            }));
        }
        Ok(())
    }

    async fn deliver_or_retry(&self) -> Result<(), Fault> {
        let delivered = self.deliver_events().await;
        if delivered.is_err() {
            self.rearm().await?;
        }
        delivered
    }

    /// Tells the directory everything that waits.
    pub(super) async fn deliver_events(&self) -> Result<(), Fault> {
        let sql = Sql::of(&self.tables);
        if sql.has_tables()? {
            Events(&sql).deliver_all(&*self.ground).await?;
        }
        Ok(())
    }

    /// Deletes what does not matter any more.
    pub(super) fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        self.in_tables(move |sql| Tally(sql).sweep(now))
    }

    /// Forgets every failure and how much was mailed; who is known stays so.
    pub(super) fn unlock(&self) -> Result<(), Fault> {
        self.in_tables(|sql| Tally(sql).unlock())
    }

    fn in_tables(
        &self,
        change: impl FnOnce(&Sql) -> Result<(), Fault> + 'static,
    ) -> Result<(), Fault> {
        if !Sql::of(&self.tables).has_tables()? {
            return Ok(());
        }
        transaction(&self.tables, change)
    }
}

/// When the directory is to be told what it was not. The tables are there.
pub(super) fn events_due(sql: &Sql, ground: &dyn Ground, now: u64) -> Result<Option<u64>, Fault> {
    Events(sql).retry_at(ground, now)
}
