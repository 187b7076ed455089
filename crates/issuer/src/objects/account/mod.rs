//! The object of an e-mail address: one password and whose it is.
//!
//! Registration, sign-in and change of one address come one after the other here, so an address is
//! registered once however many ask, and a password is checked against one version of itself.
//!
//! The hashing runs here and not in the Worker in front: its 19 MiB and its time belong to one
//! address's object.
//!
//! **Where atomicity comes from.** A command reads, decides and writes inside one
//! [`transaction`](crate::ground::sql::transaction), without an `.await`; the alarm is set in the same
//! turn of the event loop, so it is committed with it or not at all.
//!
//! **Its parts** have a file each, and share the one alarm an object has. A part says when it is
//! [due](AccountKeeper::due), which follows from what it has stored, and does then what there is to
//! do; the alarm goes off at the earliest. So a part that is added adds one line to each of these two,
//! and what was committed before its alarm was set is found when the object wakes.

mod attempts;
mod factor;
mod import;
mod mail;
mod password;
mod proofs;
mod reset;
mod store;
mod stub;
mod tries;

pub(crate) use stub::{
    AccountStub, Changed, Chosen, Coded, Door, Dropped, Import, Imported, Owner, Registered,
    Registration, Reset, Verified,
};

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::worker_sys::DurableObjectState;

use self::stub::Command;
use self::tries::Tally;
use super::alarm::Alarm;
use super::{call, probe};
use crate::adapters::ground_worker::OnWorker;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::schema::Tables;
use crate::ground::sql::Sql;
use crate::log;

/// How long after a fault of its alarm the object tries again, in seconds.
const RETRY: u64 = 30;

/// See the module.
#[wasm_bindgen]
pub struct AccountObject(Rc<AccountKeeper>);

struct AccountKeeper {
    ground: Rc<dyn Ground>,
    tables: Rc<Tables>,
    env: Env,
    alarm: Alarm,
    /// The object has looked at its storage since it woke.
    awake: Cell<bool>,
}

#[wasm_bindgen]
impl AccountObject {
    /// As the runtime makes it.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let ground = OnWorker::ground(state, env.clone());
        Self(Rc::new(AccountKeeper {
            tables: Tables::on(&ground, store::STEPS),
            ground,
            env,
            alarm: Alarm::default(),
            awake: Cell::new(false),
        }))
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

impl AccountKeeper {
    /// Carries out a command, as it is sent.
    async fn answer(self: &Rc<Self>, command: &str) -> Result<String, Fault> {
        let command = serde_json::from_str(command)?;
        self.wake().await?;
        self.carry_out(command).await
    }

    async fn carry_out(self: &Rc<Self>, command: Command) -> Result<String, Fault> {
        match command {
            Command::Register(registration) => call::answer(&self.register(registration)?),
            Command::Import(import) => call::answer(&self.import(import)?),
            Command::Exists => call::answer(&self.exists()?),
            Command::Verify { door, password } => call::answer(&self.verify(door, password).await?),
            Command::Unlock => call::answer(&self.unlock()?),
            Command::ChangePassword { old, new } => call::answer(&self.change(old, new).await?),
            Command::TakeCode { credential, code } => {
                call::answer(&self.take_code(credential, code)?)
            }
            Command::HasChosenFactor => call::answer(&self.has_chosen()?),
            Command::ChooseFactor { password, code } => {
                call::answer(&self.choose(password, code).await?)
            }
            Command::DropFactor(password) => call::answer(&self.drop_choice(password).await?),
            Command::AskForReset => call::answer(&self.ask_for_reset()),
            Command::Reset { hash, password } => call::answer(&self.reset(hash, password).await?),
            Command::Probe => call::answer(&probe::probe(&*self.ground, &self.tables)?),
            Command::Forget(sub) => call::answer(&self.forget(sub)?),
        }
    }

    /// Once after it woke, the object looks whether something waits whose alarm was not set any more
    /// when the machine died, or was given up by the runtime.
    async fn wake(&self) -> Result<(), Fault> {
        if self.awake.get() {
            return Ok(());
        }
        self.alarm.recall(&*self.ground).await?;
        if !self.awake.replace(true) {
            self.rearm().await?;
        }
        Ok(())
    }

    /// The alarm: every part does what is due. It catches every fault, for a handler that fails is
    /// tried a few times and then never again; but one that could not even set the next alarm has to
    /// fail.
    async fn went_off(&self) -> Result<(), Fault> {
        self.alarm.went_off();
        self.awake.set(true);
        let parts = [
            ("announce", self.announce().await),
            ("events", self.deliver_events().await),
            ("sweep", self.sweep()),
            ("mail", self.send_mail().await),
        ];
        for (part, done) in parts {
            if let Err(fault) = done {
                log::error("account", &fault.during(part).to_string());
            }
        }
        if let Err(fault) = self.rearm().await {
            log::error("account", &fault.to_string());
            self.arm(self.now() + RETRY).await?;
        }
        Ok(())
    }

    /// When there is something to do next, seconds: the earliest of all parts.
    fn due(&self) -> Result<Option<u64>, Fault> {
        let sql = Sql::of(&self.tables);
        if !sql.has_tables()? {
            return Ok(None);
        }
        let parts = [
            password::due(&sql, self.now())?,
            attempts::events_due(&sql, &*self.ground, self.now())?,
            Tally(&sql).sweep_due()?,
            mail::due(&sql)?,
        ];
        Ok(parts.into_iter().flatten().min())
    }

    async fn rearm(&self) -> Result<(), Fault> {
        match self.due()? {
            Some(at) => self.arm(at).await,
            None => Ok(()),
        }
    }

    /// Has the alarm go off at that second, if it does not do so earlier. Without an `.await` between
    /// a transaction and this, both are committed as one.
    async fn arm(&self, at: u64) -> Result<(), Fault> {
        self.alarm.set(&*self.ground, at).await
    }

    /// The machine's clock, seconds.
    fn now(&self) -> u64 {
        self.ground.seconds()
    }
}
