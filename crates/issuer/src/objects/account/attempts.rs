//! Who has tried this address's password how often, and what follows.
//!
//! Each caller has a row, and all who are not known have one together. A row is written with the
//! answer that it follows from, in one transaction, and deleted when nothing of it matters any more.
//! An address that nobody has is counted like any other.

use std::rc::Rc;

use hallpass_core::attempts::{
    Caller, Limits, MOST_CALLERS, MOST_KNOWN, Tries, Verdict, succeeded,
};
use hallpass_core::event::EventKind;

use super::AccountKeeper;
use super::proofs::{Count, Proofs};
use super::stub::Door;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::{Row, Sql, integer, transaction};
use crate::log;
use crate::objects::directory::Event;
use crate::objects::events::{self, Events};

/// The row of all callers together that are not known. No address is spelled so.
const STRANGERS: &str = "*";

/// The row of whoever holds a token.
const BEARER: &str = "bearer";

/// An attempt that may be made: what is known of whoever makes it.
pub(super) struct Attempt<'a> {
    limits: Limits,
    rows: Rows<'a>,
    who: String,
    caller: Caller,
    strangers: Tries,
    now: u64,
}

impl<'a> Attempt<'a> {
    /// Decides on an attempt, by [`Limits::decide`]. `Err`: it has to wait so many seconds.
    pub(super) fn begin(
        sql: &'a Sql,
        limits: Limits,
        door: &Door,
        now: u64,
    ) -> Result<Result<Self, u64>, Fault> {
        let rows = Rows(sql);
        let strangers = rows.caller(STRANGERS)?.tries;
        let (who, caller, seen) = match door {
            Door::SignIn { caller, braked } => {
                let seen = if *braked {
                    strangers.braked(now)
                } else {
                    strangers
                };
                (caller.as_str(), rows.caller(caller)?, seen)
            }
            Door::Bearer => {
                let known_until = u64::MAX;
                let tries = rows.caller(BEARER)?.tries;
                (BEARER, Caller { tries, known_until }, strangers)
            }
        };
        Ok(match limits.decide(&caller, &seen, now) {
            Verdict::Wait(seconds) => Err(seconds),
            Verdict::Check => Ok(Self {
                limits,
                rows,
                who: who.to_owned(),
                caller,
                strangers,
                now,
            }),
        })
    }

    /// The password was wrong. `sub`: whose it would have been; what happens to an address that nobody
    /// has is no event.
    pub(super) fn failed(self, sub: Option<&str>, ground: &dyn Ground) -> Result<(), Fault> {
        let Self {
            limits, rows, now, ..
        } = self;
        let failed = limits.failed(&self.caller, &self.strangers, now);
        rows.0.create_tables()?;
        rows.write(&self.who, &failed.caller)?;
        if failed.account != self.strangers {
            let strangers = Caller {
                tries: failed.account,
                known_until: 0,
            };
            rows.write(STRANGERS, &strangers)?;
        }
        rows.make_room(now)?;
        match sub.filter(|_| failed.lockout) {
            Some(sub) => note_lockout(rows.0, sub, ground, now),
            None => Ok(()),
        }
    }

