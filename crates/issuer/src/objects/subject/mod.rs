//! The object of a subject: all its sessions, and what holds for all of them.
//!
//! Every command of one subject comes here, so that sign-in, refresh, list, end-one and end-all of
//! one subject come one after the other.
//!
//! **Where atomicity comes from.** A command reads, lets the core decide and writes inside one
//! [`transaction`], which takes back everything when any part of it fails. The alarm is set in the
//! same turn of the event loop, so it is committed with it or not at all; the answer leaves only
//! when both are on disk. What waits (the blacklist, the alarm's answer) waits after that.
//!
//! **What lives in memory** follows from what is stored: whether the object has looked at its
//! storage since it woke, the time of its alarm, which sessions have unpublished ids, the latest
//! second it has seen.
//!
//! **Its clock** is the later of the machine's and the latest second it has written down, since
//! objects move between machines whose clocks differ.

#![expect(
    missing_docs,
    reason = "the macro writes methods that it does not document"
)]

mod decide;
mod ending;
mod events;
mod exchange;
pub(crate) mod message;
mod outbox;
mod sessions;
mod store;
mod stub;

pub(crate) use stub::SubjectStub;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use worker::{DurableObject, Env, Request, Response, State, durable_object};

use self::decide::{Aftermath, Scene};
use self::message::{Change, Command, MoveName};
use self::store::Store;
use super::alarm::Alarm;
use super::call;
use super::outbox::{FIRST_RETRY, Telling};
use crate::adapters::clock;
use crate::adapters::storage_sql::{Sql, transaction};
use crate::config::Config;
use crate::fault::Fault;

/// See the module.
#[durable_object]
pub struct SubjectObject(Rc<Inner>);

struct Inner {
    state: State,
    env: Env,
    /// The object has looked at its storage since it woke.
    awake: Cell<bool>,
    alarm: Alarm,
    /// The tables were found.
    tables: Cell<bool>,
    /// The latest second seen.
    seen: Cell<u64>,
    telling: Telling,
    /// Sessions with spent ids that the blacklist may lack: those that rotated since the object
    /// woke. The alarm looks for all there are.
    unpublished: RefCell<BTreeSet<String>>,
    /// Not before this second are spent ids tried again by the alarm.
    spent_not_before: Cell<u64>,
    /// The directory is being told.
    delivering: Cell<bool>,
}

impl DurableObject for SubjectObject {
    fn new(state: State, env: Env) -> Self {
        Self(Rc::new(Inner {
            state,
            env,
            awake: Cell::new(false),
            alarm: Alarm::default(),
            tables: Cell::new(false),
            seen: Cell::new(0),
            telling: Telling::default(),
            unpublished: RefCell::default(),
            spent_not_before: Cell::new(0),
            delivering: Cell::new(false),
        }))
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let inner = Rc::clone(&self.0);
        call::serve(request, async move |command| {
            inner.wake().await?;
            inner.rearm().await?;
            inner.carry_out(command).await
        })
        .await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        if let Err(fault) = self.0.wake().await {
            crate::log::error("wake", &fault.to_string());
        }
        self.0.alarm().await;
        Response::empty()
    }
}

impl Inner {
    async fn carry_out(self: &Rc<Self>, command: Command) -> Result<String, Fault> {
        match command {
            Command::Check(check) => self.look(|scene| scene.check(&check)),
            Command::List => self.look(|scene: &Scene<'_>| scene.list()),
            Command::Describe => self.look(|scene: &Scene<'_>| scene.describe()),
            Command::Change(change) => self.change(change).await,
        }
    }

    /// Nothing is written, so it takes no transaction.
    fn look<A: serde::Serialize>(
        &self,
        at: impl FnOnce(&Scene<'_>) -> Result<A, Fault>,
    ) -> Result<String, Fault> {
        let (config, sql, now) = (self.config()?, Sql::of(&self.state.storage()), self.now());
        let store = Store::open(&sql, &self.tables)?;
        call::answer(&at(&Scene {
            store,
            config: &config,
            now,
        })?)
    }

    async fn change(self: &Rc<Self>, change: Change) -> Result<String, Fault> {
        let (inner, config, now) = (Rc::clone(self), self.config()?, self.now());
        let deletes = matches!(&change, Change::Stand(stand) if stand.to == MoveName::Delete);
        let (answer, aftermath) = transaction(&self.state.storage(), move |sql| {
            let store = Store::open(sql, &inner.tables)?;
            let mut scene = Scene {
                store,
                config: &config,
                now,
            };
            match change {
                Change::Open(open) => answered(scene.open(&open)?),
                Change::Present(present) => answered(scene.present(&present)?),
                Change::GiveBack(give_back) => answered(scene.give_back(&give_back)?),
                Change::EndOne(end_one) => answered(scene.end_one(&end_one)?),
                Change::RevokeOne(revoke) => answered(((), scene.revoke_one(&revoke)?)),
                Change::Serve(serve) => answered(scene.serve(&serve)?),
                Change::RevokeId(revoke) => answered(scene.revoke_id(&revoke)?),
                Change::Stand(stand) => answered(scene.stand(&stand)?),
                Change::EndAll(end_all) => answered(((), scene.end_all(&end_all)?)),
            }
        })?;
        // Nothing may be awaited between the transaction and the alarm: one turn, one commit.
        let retry = aftermath.outbox.then(|| now + FIRST_RETRY);
        if let Some(at) = retry.into_iter().chain(aftermath.sweep_at).min() {
            self.arm(at).await?;
        }
        self.unpublished.borrow_mut().extend(aftermath.spent);
        if aftermath.outbox || aftermath.events {
            let inner = Rc::clone(self);
            self.state.wait_until(async move { inner.flush().await });
        }
        if deletes {
            self.be_forgotten().await;
        }
        Ok(answer)
    }

    /// Once after it woke, the object reads what it has to remember.
    async fn wake(&self) -> Result<(), Fault> {
        if self.awake.get() {
            return Ok(());
        }
        self.alarm.recall(&self.state.storage()).await?;
        if self.awake.get() {
            return Ok(());
        }
        let last_seen = Store::open(&Sql::of(&self.state.storage()), &self.tables)?.last_seen()?;
        self.seen.set(last_seen.max(self.seen.get()));
        self.awake.set(true);
        Ok(())
    }

    /// Work and its alarm are committed together, so where an alarm stands there is nothing to look
    /// for. Where none does, one may have been given up by the runtime after too many failures.
    async fn rearm(&self) -> Result<(), Fault> {
        if self.alarm.standing().is_some() {
            return Ok(());
        }
        match self.next_alarm()? {
            Some(at) => self.arm(at).await,
            None => Ok(()),
        }
    }

    fn config(&self) -> Result<Rc<Config>, Fault> {
        Config::of(&self.env).map_err(|_| Fault::new("the settings are unusable"))
    }

    /// The object's clock, seconds. It never goes back.
    fn now(&self) -> u64 {
        let now = clock::seconds().max(self.seen.get());
        self.seen.set(now);
        now
    }
}

fn answered<A: serde::Serialize>(
    (answer, aftermath): (A, Aftermath),
) -> Result<(String, Aftermath), Fault> {
    Ok((call::answer(&answer)?, aftermath))
}
