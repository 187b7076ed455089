//! What an object stands on in a Worker.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use wasm_bindgen::{JsCast, JsValue};
use worker::worker_sys::DurableObjectState;
use worker::{Delay, Env, SqlStorage, SqlStorageValue, State, Storage};

use super::blacklist_kv::Entry;
use super::{blacklist_kv, clock, entropy, storage_sql};
use crate::boundary;
use crate::config::Config;
use crate::fault::Fault;
use crate::ground::{Ground, Statement};
use crate::objects::account::AccountStub;
use crate::objects::directory::{DirectoryStub, Event};

/// An object of a Worker: its state and the Worker's bindings.
pub(crate) struct OnWorker {
    state: State,
    // Asked for once: each is an object of JavaScript, and a command runs several statements.
    storage: Storage,
    sql: SqlStorage,
    env: Env,
}

impl OnWorker {
    pub(crate) fn ground(state: DurableObjectState, env: Env) -> Rc<dyn Ground> {
        let state = State::from(state);
        let storage = state.storage();
        let sql = storage.sql();
        Rc::new(Self {
            state,
            storage,
            sql,
            env,
        })
    }

    fn raw(&self) -> &JsValue {
        self.storage.as_raw().unchecked_ref()
    }
}

impl Ground for OnWorker {
    fn config(&self) -> Result<Rc<Config>, Fault> {
        Config::of(&self.env).map_err(|_| Fault::new("the settings are unusable"))
    }

    fn milliseconds(&self) -> u64 {
        clock::milliseconds()
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        entropy::fill(bytes)
    }

    fn rows(
        &self,
        statement: Statement,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Vec<SqlStorageValue>>, Fault> {
        storage_sql::rows(&self.sql, &statement, bindings)
    }

    fn transaction(&self, steps: Box<dyn FnOnce() -> Result<(), Fault>>) -> Result<(), Fault> {
        storage_sql::transaction(&self.storage, steps)
    }

    fn alarm(&self) -> LocalBoxFuture<'_, Result<Option<u64>, Fault>> {
        Box::pin(async {
            let at = boundary::settled(boundary::alarm(self.raw())).await?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a date, and a cast of anything else is bounded"
            )]
            Ok(at.as_f64().map(|at| at as u64))
        })
    }

    fn set_alarm(&self, wait: Duration) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move {
            #[cfg(feature = "faults")]
            let Some(wait) = crate::faults::alarm_after(wait) else {
                return Ok(());
            };
            let set = boundary::set_alarm(self.raw(), wait.as_secs_f64() * 1000.0);
            boundary::settled(set).await.map(drop)
        })
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(Delay::from(time))
    }

    fn go_on(&self, work: LocalBoxFuture<'static, ()>) {
        self.state.wait_until(work);
    }

    fn put(&self, entry: Entry) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move { blacklist_kv::put(&self.env, &entry).await })
    }

    fn record(&self, events: Vec<Event>) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move { DirectoryStub::new(&self.env).record(events).await })
    }

    fn forget(&self, address: String, sub: String) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move { AccountStub::of(&self.env, &address).forget(sub).await })
    }
}