    /// The password was right. The tables are there.
    pub(super) fn succeeded(self) -> Result<(), Fault> {
        let caller = succeeded(&self.caller, self.now);
        if caller == self.caller {
            return Ok(());
        }
        self.rows.write(&self.who, &caller)?;
        self.rows.make_room(self.now)
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
    /// What an attempt has left behind is looked after: its events are delivered after the answer, and the
    /// alarm deletes its row. Called in the turn of the transaction, so that the alarm is committed with it.
    pub(super) async fn look_after_attempts(self: &Rc<Self>) -> Result<(), Fault> {
        let sql = Sql::of(&self.tables);
        if !sql.has_tables()? {
            return Ok(());
        }
        if let Some(at) = sweep_due(&sql)? {
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
        self.change_rows(move |sql| Rows(sql).sweep(now))
    }

    /// Forgets every failure, wrong codes among them; who is known stays so.
    pub(super) fn unlock(&self) -> Result<(), Fault> {
        self.change_rows(|sql| {
            Rows(sql).unlock()?;
            Proofs(sql).forget_count(Count::WrongCodes)
        })
    }

    fn change_rows(
        &self,
        change: impl FnOnce(&Sql) -> Result<(), Fault> + 'static,
    ) -> Result<(), Fault> {
        if !Sql::of(&self.tables).has_tables()? {
            return Ok(());
        }
        transaction(&self.tables, change)
    }
}

/// When a row is to be deleted. The tables are there.
pub(super) fn sweep_due(sql: &Sql) -> Result<Option<u64>, Fault> {
    let row = sql.row("SELECT min(over_at) FROM tries", vec![])?;
    row.map_or(Ok(None), |row| row.optional(0, Row::integer))
}

/// When the directory is to be told what it was not. The tables are there.
pub(super) fn events_due(sql: &Sql, ground: &dyn Ground, now: u64) -> Result<Option<u64>, Fault> {
    Events(sql).retry_at(ground, now)
}

/// Nobody who has tried this address's password, known or not, is remembered.
pub(super) fn forget_all(sql: &Sql) -> Result<(), Fault> {
    sql.run("DELETE FROM tries", vec![])
}

/// The table `tries`.
struct Rows<'a>(&'a Sql);

impl Rows<'_> {
    fn caller(&self, who: &str) -> Result<Caller, Fault> {
        if !self.0.has_tables()? {
            return Ok(Caller::default());
        }
        let statement = "SELECT forgotten_at, not_before, known_until FROM tries WHERE who = ?";
        let Some(row) = self.0.row(statement, vec![who.into()])? else {
            return Ok(Caller::default());
        };
        Ok(Caller {
            tries: Tries {
                forgotten_at: row.integer(0)?,
                not_before: row.integer(1)?,
            },
            known_until: row.integer(2)?,
        })
    }

    /// Whoever holds a token is known by that, and not by what is written down.
    fn write(&self, who: &str, caller: &Caller) -> Result<(), Fault> {
        let known_until = if who == BEARER { 0 } else { caller.known_until };
        let stored = Caller {
            known_until,
            ..*caller
        };
        self.0.run(
            "INSERT OR REPLACE INTO tries (who, forgotten_at, not_before, known_until, over_at)
             VALUES (?, ?, ?, ?, ?)",
            vec![
                who.into(),
                integer(stored.tries.forgotten_at),
                integer(stored.tries.not_before),
                integer(known_until),
                integer(stored.over_at()),
            ],
        )
    }

    /// Where there are too many, those give way that are over first: see [`MOST_CALLERS`],
    /// [`MOST_KNOWN`].
    fn make_room(&self, now: u64) -> Result<(), Fault> {
        for (which, most) in [("<=", MOST_CALLERS), (">", MOST_KNOWN)] {
            let give_way = format!(
                "DELETE FROM tries WHERE who IN (SELECT who FROM tries
                 WHERE known_until {which} ? AND who NOT IN ('{STRANGERS}', '{BEARER}')
                 ORDER BY over_at DESC LIMIT -1 OFFSET {most})"
            );
            self.0.run(&give_way, vec![integer(now)])?;
        }
        Ok(())
    }

    fn sweep(&self, now: u64) -> Result<(), Fault> {
        let statement = "DELETE FROM tries WHERE over_at <= ?";
        self.0.run(statement, vec![integer(now)])
    }

    fn unlock(&self) -> Result<(), Fault> {
        self.0
            .run("DELETE FROM tries WHERE known_until = 0", vec![])?;
        let forget = "UPDATE tries SET forgotten_at = 0, not_before = 0, over_at = known_until";
        self.0.run(forget, vec![])
    }
}
