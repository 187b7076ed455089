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
//! second it has seen, whether there may be something to tell. Only which spent ids the blacklist has
//! heard of is [written down later](spent), and told again where that was lost.
//!
//! **Its clock** is the later of the machine's and the latest second it has written down, since
//! objects move between machines whose clocks differ.

mod agenda;
mod decide;
mod ending;
mod events;
mod exchange;
mod foreign;
pub(crate) mod message;
mod outbox;
mod sessions;
mod sight;
mod spent;
mod store;
mod stub;

pub(crate) use stub::SubjectStub;

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::worker_sys::DurableObjectState;

use self::decide::{Aftermath, Scene};
use self::message::{Change, Command, MoveName};
use self::spent::Spent;
use self::store::Store;
use super::alarm::Alarm;
use super::outbox::{FIRST_RETRY, Telling};
use super::{call, probe};
use crate::adapters::ground_worker::OnWorker;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::schema::{Step, Tables};
use crate::ground::sql::{Sql, transaction};

/// See the module.
#[wasm_bindgen]
pub struct SubjectObject(Rc<SubjectKeeper>);

/// What the object of a subject does, wherever it stands.
pub struct SubjectKeeper {
    ground: Rc<dyn Ground>,
    /// The object has looked at its storage since it woke.
    awake: Cell<bool>,
    alarm: Alarm,
    tables: Rc<Tables>,
    /// The latest second seen.
    seen: Cell<u64>,
    telling: Telling,
    spent: Spent,
    /// The outbox may hold an entry that is due. The alarm looks anyway.
    entries: Cell<bool>,
    /// An event may wait. The alarm looks anyway.
    noted: Cell<bool>,
    /// The directory is being told.
    delivering: Cell<bool>,
}

#[wasm_bindgen]
impl SubjectObject {
    /// As the runtime makes it.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        Self(SubjectKeeper::on(OnWorker::ground(state, env)))
    }

    /// Carries out a command.
    pub fn ask(&self, command: String) -> Result<JsValue, JsValue> {
        let keeper = Rc::clone(&self.0);
        call::serve(async move { keeper.answer(&command).await })
    }

    /// The alarm has gone off.
    pub fn alarm(&self) -> Result<JsValue, JsValue> {
        let keeper = Rc::clone(&self.0);
        call::went_off(async move { keeper.went_off().await })
    }
}

impl SubjectKeeper {
    /// The steps that its tables have taken up to this release.
    pub const STEPS: &'static [Step] = store::STEPS;

    /// An object that has just woken.
    #[must_use]
    pub fn on(ground: Rc<dyn Ground>) -> Rc<Self> {
        Self::of_release(ground, Self::STEPS)
    }

    /// The same, of a release whose tables have taken these steps.
    #[must_use]
    pub fn of_release(ground: Rc<dyn Ground>, steps: &'static [Step]) -> Rc<Self> {
        Rc::new(Self {
            tables: Tables::on(&ground, steps),
            ground,
            awake: Cell::new(false),
            alarm: Alarm::default(),
            seen: Cell::new(0),
            telling: Telling::default(),
            spent: Spent::default(),
            entries: Cell::new(true),
            noted: Cell::new(true),
            delivering: Cell::new(false),
        })
    }

    /// Carries out a command, as it is sent.
    pub async fn answer(self: &Rc<Self>, command: &str) -> Result<String, Fault> {
        let command = serde_json::from_str(command)?;
        self.wake().await?;
        self.rearm().await?;
        self.carry_out(command).await
    }

    /// Does what is due when the alarm has gone off. Where it fails, the alarm has to go off again.
    pub async fn went_off(self: &Rc<Self>) -> Result<(), Fault> {
        if let Err(fault) = self.wake().await {
            crate::log::error("wake", &fault.to_string());
        }
        self.alarm().await
    }

