//! An object's alarm: there is one, and setting it is paid for as a row written.

use std::cell::Cell;
use std::time::Duration;

use worker::Storage;

use crate::adapters::clock;
use crate::fault::Fault;

/// An alarm that should have gone off so many seconds ago was given up by the runtime.
const GIVEN_UP: u64 = 120;

/// What the object remembers of its alarm while it is awake.
#[derive(Default)]
pub(super) struct Alarm {
    /// It has looked since it woke.
    known: Cell<bool>,
    /// When it goes off, seconds; `None`: it is not set.
    at: Cell<Option<u64>>,
}

impl Alarm {
    /// Looks once after the object woke whether the alarm is set.
    pub(super) async fn recall(&self, storage: &Storage) -> Result<(), Fault> {
        if self.known.get() {
            return Ok(());
        }
        let at = storage.get_alarm().await?;
        if !self.known.replace(true) {
            self.at.set(at.and_then(|at| u64::try_from(at / 1000).ok()));
        }
        Ok(())
    }

    /// It has gone off, so it is not set any more.
    pub(super) fn went_off(&self) {
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::Alarm);
        self.at.set(None);
    }

    /// When it goes off, if it is set. One that is long overdue will not.
    pub(super) fn standing(&self) -> Option<u64> {
        let given_up = clock::seconds().saturating_sub(GIVEN_UP);
        self.at.get().filter(|at| *at > given_up)
    }

    /// Sets it, if it is not set as early. Its first poll is the call, so without an `.await` before
    /// it the alarm is committed with what was just written.
    pub(super) async fn set(&self, storage: &Storage, at: u64) -> Result<(), Fault> {
        if self.standing().is_some_and(|earlier| earlier <= at) {
            return Ok(());
        }
        self.at.set(Some(at));
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::AlarmSet);
        let wait = at
            .saturating_mul(1000)
            .saturating_sub(clock::milliseconds());
        let wait = Duration::from_millis(wait);
        #[cfg(feature = "faults")]
        let Some(wait) = crate::faults::alarm_after(wait) else {
            return Ok(());
        };
        let set = storage.set_alarm(wait).await;
        // What was not set must not keep a later one from being set.
        Ok(set.inspect_err(|_| self.at.set(None))?)
    }
}
