//! The object that administrators look at: who there is, what has happened, how often.
//!
//! A read model, fed by the subjects' objects and the keyring's (see their `events`). It may be behind and it may be
//! down: nothing waits for it, and nothing is ever decided by what it says.
//!
//! An event is taken once, by its id, in one transaction with what follows from it: the user's row
//! and the count of its day. It costs one row, its day one, and a login one more.
//!
//! **What is kept**: events for [`EVENT_DAYS`] and not more than [`MOST_EVENTS`], counts for
//! [`COUNT_DAYS`], users until they are deleted; of these the subject and the standing stay.

mod line;
mod message;
mod store;
mod stub;

pub use message::Event;
pub(crate) use message::{Day, EventQuery, ReuseFacts, UserPage, UserQuery};
pub(crate) use stub::DirectoryStub;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::worker_sys::DurableObjectState;

use self::message::Command;
use self::store::Directory;
use super::{call, probe};
use crate::adapters::ground_worker::OnWorker;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::schema::Tables;
use crate::ground::sql::{Sql, transaction};
use crate::log;

/// For how long an event is kept, in days.
const EVENT_DAYS: u64 = 90;

/// How many events are kept after a sweep: at 300 bytes each, 30 MB of the 10 GB an object may hold.
const MOST_EVENTS: u64 = 100_000;

/// For how long the counts of a day are kept: a year can be compared with the year before.
const COUNT_DAYS: u64 = 750;

/// How often it is looked what can go.
const SWEEP_EVERY: Duration = Duration::from_hours(6);

/// A day, in seconds.
const DAY: u64 = 86_400;

/// See the module.
#[wasm_bindgen]
pub struct DirectoryObject(Rc<Inner>);

struct Inner {
    ground: Rc<dyn Ground>,
    tables: Rc<Tables>,
    /// The alarm is known to be set.
    armed: Cell<bool>,
}

#[wasm_bindgen]
impl DirectoryObject {
    /// As the runtime makes it.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let ground = OnWorker::ground(state, env);
        Self(Rc::new(Inner {
            tables: Tables::on(&ground, store::STEPS),
            ground,
            armed: Cell::new(false),
        }))
    }

    /// Carries out a command.
    pub fn ask(&self, command: String) -> Result<JsValue, JsValue> {
        let object = Rc::clone(&self.0);
        call::serve(async move { object.carry_out(serde_json::from_str(&command)?).await })
    }

    /// The alarm has gone off.
    pub fn alarm(&self) -> Result<JsValue, JsValue> {
        let object = Rc::clone(&self.0);
        call::went_off(async move {
            if let Err(fault) = object.sweep() {
                log::error("directory", &fault.to_string());
            }
            object.ground.set_alarm(SWEEP_EVERY).await
        })
    }
}

impl Inner {
    async fn carry_out(&self, command: Command) -> Result<String, Fault> {
        match command {
            Command::Probe => call::answer(&probe::probe(&*self.ground, &self.tables)?),
            Command::Record(events) => self.record(events).await,
            Command::Users(query) => call::answer(&self.look(|directory| directory.users(&query))?),
            Command::Events(query) => {
                call::answer(&self.look(|directory| directory.recent(&query))?)
            }
            Command::Days(days) => {
                let first = (self.ground.seconds() / DAY + 1).saturating_sub(days) * DAY;
                call::answer(&self.look(|directory| directory.days(first))?)
            }
        }
    }

    async fn record(&self, events: Vec<Event>) -> Result<String, Fault> {
        #[cfg(feature = "faults")]
        crate::faults::before_record()?;
        let taken = self.change(move |directory| {
            let take = |event: Event| Ok(directory.take(&event)?.then_some(event));
            events
                .into_iter()
                .filter_map(|event| take(event).transpose())
                .collect::<Result<Vec<_>, Fault>>()
        })?;
        line::tell(&taken, self.ground.config()?.log_requests);
        if !self.armed.replace(true) && self.ground.alarm().await?.is_none() {
            self.ground.set_alarm(SWEEP_EVERY).await?;
        }
        call::answer(&())
    }

    fn look<A>(&self, at: impl FnOnce(&Directory<'_>) -> Result<A, Fault>) -> Result<A, Fault> {
        let sql = Sql::of(&self.tables);
        at(&Directory::open(&sql)?)
    }

    fn sweep(&self) -> Result<(), Fault> {
        let today = self.ground.seconds();
        self.change(move |directory| {
            let since = |days: u64| today.saturating_sub(days * DAY);
            directory.sweep(since(EVENT_DAYS), MOST_EVENTS, since(COUNT_DAYS))
        })
    }

    fn change<T: 'static>(
        &self,
        at: impl FnOnce(&Directory<'_>) -> Result<T, Fault> + 'static,
    ) -> Result<T, Fault> {
        Sql::of(&self.tables).has_tables()?;
        transaction(&self.tables, move |sql| at(&Directory::create(sql)?))
    }
}