    async fn carry_out(self: &Rc<Self>, command: Command) -> Result<String, Fault> {
        match command {
            Command::Check(check) => self.look(|scene| scene.check(&check)),
            Command::List => self.look(|scene: &Scene<'_>| scene.list()),
            Command::Describe => self.look(|scene: &Scene<'_>| scene.describe()),
            Command::Change(change) => self.change(change).await,
            Command::Probe => call::answer(&probe::probe(&*self.ground, &self.tables)?),
        }
    }

    /// Nothing is written, so it takes no transaction.
    fn look<A: serde::Serialize>(
        &self,
        at: impl FnOnce(&Scene<'_>) -> Result<A, Fault>,
    ) -> Result<String, Fault> {
        let (config, sql, now) = (self.ground.config()?, Sql::of(&self.tables), self.now());
        let store = Store::open(&sql)?;
        call::answer(&at(&Scene {
            store,
            ground: &*self.ground,
            config: &config,
            now,
        })?)
    }

    async fn change(self: &Rc<Self>, change: Change) -> Result<String, Fault> {
        let (keeper, config, now) = (Rc::clone(self), self.ground.config()?, self.now());
        let deletes = matches!(&change, Change::Stand(stand) if stand.to == MoveName::Delete);
        let (answer, aftermath) = transaction(&self.tables, move |sql| {
            let store = Store::open(sql)?;
            let mut scene = Scene {
                store,
                ground: &*keeper.ground,
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
                Change::RevokeForeign(revoke) => answered(scene.revoke_foreign(&revoke)?),
                Change::Enrol(enrol) => answered(scene.enrol(&enrol)?),
                Change::Withdraw(enrol) => answered(scene.withdraw(&enrol)?),
                Change::Stand(stand) => answered(scene.stand(&stand)?),
                Change::EndAll(end_all) => answered(((), scene.end_all(&end_all)?)),
            }
        })?;
        let untold = aftermath.outbox || aftermath.spent.is_some();
        if aftermath.outbox {
            self.spent.doubt();
        }
        if let Some(lacking) = aftermath.spent {
            self.spent.note(lacking);
        }
        self.entries.set(self.entries.get() || aftermath.outbox);
        self.noted.set(self.noted.get() || aftermath.events);
        // Nothing may be awaited between the transaction and the alarm: one turn, one commit.
        let retry = untold.then(|| now + FIRST_RETRY);
        if let Some(at) = retry.into_iter().chain(aftermath.sweep_at).min() {
            self.arm(at).await?;
        }
        if untold || aftermath.events {
            let keeper = Rc::clone(self);
            let flush = async move {
                keeper.flush().await;
                keeper.tell_spent().await;
            };
            self.ground.go_on(Box::pin(flush));
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
        self.alarm.recall(&*self.ground).await?;
        if self.awake.get() {
            return Ok(());
        }
        let sql = Sql::of(&self.tables);
        let store = Store::open(&sql)?;
        let agenda = store.agenda()?;
        let last_seen = agenda.last_seen;
        if agenda.due.is_some()
            && let Some(outbox) = store.outbox()
        {
            outbox.woke(self.ground.seconds().max(last_seen))?;
        }
        self.seen.set(last_seen.max(self.seen.get()));
        self.entries.set(agenda.due.is_some());
        self.noted.set(agenda.event.is_some());
        self.awake.set(true);
        // Where the program died between the two, what was decided is on disk without its alarm.
        if agenda.lacks_something() {
            self.arm(self.now() + FIRST_RETRY).await?;
        }
        Ok(())
    }

    /// Work and its alarm are committed together, so where an alarm stands there is nothing to look
    /// for. Where none does, one may have been given up by the runtime after too many failures.
    async fn rearm(&self) -> Result<(), Fault> {
        if self.alarm.standing(&*self.ground).is_some() {
            return Ok(());
        }
        match self.next_alarm()? {
            Some(at) => self.arm(at).await,
            None => Ok(()),
        }
    }

    /// The object's clock, seconds. It never goes back.
    fn now(&self) -> u64 {
        let now = self.ground.seconds().max(self.seen.get());
        self.seen.set(now);
        now
    }
}

fn answered<A: serde::Serialize>(
    (answer, aftermath): (A, Aftermath),
) -> Result<(String, Aftermath), Fault> {
    Ok((call::answer(&answer)?, aftermath))
}
