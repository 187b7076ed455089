//! The object that administrators look at: who there is, what has happened, how often.
//!
//! A read model, fed by the subjects' objects and the keyring's (see their `events`). It may be behind and it may be
//! down: nothing waits for it, and nothing is ever decided by what it says.
//!
//! An event is taken once, by its id, in one transaction with what follows from it: the user's row
//! and the count of its day. It costs one row, its day one, and a login one more.
//!
//! **Who wants to be told** of urgent events is, see [`hook`].
//!
//! **What is kept**: events for [`EVENT_DAYS`] and not more than [`MOST_EVENTS`], counts for
//! [`COUNT_DAYS`], users until they are deleted; of these the subject and the standing stay.

mod hook;
mod line;
mod message;
mod store;
mod stub;

pub use message::Event;
pub(crate) use message::{Day, EventQuery, ReuseFacts, UserPage, UserQuery};
pub(crate) use stub::DirectoryStub;

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::worker_sys::DurableObjectState;

use self::message::Command;
use self::store::Directory;
use super::alarm::Alarm;
use super::outbox::{FIRST_RETRY, LONGEST_RETRY, Telling};
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

/// How often it is looked what can go, in seconds.
const SWEEP_EVERY: u64 = 6 * 3600;

/// A day, in seconds.
const DAY: u64 = 86_400;

/// See the module.
#[wasm_bindgen]
pub struct DirectoryObject(Rc<Inner>);

struct Inner {
    ground: Rc<dyn Ground>,
    tables: Rc<Tables>,
    alarm: Alarm,
    /// The hook's receiver is being told.
    posting: Telling,
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
            alarm: Alarm::default(),
            posting: Telling::default(),
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
        call::went_off(async move { object.went_off().await })
    }
}

impl Inner {
    async fn carry_out(self: &Rc<Self>, command: Command) -> Result<String, Fault> {
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

    async fn record(self: &Rc<Self>, events: Vec<Event>) -> Result<String, Fault> {
        #[cfg(feature = "faults")]
        crate::faults::before_record()?;
        self.alarm.recall(&*self.ground).await?;
        let (config, now) = (self.ground.config()?, self.ground.seconds());
        let has_hook = config.events_webhook.is_some();
        let Taken { events, queued } =
            self.change(move |directory| Taken::by(directory, events, has_hook, now))?;
        line::tell(&events, config.log_requests);
        // Nothing may be awaited between the transaction and the alarm: one turn, one commit.
        if queued {
            self.alarm.set(&*self.ground, now + FIRST_RETRY).await?;
        } else if self.alarm.standing(&*self.ground).is_none() {
            self.rearm().await?;
        }
        if queued {
            let object = Rc::clone(self);
            let post = async move { object.post_due().await };
            self.ground.go_on(Box::pin(post));
        }
        call::answer(&())
    }

    /// The alarm: deletes what can go, posts what is due, and sets the next alarm. It catches every
    /// fault, for a handler that fails is tried a few times and then never again; but one that could
    /// not even set the next alarm has to fail.
    async fn went_off(&self) -> Result<(), Fault> {
        self.alarm.went_off();
        if let Err(fault) = self.sweep() {
            log::error("directory", &fault.to_string());
        }
        self.post_due().await;
        if let Err(fault) = self.rearm().await {
            log::error("directory", &fault.to_string());
            let soon = self.ground.seconds() + LONGEST_RETRY;
            self.alarm.set(&*self.ground, soon).await?;
        }
        Ok(())
    }

    /// Sets the alarm for what is to be done next.
    async fn rearm(&self) -> Result<(), Fault> {
        let at = self.look(|directory| self.due(directory))?;
        self.alarm.set(&*self.ground, at).await
    }

    fn due(&self, directory: &Directory<'_>) -> Result<u64, Fault> {
        let now = self.ground.seconds();
        let sweep = directory.next_sweep()?.unwrap_or(now + SWEEP_EVERY);
        let has_hook = self.ground.config()?.events_webhook.is_some();
        let post = match directory.hook().filter(|_| has_hook) {
            Some(hook) => hook.next_due()?,
            None => None,
        };
        let next = post.into_iter().fold(sweep, u64::min);
        Ok(next.max(now + FIRST_RETRY))
    }

    fn look<A>(&self, at: impl FnOnce(&Directory<'_>) -> Result<A, Fault>) -> Result<A, Fault> {
        let sql = Sql::of(&self.tables);
        at(&Directory::open(&sql)?)
    }

    /// Deletes what can go, if it was not looked for lately.
    fn sweep(&self) -> Result<(), Fault> {
        let now = self.ground.seconds();
        let next = self.look(|directory: &Directory<'_>| directory.next_sweep())?;
        if next.is_some_and(|at| now < at) {
            return Ok(());
        }
        self.change(move |directory| directory.sweep(now))
    }

    fn change<T: 'static>(
        &self,
        at: impl FnOnce(&Directory<'_>) -> Result<T, Fault> + 'static,
    ) -> Result<T, Fault> {
        Sql::of(&self.tables).has_tables()?;
        transaction(&self.tables, move |sql| at(&Directory::create(sql)?))
    }
}

/// What came of a delivery.
struct Taken {
    /// The events that were not known yet.
    events: Vec<Event>,
    /// Some of them wait for the hook.
    queued: bool,
}

impl Taken {
    fn by(
        directory: &Directory<'_>,
        delivered: Vec<Event>,
        has_hook: bool,
        now: u64,
    ) -> Result<Self, Fault> {
        let hook = directory.hook().filter(|_| has_hook);
        let (mut events, mut queued) = (Vec::new(), false);
        for event in delivered {
            if directory.take(&event)? {
                queued |= match &hook {
                    Some(hook) => hook.queue(&event, now)?,
                    None => false,
                };
                events.push(event);
            }
        }
        Ok(Self { events, queued })
    }
}
